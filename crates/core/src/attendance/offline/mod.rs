//! Marks that were made without a network: they arrive late, more than once, in any order, from several devices.
//!
//! What a writer had seen decides, never the hour and never who came last: see `docs/offline.md`.

pub mod clash;
mod entry_id;
mod rules;
mod store;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::json;

pub use entry_id::EntryId;
pub use rules::{EntryState, Received};

use super::{Correction, Draft, Kept, Marked, NewMark, Remark};
use crate::access::{Actor, Operation};
use crate::audit::{self, Subject};
use crate::class::Class;
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::session::{self, Members, Session, SessionState};
use crate::time::Instant;
use crate::values::Mark;
use rules::{Cell, Entry, Said, Standing, Writer};
use store::EntryRow;

/// A mark as a device sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEntry {
    /// The identity that the device gave it.
    pub id: EntryId,
    /// Of which session.
    pub session: Id,
    /// Whose.
    pub enrollment: Id,
    /// Which.
    pub mark: Mark,
    /// What is said beside it.
    pub remark: Remark,
    /// Its place among all marks that the device has made: a later one has a higher place.
    pub place: i64,
    /// The clock of the register as the device knew it; none where there was no register yet.
    pub seen: Option<i64>,
    /// What the device's own clock said. It is kept, and decides nothing.
    pub made_at: Instant,
}

impl NewEntry {
    fn said(&self) -> Said {
        Said { mark: self.mark, remark: self.remark.clone() }
    }
}

/// Takes in what a device has made while it was offline; one result for each mark, in the order in which they came. A mark
/// that is refused keeps no other from being taken, and what came before is not taken again.
///
/// Each result may be refused with `resource.not_found`, `attendance.not_a_member`, `attendance.not_late`, `field.range`,
/// `attendance.seen`, `attendance.entry_reused`, `attendance.correction_late`, `session.cancelled`, `session.future`,
/// `class.state`, `attendance.decided` or `attendance.class_completed`.
pub fn receive(
    tx: &mut Tx<'_>,
    actor: &Actor,
    device: &str,
    entries: Vec<Result<NewEntry>>,
) -> Result<Vec<Result<Received>>> {
    actor.may(Operation::AttendanceWrite)?;
    let mut results: Vec<Option<Result<Received>>> = Vec::with_capacity(entries.len());
    let mut by_session: BTreeMap<Id, Vec<(usize, NewEntry)>> = BTreeMap::new();
    for (at, entry) in entries.into_iter().enumerate() {
        results.push(None);
        match entry {
            Ok(entry) => by_session.entry(entry.session).or_default().push((at, entry)),
            Err(error) => results[at] = Some(Err(error)),
        }
    }
    // Every register is held before the first is changed, so that two batches never wait for one another crosswise.
    let mut registers = Vec::with_capacity(by_session.len());
    for (id, entries) in by_session {
        match session::to_mark(tx, actor, id) {
            Ok((session, class, members)) => registers.push(Register { device, session, class, members, entries }),
            Err(error) if error.is(&codes::NOT_FOUND) => {
                for (at, _) in entries {
                    results[at] = Some(Err(Error::new(&codes::NOT_FOUND)));
                }
            }
            Err(error) => return Err(error),
        }
    }
    registers.sort_by_key(|register| (register.class.id, register.session.id));
    for mut register in registers {
        let taken = if register.entries.iter().all(|(_, entry)| register.members.contains(entry.enrollment)) {
            register.take_in(tx, actor)?
        } else {
            // Whoever has gone to where the actor does not see was one of the class that day all the same.
            register.members = session::members(tx, register.session.id)?;
            tx.beyond(|tx| register.take_in(tx, actor))?
        };
        for (at, result) in taken {
            results[at] = Some(result);
        }
    }
    Ok(results.into_iter().flatten().collect())
}

/// What a batch says of one session, which is held.
struct Register<'d> {
    device: &'d str,
    session: Session,
    class: Class,
    members: Members,
    entries: Vec<(usize, NewEntry)>,
}

