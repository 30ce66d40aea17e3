//! Clashes: two values for one mark whose writers had not seen one another. A person decides.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

pub use super::store::ClashRow;

use super::entry_id::EntryId;
use super::rules::{Cell, EntryState};
use super::store::{self, EntryRow, Found};
use crate::access::{self, Actor, Operation};
use crate::attendance::{self, Correction, Draft, Kept, Marked, NewMark, Remark, may_correct, may_mark};
use crate::audit::{self, Subject};
use crate::class::Class;
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::session::{self, Session};
use crate::time::Instant;
use crate::values::{Mark, PersonName, words};

words! {
    /// How a clash ended.
    pub enum ClashOutcome {
        /// A person has looked at the values and chosen one.
        Resolved = "resolved",
        /// Its writers came to say the same, or one who had seen all of it said what holds.
        Agreed = "agreed",
    }
}

/// Which clashes.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClashFilter {
    /// Only this one.
    pub id: Option<Id>,
    /// Only of this class.
    pub class: Option<Id>,
    /// Only those that wait for somebody.
    pub open: bool,
}

/// One of the values of a clash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// The mark that came from a device; none for what the register says.
    pub entry: Option<EntryId>,
    /// Which mark.
    pub mark: Mark,
    /// What is said beside it.
    pub remark: Remark,
    /// By whose account.
    pub by: Id,
    /// What its holder is called; none for the operator at the machine.
    pub by_name: Option<PersonName>,
    /// On which device, where it came from one.
    pub device: Option<String>,
    /// What the device's own clock said.
    pub made_at: Option<Instant>,
    /// When it arrived.
    pub received_at: Option<Instant>,
}

/// A clash with its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clash {
    /// Where it stands.
    pub row: ClashRow,
    /// Whose mark.
    pub name: PersonName,
    /// The day of the session.
    pub held_on: NaiveDate,
    /// Its beginning, in minutes after midnight.
    pub starts_at: i32,
    /// What the holder of the account is called that closed it.
    pub closed_by_name: Option<PersonName>,
    /// What the register says, or said until the clash was over, and what others said without having seen it.
    pub sides: Vec<Side>,
}

/// Clashes of the classes that the actor marks, oldest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: ClashFilter, page: PageRequest) -> Result<Page<Clash>> {
    actor.may(Operation::AttendanceWrite)?;
    // Also about whoever has gone where the actor does not see: what the actor's own registers said is asked of the actor.
    tx.beyond(|tx| list_of(tx, actor, &filter, page))
}

fn list_of(tx: &mut Tx<'_>, actor: &Actor, filter: &ClashFilter, page: PageRequest) -> Result<Page<Clash>> {
    let page = store::clashes(tx, actor, filter, page)?;
    let registers = Registers::read(tx, &page.rows)?;
    let mut accounts: BTreeSet<Id> = page.rows.iter().filter_map(|found| found.row.closed_by).collect();
    accounts.extend(registers.entries.iter().map(|entry| entry.received_by));
    accounts.extend(page.rows.iter().filter_map(|found| registers.of(&found.row)).map(|said| said.by));
    let names = access::names(tx, &accounts.into_iter().collect::<Vec<_>>())?;
    page.try_map(|found| {
        let Found { row, name, held_on, starts_at } = found;
        let mut sides: Vec<Side> = registers.side(tx, &row)?.into_iter().collect();
        for entry in registers.entries.iter().filter(|entry| is_side(entry, &row)) {
            sides.push(side(tx, entry)?);
        }
        for side in &mut sides {
            side.by_name = names.get(&side.by).cloned();
        }
        let closed_by_name = row.closed_by.and_then(|account| names.get(&account).cloned());
        Ok(Clash { row, name, held_on, starts_at, closed_by_name, sides })
    })
}

/// Whether an entry is one of a clash's values. While it is open, what its own writer has taken back is none.
fn is_side(entry: &EntryRow, clash: &ClashRow) -> bool {
    let counts = clash.outcome.is_some() || entry.state == EntryState::Apart;
    entry.clash_id == Some(clash.id) && counts
}

