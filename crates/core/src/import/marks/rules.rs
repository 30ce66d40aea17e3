use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, NaiveDate};

use super::super::source::{Cell, Day, Digits, Field, SourceRow, digits};
use crate::class::Class;
use crate::enrollment::Enrolled;
use crate::error::{Code, codes};
use crate::id::Id;
use crate::participant::Person;
use crate::session::{Session, SessionState};
use crate::values::{Mark, Nisn, search_name};

/// What a cell of a paper list says: nothing, a mark, or something that is none.
pub(super) fn mark(cell: &Cell) -> Result<Option<Mark>, &'static Code> {
    let Cell::Text(text) = cell else {
        return match cell {
            Cell::Empty => Ok(None),
            Cell::Fault(_) => Err(&codes::CELL_FAULT),
            _ => Err(&codes::MARK_UNKNOWN),
        };
    };
    Ok(Some(match text.to_lowercase().as_str() {
        // A person who is not marked stays unmarked.
        "-" | "–" | "—" => return Ok(None),
        "h" | "v" | "✓" | "✔" | "√" | "hadir" | "present" => Mark::Present,
        "t" | "terlambat" | "late" => Mark::Late,
        "s" | "sakit" | "sick" => Mark::Sick,
        "i" | "izin" | "ijin" | "excused" => Mark::Excused,
        "a" | "alpa" | "alpha" | "absent" => Mark::Absent,
        _ => return Err(&codes::MARK_UNKNOWN),
    }))
}

/// The session that each column of the list is of, or why there is none.
pub(super) fn columns<'s>(
    days: &[Day],
    sessions: &'s [Session],
    class: &Class,
) -> BTreeMap<Day, Result<&'s Session, &'static Code>> {
    let mut taken = HashSet::new();
    let resolved = days.iter().map(|day| {
        let session = session_of(*day, days, sessions, class);
        let session = session
            .and_then(|session| if taken.insert(session.id) { Ok(session) } else { Err(&codes::MARK_SESSION_TWICE) });
        (*day, session)
    });
    resolved.collect()
}

fn session_of<'s>(
    day: Day,
    days: &[Day],
    sessions: &'s [Session],
    class: &Class,
) -> Result<&'s Session, &'static Code> {
    let date = date_of(day, class).ok_or(&codes::MARK_NO_SESSION)?;
    let that_day: Vec<&Session> = sessions.iter().filter(|session| session.held_on == date).collect();
    if let Some(starts_at) = day.starts_at {
        let found = that_day.into_iter().find(|session| session.starts_at == starts_at);
        return found.ok_or(&codes::MARK_NO_SESSION);
    }
    let live: Vec<&Session> =
        that_day.iter().copied().filter(|session| session.state != SessionState::Cancelled).collect();
    // A day on which everything was called off has sessions, too; what was called off says so itself.
    let among = if live.is_empty() { that_day } else { live };
    let others = days.iter().any(|other| other.turn.is_some() && date_of(*other, class) == Some(date));
    match (day.turn, among.as_slice()) {
        (None, [_, _, ..]) if !others => Err(&codes::MARK_WHICH_SESSION),
        (turn, among) => {
            let place = usize::try_from(turn.unwrap_or(1) - 1).unwrap_or(usize::MAX);
            among.get(place).copied().ok_or(&codes::MARK_NO_SESSION)
        }
    }
}

/// The date of a day; one without a year lies in the class period, and there only once.
fn date_of(day: Day, class: &Class) -> Option<NaiveDate> {
    if let Some(year) = day.year {
        return NaiveDate::from_ymd_opt(year, day.month, day.day);
    }
    let years = class.starts_on.year()..=class.ends_on.year();
    let mut dates = years
        .filter_map(|year| NaiveDate::from_ymd_opt(year, day.month, day.day))
        .filter(|date| (class.starts_on..=class.ends_on).contains(date));
    dates.next().filter(|_| dates.next().is_none())
}

/// Everyone who is or was in the class, by what a paper list knows them by.
pub(super) struct Members<'m> {
    by_nisn: HashMap<&'m str, Id>,
    by_number: HashMap<String, Vec<Id>>,
    by_name: HashMap<String, Vec<Id>>,
    with_nisn: HashSet<Id>,
}