impl Register<'_> {
    fn take_in(self, tx: &mut Tx<'_>, actor: &Actor) -> Result<Vec<(usize, Result<Received>)>> {
        let ids: Vec<&EntryId> = self.entries.iter().map(|(_, entry)| &entry.id).collect();
        // Whose identity it is has to be known beyond what the actor sees: it is taken once.
        let known = tx.beyond(|tx| store::known(tx, &ids))?;
        let there = match self.session.state {
            SessionState::Planned => HashMap::new(),
            _ => super::store::marks_of(tx, self.session.id)?,
        };
        let people: Vec<Id> = self.entries.iter().map(|(_, entry)| entry.enrollment).collect();
        let mut cells = Cells::read(tx, self.session.id, &people, &there)?;
        let moment = self.session.next_moment(tx.now());
        let writer = Writer { account: actor.account_or_operator(), device: self.device.to_owned() };
        let mut results = Vec::with_capacity(self.entries.len());
        let mut rows: Vec<EntryRow> = Vec::new();
        for (at, entry) in &self.entries {
            let here = rows.iter().find(|row| row.id == entry.id).or_else(|| known.get(&entry.id));
            if let Some(kept) = here {
                results.push((*at, again(tx, &writer, kept, entry)));
                continue;
            }
            let cell = cells.of(entry.enrollment);
            if let Err(error) = check(tx, actor, &self, cell, entry) {
                results.push((*at, Err(error)));
                continue;
            }
            let said = entry.said();
            let (place, seen) = (entry.place, entry.seen);
            let received = cell.receive(Entry {
                id: entry.id.clone(),
                writer: writer.clone(),
                place,
                seen,
                moment,
                said,
                state: EntryState::With,
                result: Received::Stored,
            });
            rows.push(row(tx, &writer, entry, moment, received)?);
            results.push((*at, Ok(received)));
        }
        if !rows.is_empty() {
            cells.write(tx, actor, self.session, &self.class, &there, rows, &results)?;
        }
        Ok(results)
    }
}

/// What a mark that came before is told again; another mark under its identity is refused.
fn again(tx: &Tx<'_>, writer: &Writer, kept: &EntryRow, entry: &NewEntry) -> Result<Received> {
    let same = kept.received_by == writer.account
        && kept.device == writer.device
        && (kept.session_id, kept.enrollment_id, kept.mark) == (entry.session, entry.enrollment, entry.mark)
        && (kept.place, kept.seen) == (entry.place, entry.seen)
        && Remark::opened(tx, kept.minutes_late, kept.note_sealed.as_deref())? == entry.remark;
    if same { Ok(kept.result) } else { Err(Error::new(&codes::ATTENDANCE_ENTRY_REUSED)) }
}

fn check(tx: &mut Tx<'_>, actor: &Actor, register: &Register<'_>, cell: &Cell, entry: &NewEntry) -> Result<()> {
    let Register { session, class, members, .. } = register;
    super::may_mark(tx, actor, session, class)?;
    if !members.contains(entry.enrollment) {
        return Err(Error::new(&codes::ATTENDANCE_NOT_A_MEMBER));
    }
    // Nobody has seen what has not happened.
    if entry.seen > session.register_at {
        return Err(Error::new(&codes::ATTENDANCE_SEEN));
    }
    let mark = NewMark { enrollment: entry.enrollment, mark: entry.mark, remark: Some(entry.remark.clone()) };
    super::rules::check_remark(&mark, session).map_err(|problem| told(&problem))?;
    let says_more = cell.standing.as_ref().is_none_or(|standing| standing.said != entry.said());
    if says_more && members.is_decided(entry.enrollment) && !actor.is_province() {
        return Err(Error::new(&codes::ATTENDANCE_DECIDED));
    }
    if says_more && cell.standing.is_some() {
        super::may_correct(tx, actor, session, class)?;
    }
    Ok(())
}

/// A problem of a field as a refusal of its own.
fn told(problem: &FieldProblem) -> Error {
    Error { facts: problem.facts.clone(), ..Error::new(problem.code) }
}

