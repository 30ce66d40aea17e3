use super::entry_id::EntryId;
use crate::attendance::Remark;
use crate::id::Id;
use crate::values::{Mark, words};

words! {
    /// What became of a mark that came from a device.
    pub enum Received {
        /// It is what the register says now.
        Stored = "stored",
        /// The register says so already.
        Same = "same",
        /// The register says something else that its writer had not seen: a person decides.
        Clash = "clash",
        /// The same device has sent a later one already.
        Superseded = "superseded",
    }
}

words! {
    /// Where an entry stands.
    pub enum EntryState {
        /// It says what the register says, and counts as long as the register does not change.
        With = "with",
        /// It counts by itself until somebody who has seen it says something else.
        Apart = "apart",
        /// Whoever came after it had seen it.
        Past = "past",
    }
}

/// Who wrote: an account on a device.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Writer {
    pub(super) account: Id,
    pub(super) device: String,
}

/// What a mark says, with what is said beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) mark: Mark,
    pub(super) remark: Remark,
}

/// A mark that came from a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) id: EntryId,
    pub(super) writer: Writer,
    /// Its place among all that the device has made.
    pub(super) place: i64,
    /// The clock of the register as it was known where the mark was made; none for one without a register.
    pub(super) seen: Option<i64>,
    /// The clock of the register when it arrived.
    pub(super) moment: i64,
    pub(super) said: Said,
    pub(super) state: EntryState,
    pub(super) result: Received,
}

/// What the register says of one person in one session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) said: Said,
    /// The clock of the register when it began to say so.
    pub(super) moment: i64,
}

/// Everything that is known of one mark.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Cell {
    pub(super) standing: Option<Standing>,
    pub(super) entries: Vec<Entry>,
}

impl Cell {
    /// Whether an entry counts: nobody who had seen it has said anything since.
    fn counts(&self, entry: &Entry) -> bool {
        let since = self.standing.as_ref().map_or(i64::MIN, |standing| standing.moment);
        match entry.state {
            EntryState::With => entry.moment >= since,
            EntryState::Apart => true,
            EntryState::Past => false,
        }
    }

    /// Whether the register says what this writer has said.
    fn is_of(&self, writer: &Writer) -> bool {
        let Some(standing) = &self.standing else { return false };
        let stored = |entry: &&Entry| entry.result == Received::Stored && entry.moment == standing.moment;
        self.entries.iter().filter(stored).any(|entry| entry.writer == *writer)
    }

    /// Takes an entry in. What comes of it, seen as a whole, does not depend on the order in which entries arrive: a value
    /// counts until somebody who knew it says something else, and what counts side by side is a clash.
    pub(super) fn receive(&mut self, mut entry: Entry) -> Received {
        let own = |other: &Entry| other.writer == entry.writer;
        if self.entries.iter().any(|other| own(other) && other.place > entry.place) {
            (entry.state, entry.result) = (EntryState::Past, Received::Superseded);
            self.entries.push(entry);
            return Received::Superseded;
        }
        let knows = |moment: i64| entry.seen.is_some_and(|seen| moment <= seen);
        let knows_standing =
            self.standing.as_ref().is_some_and(|standing| knows(standing.moment)) || self.is_of(&entry.writer);
        let counting: Vec<usize> = (0..self.entries.len()).filter(|at| self.counts(&self.entries[*at])).collect();
        for at in counting {
            let other = &self.entries[at];
            if own(other) || knows(other.moment) {
                self.entries[at].state = EntryState::Past;
            } else if knows_standing && other.said != entry.said {
                // What agreed with the register counts by itself once the register says something else.
                self.entries[at].state = EntryState::Apart;
            }
        }
        let agrees = self.standing.as_ref().is_some_and(|standing| standing.said == entry.said);
        (entry.state, entry.result) = if agrees {
            (EntryState::With, Received::Same)
        } else if knows_standing || self.standing.is_none() {
            self.standing = Some(Standing { said: entry.said.clone(), moment: entry.moment });
            (EntryState::With, Received::Stored)
        } else {
            (EntryState::Apart, Received::Clash)
        };
        let result = entry.result;
        self.entries.push(entry);
        result
    }