/// What the registers say of those whom clashes are about, have said before, and which of it came from a device.
struct Registers {
    standing: Vec<(Marked, Kept)>,
    earlier: Vec<Correction>,
    entries: Vec<EntryRow>,
}

/// A value of a register.
struct RegisterSaid<'r> {
    mark: Mark,
    by: Id,
    moment: i64,
    minutes_late: Option<i32>,
    note_sealed: Option<&'r str>,
}

impl Registers {
    fn read(tx: &mut Tx<'_>, found: &[Found]) -> Result<Self> {
        let sessions: Vec<Id> = found.iter().map(|found| found.row.session_id).collect();
        let people: Vec<Id> = found.iter().map(|found| found.row.enrollment_id).collect();
        Ok(Self {
            standing: attendance::store::marks_of_many(tx, &sessions)?,
            earlier: attendance::store::corrections_of_many(tx, &sessions, &people)?,
            entries: store::of_sessions(tx, &sessions, &people)?,
        })
    }

    /// What the register says, or what it said when the clash ended: whatever was set in its place has not been asked of.
    fn of(&self, row: &ClashRow) -> Option<RegisterSaid<'_>> {
        let of_row = |session: Id, person: Id| session == row.session_id && person == row.enrollment_id;
        let replaced = row.closed_at.and_then(|closed_at| {
            let of_row = self.earlier.iter().filter(|one| of_row(one.session_id, one.enrollment_id));
            of_row.filter(|one| one.replaced_at >= closed_at).min_by_key(|one| one.id)
        });
        if let Some(one) = replaced {
            let note_sealed = one.note_sealed.as_deref();
            return Some(RegisterSaid {
                mark: one.mark,
                by: one.marked_by,
                moment: one.marked_at,
                minutes_late: one.minutes_late,
                note_sealed,
            });
        }
        let (mark, kept) = self.standing.iter().find(|(mark, _)| of_row(mark.session_id, mark.enrollment_id))?;
        Some(RegisterSaid {
            mark: mark.mark,
            by: mark.marked_by,
            moment: mark.marked_at,
            minutes_late: kept.minutes_late,
            note_sealed: kept.note_sealed.as_deref(),
        })
    }

    fn side(&self, tx: &Tx<'_>, row: &ClashRow) -> Result<Option<Side>> {
        let Some(said) = self.of(row) else { return Ok(None) };
        let entries = self
            .entries
            .iter()
            .filter(|one| (one.session_id, one.enrollment_id) == (row.session_id, row.enrollment_id));
        let entry = entry_of(entries, said.mark, said.moment);
        Ok(Some(Side {
            entry: None,
            mark: said.mark,
            remark: Remark::opened(tx, said.minutes_late, said.note_sealed)?,
            by: said.by,
            by_name: None,
            device: entry.map(|entry| entry.device.clone()),
            made_at: entry.map(|entry| entry.made_at),
            received_at: Instant::from_micros(said.moment),
        }))
    }
}

/// The mark of a device by which a value came into the register at a moment: the last of those that came together.
pub(super) fn entry_of<'e>(
    entries: impl Iterator<Item = &'e EntryRow>,
    mark: Mark,
    moment: i64,
) -> Option<&'e EntryRow> {
    entries.filter(|entry| (entry.mark, entry.moment) == (mark, moment)).max_by_key(|entry| entry.place)
}

fn side(tx: &Tx<'_>, entry: &EntryRow) -> Result<Side> {
    Ok(Side {
        entry: Some(entry.id.clone()),
        mark: entry.mark,
        remark: Remark::opened(tx, entry.minutes_late, entry.note_sealed.as_deref())?,
        by: entry.received_by,
        by_name: None,
        device: Some(entry.device.clone()),
        made_at: Some(entry.made_at),
        received_at: Some(entry.received_at),
    })
}

/// One clash.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Clash> {
    let filter = ClashFilter { id: Some(id), ..ClashFilter::default() };
    let found = list(tx, actor, filter, PageRequest::default())?;
    found.rows.into_iter().next().ok_or_else(|| Error::new(&codes::NOT_FOUND))
}