fn row(tx: &Tx<'_>, writer: &Writer, entry: &NewEntry, moment: i64, result: Received) -> Result<EntryRow> {
    let Kept { minutes_late, note_sealed } = entry.remark.sealed(tx)?;
    Ok(EntryRow {
        id: entry.id.clone(),
        session_id: entry.session,
        enrollment_id: entry.enrollment,
        mark: entry.mark,
        minutes_late,
        note_sealed,
        device: writer.device.clone(),
        place: entry.place,
        seen: entry.seen,
        made_at: entry.made_at,
        received_at: tx.now(),
        received_by: writer.account,
        moment,
        state: EntryState::With,
        result,
        clash_id: None,
    })
}

/// What is known of several marks of one session.
struct Cells {
    by_person: BTreeMap<Id, Cell>,
    before: BTreeMap<Id, Cell>,
}

impl Cells {
    fn read(tx: &mut Tx<'_>, session: Id, people: &[Id], there: &HashMap<Id, (Marked, Kept)>) -> Result<Self> {
        let mut by_person: BTreeMap<Id, Cell> = BTreeMap::new();
        for person in people {
            let standing = there.get(person).map(|(mark, kept)| standing(tx, mark, kept)).transpose()?;
            by_person.insert(*person, Cell { standing, entries: Vec::new() });
        }
        for row in store::of_session(tx, session, people)? {
            let entry = entry(tx, &row)?;
            by_person.entry(row.enrollment_id).or_default().entries.push(entry);
        }
        Ok(Self { before: by_person.clone(), by_person })
    }

    fn of(&mut self, person: Id) -> &mut Cell {
        self.by_person.entry(person).or_default()
    }

    #[expect(clippy::too_many_arguments, reason = "one register is written whole, and said once")]
    fn write(
        self,
        tx: &mut Tx<'_>,
        actor: &Actor,
        session: Session,
        class: &Class,
        there: &HashMap<Id, (Marked, Kept)>,
        mut rows: Vec<EntryRow>,
        results: &[(usize, Result<Received>)],
    ) -> Result<()> {
        let mut draft = Draft::default();
        let (mut past, mut apart) = (Vec::new(), Vec::new());
        for (person, cell) in &self.by_person {
            let before = self.before.get(person);
            if let Some(now) = cell.standing.as_ref()
                && before.is_none_or(|before| before.standing.as_ref() != Some(now))
            {
                let Said { mark, remark } = now.said.clone();
                let mark = NewMark { enrollment: *person, mark, remark: Some(remark) };
                draft.add(tx, actor, &mark, there.get(person))?;
            }
            for entry in &cell.entries {
                if let Some(row) = rows.iter_mut().find(|row| row.id == entry.id) {
                    row.state = entry.state;
                    continue;
                }
                let was = before.into_iter().flat_map(|cell| &cell.entries).find(|other| other.id == entry.id);
                match entry.state {
                    _ if was.is_some_and(|was| was.state == entry.state) => {}
                    EntryState::Past => past.push(&entry.id),
                    EntryState::Apart => apart.push(&entry.id),
                    EntryState::With => {}
                }
            }
        }
        store::set_state(tx, &past, EntryState::Past)?;
        store::set_state(tx, &apart, EntryState::Apart)?;
        store::insert(tx, &rows)?;
        let session = draft.write(tx, actor, session)?;
        clash::weigh(tx, actor, &session, &self.by_person)?;
        let count = |of: Received| results.iter().filter(|(_, result)| matches!(result, Ok(one) if *one == of)).count();
        audit::record(
            tx,
            actor,
            "attendance.received",
            Subject::session(session.id),
            Some(&class.province_code),
            &json!({
                "marks": rows.len(), "stored": count(Received::Stored), "clashes": count(Received::Clash),
                "made": [rows.iter().map(|row| row.made_at).min(), rows.iter().map(|row| row.made_at).max()],
            }),
        )
    }
}

fn standing(tx: &Tx<'_>, mark: &Marked, kept: &Kept) -> Result<Standing> {
    let remark = Remark::opened(tx, kept.minutes_late, kept.note_sealed.as_deref())?;
    Ok(Standing { said: Said { mark: mark.mark, remark }, moment: mark.marked_at })
}