    /// The register was changed by somebody who saw what it said: whatever said the same is known to them.
    pub(super) fn change(&mut self, before: &Said, now: Standing) {
        for entry in self.entries.iter_mut().filter(|entry| entry.said == *before) {
            entry.state = EntryState::Past;
        }
        self.standing = Some(now);
    }

    /// Values that count beside what the register says, and differ from it.
    pub(super) fn beside(&self) -> Vec<&Entry> {
        let differs = |entry: &&Entry| self.standing.as_ref().is_none_or(|standing| standing.said != entry.said);
        self.entries.iter().filter(|entry| self.counts(entry)).filter(differs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(mark: Mark) -> Said {
        Said { mark, remark: Remark::default() }
    }

    fn entry(number: u8, device: &str, place: i64, seen: Option<i64>, mark: Mark) -> Entry {
        Entry {
            id: EntryId::parse(&format!("00000000-0000-4000-8000-0000000000{number:02}")).unwrap(),
            writer: Writer { account: Id::default(), device: device.to_owned() },
            place,
            seen,
            moment: 0,
            said: said(mark),
            state: EntryState::With,
            result: Received::Stored,
        }
    }

    /// Lets entries arrive one after another; what the register says, what counts beside it, and each result.
    fn arrive(entries: &[Entry]) -> (Mark, Vec<Mark>, Vec<Received>) {
        let mut cell = Cell::default();
        let results =
            entries.iter().zip(1..).map(|(entry, moment)| cell.receive(Entry { moment, ..entry.clone() })).collect();
        let mut beside: Vec<Mark> = cell.beside().into_iter().map(|entry| entry.said.mark).collect();
        beside.sort_unstable();
        (cell.standing.unwrap().said.mark, beside, results)
    }

    #[test]
    fn what_agrees_is_stored_once() {
        let (a, b) = (entry(1, "a", 1, None, Mark::Present), entry(2, "b", 1, None, Mark::Present));
        assert_eq!(arrive(&[a, b]), (Mark::Present, vec![], vec![Received::Stored, Received::Same]));
    }

    #[test]
    fn two_who_had_not_seen_one_another_clash_in_any_order() {
        let (a, b) = (entry(1, "a", 1, None, Mark::Present), entry(2, "b", 1, None, Mark::Absent));
        let results = vec![Received::Stored, Received::Clash];
        assert_eq!(arrive(&[a.clone(), b.clone()]), (Mark::Present, vec![Mark::Absent], results.clone()));
        assert_eq!(arrive(&[b, a]), (Mark::Absent, vec![Mark::Present], results));
    }

    #[test]
    fn a_device_corrects_itself_whichever_comes_first() {
        let (first, second) = (entry(1, "a", 1, None, Mark::Absent), entry(2, "a", 2, None, Mark::Late));
        let stored = vec![Received::Stored, Received::Stored];
        assert_eq!(arrive(&[first.clone(), second.clone()]), (Mark::Late, vec![], stored));
        let superseded = vec![Received::Stored, Received::Superseded];
        assert_eq!(arrive(&[second, first]), (Mark::Late, vec![], superseded));
    }

    #[test]
    fn whoever_has_seen_a_value_replaces_it() {
        let (a, b) = (entry(1, "a", 1, None, Mark::Absent), entry(2, "b", 1, Some(1), Mark::Sick));
        assert_eq!(arrive(&[a, b]), (Mark::Sick, vec![], vec![Received::Stored, Received::Stored]));
    }

    #[test]
    fn a_clash_is_over_when_its_writer_comes_round() {
        let (a, b) = (entry(1, "a", 1, None, Mark::Present), entry(2, "b", 1, None, Mark::Absent));
        let round = entry(3, "b", 2, None, Mark::Present);
        let results = vec![Received::Stored, Received::Clash, Received::Same];
        assert_eq!(arrive(&[a, b, round]), (Mark::Present, vec![], results));
    }

    #[test]
    fn who_agreed_with_a_value_still_says_so_when_another_changes_it() {
        let (a, c) = (entry(1, "a", 1, None, Mark::Present), entry(2, "c", 1, None, Mark::Present));
        let changed = entry(3, "a", 2, None, Mark::Sick);
        let (stands, beside, _) = arrive(&[a, c, changed]);
        assert_eq!((stands, beside), (Mark::Sick, vec![Mark::Present]));
    }
}