impl<'m> Members<'m> {
    /// Of the class; the numbers that schools give, by person.
    pub(super) fn of(members: &'m [Enrolled], numbers: &HashMap<Id, String>) -> Self {
        let mut all = Self {
            by_nisn: HashMap::new(),
            by_number: HashMap::new(),
            by_name: HashMap::new(),
            with_nisn: HashSet::new(),
        };
        let mut seen = HashSet::new();
        for member in members {
            let person = member.enrollment.participant_id;
            if !seen.insert(person) {
                continue;
            }
            if let Some(nisn) = &member.nisn {
                all.by_nisn.insert(nisn.as_str(), person);
                all.with_nisn.insert(person);
            }
            if let Some(number) = numbers.get(&person) {
                all.by_number.entry(number.to_lowercase()).or_default().push(person);
            }
            all.by_name.entry(search_name(member.name.as_str())).or_default().push(person);
        }
        all
    }

    /// Who a row is: by NISN, else by the school's number, else by name.
    pub(super) fn who(&self, row: &SourceRow) -> Result<Id, (Field, &'static Code)> {
        let nisn = nisn(row);
        if let Some(person) = nisn.as_ref().and_then(|nisn| self.by_nisn.get(nisn.as_str())) {
            return Ok(*person);
        }
        let number = text(row, Field::StudentNumber).map(|number| number.to_lowercase());
        if let Some([person]) = number.and_then(|number| self.by_number.get(&number)).map(Vec::as_slice) {
            return Ok(*person);
        }
        let named = text(row, Field::Name).and_then(|name| self.by_name.get(&search_name(&name)));
        // Whoever has another NISN in the register is somebody else.
        let fits = |person: &&Id| nisn.is_none() || !self.with_nisn.contains(person);
        let named: Vec<&Id> = named.into_iter().flatten().filter(fits).collect();
        match named.as_slice() {
            [person] => Ok(**person),
            [] => Err((Field::Name, &codes::MARK_NOT_IN_CLASS)),
            _ => Err((Field::Name, &codes::MARK_TWO_OF_A_NAME)),
        }
    }
}

/// Whether a paper list could not tell them apart by their names.
pub(super) fn are_named_alike(one: &Enrolled, other: &Enrolled) -> bool {
    search_name(one.name.as_str()) == search_name(other.name.as_str())
}

fn nisn(row: &SourceRow) -> Option<Nisn> {
    let shown = match digits(row.cell(Field::Nisn)) {
        Digits::Text(text) | Digits::NumberCell { shown: text } => text,
        Digits::Missing => return None,
    };
    Nisn::parse_padding(&shown).ok().map(|(nisn, _)| nisn)
}

/// The text of a cell without needless blanks.
pub(super) fn text(row: &SourceRow, field: Field) -> Option<String> {
    let cell = row.cell(field);
    if matches!(cell, Cell::Fault(_)) {
        return None;
    }
    let text = cell.shown().split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty() && text != "-").then_some(text)
}

/// Whether a row may be of this person: a paper list knows no birth date.
pub(in crate::import) fn is_of(row: &SourceRow, person: &Person) -> bool {
    let same_number = nisn(row).is_some() && nisn(row) == person.nisn;
    let name = text(row, Field::Name).map(|name| search_name(&name));
    same_number || name.is_some_and(|name| name == search_name(person.name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_people_write_it() {
        let all = [
            (Mark::Present, &["H", "h", "v", "✓", "Hadir"][..]),
            (Mark::Late, &["T", "terlambat"]),
            (Mark::Sick, &["S", "Sakit"]),
            (Mark::Excused, &["i", "Izin", "ijin"]),
            (Mark::Absent, &["A", "alpa", "ALPHA"]),
        ];
        for (expected, texts) in all {
            for text in texts {
                assert_eq!(mark(&Cell::text(text)), Ok(Some(expected)), "{text}");
            }
        }
        for text in ["", " ", "-", "–"] {
            assert_eq!(mark(&Cell::text(text)), Ok(None), "{text}");
        }
        for cell in [Cell::text("x"), Cell::text("hadir?"), Cell::Number(1.0), Cell::Flag(true)] {
            assert_eq!(mark(&cell), Err(&codes::MARK_UNKNOWN), "{cell:?}");
        }
        assert_eq!(mark(&Cell::Fault("#REF!".to_owned())), Err(&codes::CELL_FAULT));
    }
}