fn entry(tx: &Tx<'_>, row: &EntryRow) -> Result<Entry> {
    let remark = Remark::opened(tx, row.minutes_late, row.note_sealed.as_deref())?;
    Ok(Entry {
        id: row.id.clone(),
        writer: Writer { account: row.received_by, device: row.device.clone() },
        place: row.place,
        seen: row.seen,
        moment: row.moment,
        said: Said { mark: row.mark, remark },
        state: row.state,
        result: row.result,
    })
}

/// On which device a value was made that stood in a register since a moment, and what that device's clock said.
pub(super) struct Origin {
    pub(super) device: String,
    pub(super) made_at: Instant,
}

/// Where the values of a person's mark in a session came from, by what they were and since when; none of those that were
/// set with a network.
pub(super) fn origins(
    tx: &mut Tx<'_>,
    session: Id,
    enrollment: Id,
    values: &[(Mark, i64)],
) -> Result<Vec<Option<Origin>>> {
    let entries = store::of_session(tx, session, &[enrollment])?;
    let origin = |(mark, moment): &(Mark, i64)| {
        let entry = clash::entry_of(entries.iter(), *mark, *moment)?;
        Some(Origin { device: entry.device.clone(), made_at: entry.made_at })
    };
    Ok(values.iter().map(origin).collect())
}

/// A register was corrected by hand: whoever did it has seen what it said, and what said the same counts no longer.
pub(super) fn corrected(
    tx: &mut Tx<'_>,
    actor: &Actor,
    session: &Session,
    corrections: &[Correction],
    now: &[NewMark],
) -> Result<()> {
    let people: Vec<Id> = corrections.iter().map(|one| one.enrollment_id).collect();
    let counting = store::apart(tx, session.id, &people)?;
    let mut cells: BTreeMap<Id, Cell> = BTreeMap::new();
    for row in counting {
        cells.entry(row.enrollment_id).or_default().entries.push(entry(tx, &row)?);
    }
    for (person, cell) in &mut cells {
        let before = corrections.iter().find(|one| one.enrollment_id == *person);
        let after = now.iter().find(|one| one.enrollment == *person);
        let (Some(before), Some(after)) = (before, after) else { continue };
        let remark = Remark::opened(tx, before.minutes_late, before.note_sealed.as_deref())?;
        let said = Said { mark: after.mark, remark: after.remark.clone().unwrap_or_default() };
        let moment = session.register_at.unwrap_or_default();
        cell.change(&Said { mark: before.mark, remark }, Standing { said, moment });
    }
    let past = cells.values().flat_map(|cell| &cell.entries).filter(|entry| entry.state == EntryState::Past);
    let past: Vec<&EntryId> = past.map(|entry| &entry.id).collect();
    store::set_state(tx, &past, EntryState::Past)?;
    if cells.is_empty() { Ok(()) } else { clash::weigh(tx, actor, session, &cells) }
}

/// Marks were taken away as if they had never been: nothing that came from a device counts for them.
pub(super) fn taken_away(tx: &mut Tx<'_>, actor: &Actor, session: &Session, people: &[Id]) -> Result<()> {
    store::end_all(tx, session.id, people)?;
    let cells = people.iter().map(|person| (*person, Cell::default())).collect();
    clash::weigh(tx, actor, session, &cells)
}

/// Whether anything of a session ever came from a device that was offline.
pub(super) fn any(tx: &mut Tx<'_>, session: Id) -> Result<bool> {
    store::any(tx, session)
}

/// When what still counts of a class came last, by session and person.
pub(super) fn said(tx: &mut Tx<'_>, class: Id) -> Result<HashMap<(Id, Id), i64>> {
    store::said(tx, class)
}

/// Open clashes of several sessions: session, person, clash.
pub(super) fn open_clashes(tx: &mut Tx<'_>, sessions: &[Id]) -> Result<Vec<(Id, Id, Id)>> {
    store::open_of(tx, sessions)
}

/// Who of these people has an open clash, in whichever class.
pub(super) fn disputed(tx: &mut Tx<'_>, enrollments: &[Id]) -> Result<HashSet<Id>> {
    store::disputed(tx, enrollments)
}

/// Forgets what was said of a person beside marks from devices.
pub(super) fn forget_notes(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    store::forget_notes(tx, participant)
}