/// Decides which value holds: one that came from a device, or, when none is named, what the register says. Nothing that
/// was said before counts any more; all of it is kept.
///
/// # Errors
/// `resource.stale`, `attendance.clash_closed`, `reference.unknown` at the choice, and what a correction refuses.
pub fn resolve(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, choice: Option<&EntryId>) -> Result<Clash> {
    let clash = get(tx, actor, id)?;
    // The register is held first, as by whoever marks it.
    let (session, taught, _) = session::to_mark(tx, actor, clash.row.session_id)?;
    let clash = get(tx, actor, clash.row.id)?;
    if clash.row.version != version {
        return Err(Error::new(&codes::STALE));
    }
    if clash.row.outcome.is_some() {
        return Err(Error::new(&codes::ATTENDANCE_CLASH_CLOSED));
    }
    may_mark(tx, actor, &session, &taught)?;
    may_correct(tx, actor, &session, &taught)?;
    // Whoever has gone where the actor does not see was one of the class that day all the same.
    if session::members(tx, session.id)?.is_decided(clash.row.enrollment_id) && !actor.is_province() {
        return Err(Error::new(&codes::ATTENDANCE_DECIDED));
    }
    let chosen = clash.sides.iter().find(|side| side.entry.as_ref() == choice);
    let chosen = chosen.ok_or_else(|| Error::field("/choose", &codes::REFERENCE_UNKNOWN))?;
    tx.beyond(|tx| settle(tx, actor, session, &taught, &clash, chosen))?;
    get(tx, actor, id)
}

fn settle(
    tx: &mut Tx<'_>,
    actor: &Actor,
    session: Session,
    taught: &Class,
    clash: &Clash,
    chosen: &Side,
) -> Result<()> {
    let person = clash.row.enrollment_id;
    let there = attendance::store::marks_of(tx, session.id)?;
    let mark = NewMark { enrollment: person, mark: chosen.mark, remark: Some(chosen.remark.clone()) };
    let mut draft = Draft::default();
    // What a person has decided is a value of its own, also where it is the one that was there.
    draft.replace(tx, actor, &mark, there.get(&person));
    let session = draft.write(tx, actor, session)?;
    store::end_all(tx, session.id, &[person])?;
    close(tx, actor, &clash.row, ClashOutcome::Resolved, Some(chosen.mark))?;
    audit::record(
        tx,
        actor,
        "attendance.clash_resolved",
        Subject::session(session.id),
        Some(&taught.province_code),
        &serde_json::json!({ "clash": clash.row.id, "values": clash.sides.len() }),
    )
}

fn close(tx: &mut Tx<'_>, actor: &Actor, row: &ClashRow, outcome: ClashOutcome, mark: Option<Mark>) -> Result<()> {
    let closed = ClashRow {
        outcome: Some(outcome),
        closed_at: Some(tx.now()),
        closed_by: Some(actor.account_or_operator()),
        mark,
        version: row.version + 1,
        ..row.clone()
    };
    store::update_clash(tx, &closed)
}

/// Opens a clash where values count beside what the register says, and ends one where none does any more.
pub(super) fn weigh(tx: &mut Tx<'_>, actor: &Actor, session: &Session, cells: &BTreeMap<Id, Cell>) -> Result<()> {
    let open = store::open(tx, session.id)?;
    let mut new = Vec::new();
    for (person, cell) in cells {
        let disputed = !cell.beside().is_empty();
        match open.get(person) {
            Some(clash) if disputed => {
                store::belong_to(tx, clash)?;
                store::update_clash(tx, &ClashRow { version: clash.version + 1, ..clash.clone() })?;
            }
            Some(clash) => {
                let mark = cell.standing.as_ref().map(|standing| standing.said.mark);
                close(tx, actor, clash, ClashOutcome::Agreed, mark)?;
            }
            None if disputed => new.push(ClashRow {
                id: tx.new_id(),
                class_id: session.class_id,
                session_id: session.id,
                enrollment_id: *person,
                opened_at: tx.now(),
                outcome: None,
                closed_at: None,
                closed_by: None,
                mark: None,
                version: 1,
            }),
            None => {}
        }
    }
    store::insert_clashes(tx, &new)?;
    new.iter().try_for_each(|clash| store::belong_to(tx, clash))
}
