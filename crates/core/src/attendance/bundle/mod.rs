//! The bundle: what a device keeps so that it can mark without a network, and what of it has changed since.
//!
//! A device that asks with the cursor of the last answer gets what changed; one that asks with none gets everything.
//! Each thing that is given is given as it is now, so an answer that is taken twice does nothing twice.

mod rules;
mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDate;
pub use rules::Window;

use super::rules::was_member;
use super::{Kept, Marked, Remark, offline, store as marks};
use crate::access::{Actor, Operation, Scope};
use crate::class::Class;
use crate::db::Tx;
use crate::enrollment::{self, Enrolled, Enrollment};
use crate::error::Result;
use crate::id::Id;
use crate::session::Session;
use crate::values::{PersonName, search_name};
use rules::Cursor;
use store::Changed;

/// Of each class how many of its changes are known.
type Known = BTreeMap<Id, i64>;

/// Classes of one device at most.
const MOST: usize = 200;
/// Classes of one answer at most; the next one goes on.
const CLASSES: usize = 20;

/// A person of a class: who is in it, or was on a day that matters.
#[derive(Debug, Clone)]
pub struct BundledPerson {
    /// The class. Whoever is of two of them is given once for each.
    pub class: Id,
    /// The enrollment as it is now, which may be in another class.
    pub enrollment: Enrollment,
    /// The name.
    pub name: PersonName,
    /// From when until when the person is or was in this class, the last time last. The day of leaving is one of them for
    /// whoever came before it.
    pub days: Vec<Days>,
}

/// The first day in a class and the day of leaving.
pub type Days = (Option<NaiveDate>, Option<NaiveDate>);

/// A mark of a session, with what is said beside it.
#[derive(Debug, Clone)]
pub struct BundledMark {
    /// The mark.
    pub mark: Marked,
    /// What is said beside it.
    pub remark: Remark,
    /// The clash about it that waits for somebody.
    pub clash: Option<Id>,
}

/// A session with its register.
#[derive(Debug, Clone)]
pub struct BundledSession {
    /// The session.
    pub session: Session,
    /// Whoever has been marked.
    pub marks: Vec<BundledMark>,
}

/// What a device is to keep, or what of it has changed.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// The days it is about.
    pub window: Window,
    /// Classes that are new to the device, or have changed themselves.
    pub classes: Vec<Class>,
    /// Classes that are no longer the caller's to mark, or are over.
    pub gone_classes: Vec<Id>,
    /// People who are new or have changed, as they are now.
    pub people: Vec<BundledPerson>,
    /// Enrollments that are no longer in a class: class, enrollment.
    pub gone_people: Vec<(Id, Id)>,
    /// Sessions that are new or have changed, each with its whole register as it is now.
    pub sessions: Vec<BundledSession>,
    /// Sessions that a device has no more use for.
    pub gone_sessions: Vec<Id>,
    /// What to ask with the next time.
    pub cursor: String,
    /// Whether there is more at once.
    pub more: bool,
}

/// What a device is to keep for the coming two weeks, or what of it has changed since the cursor of its last answer.
///
/// # Errors
/// `query.cursor`.
pub fn bundle(tx: &mut Tx<'_>, actor: &Actor, since: Option<&str>) -> Result<Bundle> {
    actor.may(Operation::RegisterBundle)?;
    let province = actor.scope().province();
    let window = Window::around(province.map_or_else(|| tx.now().utc().date_naive(), |province| tx.today(province)));
    let before = since.map(Cursor::decode).transpose()?;
    let (until, mut known) = before.map_or_else(|| (window.until, Known::new()), |cursor| (cursor.until, cursor.known));
    let classes = store::classes_of(tx, actor, window, i64::try_from(MOST).unwrap_or(i64::MAX))?;
    let theirs: BTreeSet<Id> = classes.iter().map(|class| class.id).collect();
    let gone_classes: Vec<Id> = known.keys().copied().filter(|id| !theirs.contains(id)).collect();
    known.retain(|id, _| theirs.contains(id));
    let ids: Vec<Id> = theirs.iter().copied().collect();
    let numbers = store::numbers(tx, &ids)?;
    let number = |id: Id| numbers.get(&id).copied().unwrap_or_default();
    let mut new: Vec<Id> = ids.iter().copied().filter(|id| !known.contains_key(id)).collect();
    let more = new.len() > CLASSES;
    new.truncate(CLASSES);
    let picked = Picked::of(tx, actor, &known, &new, (window, until))?;
    let cursor = Cursor {
        until: window.until,
        known: ids
            .iter()
            .filter(|id| known.contains_key(id) || new.contains(id))
            .map(|id| (*id, number(*id)))
            .collect(),
    };
    let unfinished = unfinished(tx, &picked.sessions, window)?;
    let sieve = Picker { actor, window, classes: &classes, unfinished };
    let (sessions, gone_sessions) = sieve.sessions(picked.sessions, &picked.changed_sessions);
    let people = people(tx, actor, &theirs, &new, &picked.changed_people, window)?;
    let is_in = |class: Id, id: Id| people.iter().any(|one| one.class == class && one.enrollment.id == id);
    let gone_people = picked.changed_people.iter().copied().filter(|(class, id)| !is_in(*class, *id)).collect();
    Ok(Bundle {
        window,
        sessions: with_marks(tx, sessions)?,
        gone_sessions,
        people,
        gone_people,
        gone_classes,
        classes: classes.into_iter().filter(|one| new.contains(&one.id) || picked.classes.contains(&one.id)).collect(),
        cursor: cursor.encode(),
        more,
    })
}

/// What is to be given, before it is known what of it the actor marks.
struct Picked {
    sessions: Vec<Session>,
    changed_sessions: Vec<(Id, Id)>,
    changed_people: Vec<(Id, Id)>,
    classes: BTreeSet<Id>,
}

impl Picked {
    fn of(
        tx: &mut Tx<'_>,
        actor: &Actor,
        known: &Known,
        new: &[Id],
        (window, until): (Window, NaiveDate),
    ) -> Result<Self> {
        let changes = store::changes(tx, known)?;
        let of = |what: Changed| -> Vec<(Id, Id)> {
            changes.iter().filter(|(_, one, _)| *one == what).map(|(class, _, subject)| (*class, *subject)).collect()
        };
        let (mut changed_sessions, changed_people) = (of(Changed::Session), of(Changed::Person));
        let known: Vec<Id> = known.keys().copied().collect();
        let ids: Vec<Id> = changed_sessions.iter().map(|(_, session)| *session).collect();
        let classes: BTreeSet<Id> = of(Changed::Class).into_iter().map(|(class, _)| class).collect();
        let mut sessions = store::sessions_in(tx, new, window)?;
        sessions.extend(store::sessions_of(tx, &ids)?);
        if matches!(actor.scope(), Scope::Instructor(..)) {
            // A class that came to its instructor, or went from one who stands in there: its sessions did not change.
            let ids: Vec<Id> = classes.iter().copied().filter(|class| !new.contains(class)).collect();
            let theirs = store::sessions_in(tx, &ids, window)?;
            changed_sessions.extend(theirs.iter().map(|session| (session.class_id, session.id)));
            changed_sessions.sort_unstable();
            changed_sessions.dedup();
            sessions.extend(theirs);
        }
        if until < window.until {
            sessions.extend(store::sessions_after(tx, &known, until, window.until)?);
        }
        sessions.sort_by_key(|session| (session.place(), session.id));
        sessions.dedup_by_key(|session| session.id);
        Ok(Self { sessions, changed_sessions, changed_people, classes })
    }
}

/// What of all this the actor marks.
struct Picker<'p> {
    actor: &'p Actor,
    window: Window,
    classes: &'p [Class],
    /// Sessions with a register that is not finished.
    unfinished: BTreeSet<Id>,
}

impl Picker<'_> {
    /// Whether a device keeps a session: it takes place in the days that matter, or waits for its register or the rest of
    /// it.
    fn keeps(&self, session: &Session) -> bool {
        let Some(class) = self.classes.iter().find(|class| class.id == session.class_id) else { return false };
        let in_time = session.held_on <= self.window.until
            && (session.held_on >= self.window.from
                || session.reported_at.is_none()
                || self.unfinished.contains(&session.id));
        // Whoever stands in for a session marks that one.
        let own = match self.actor.scope() {
            Scope::Instructor(_, account) => {
                class.instructor_id == Some(*account) || session.instructor_id == Some(*account)
            }
            _ => true,
        };
        session.is_live() && in_time && own
    }

    fn sessions(&self, found: Vec<Session>, changed: &[(Id, Id)]) -> (Vec<Session>, Vec<Id>) {
        let kept: Vec<Session> = found.into_iter().filter(|session| self.keeps(session)).collect();
        let gone = changed.iter().map(|(_, id)| *id).filter(|id| kept.iter().all(|one| one.id != *id)).collect();
        (kept, gone)
    }
}

/// Who is in the classes that are new to the device, or was on a day that matters; and whose seat has changed, as far as
/// it is or was in a class of the device. By name.
fn people(
    tx: &mut Tx<'_>,
    actor: &Actor,
    theirs: &BTreeSet<Id>,
    new: &[Id],
    changed: &[(Id, Id)],
    window: Window,
) -> Result<Vec<BundledPerson>> {
    let wanted: BTreeSet<(Id, Id)> = changed.iter().copied().filter(|(class, _)| theirs.contains(class)).collect();
    let classes: BTreeSet<Id> = new.iter().copied().chain(wanted.iter().map(|(class, _)| *class)).collect();
    let classes: Vec<Id> = classes.into_iter().collect();
    let mut stays: BTreeMap<(Id, Id), Vec<Days>> = BTreeMap::new();
    for stay in store::stays(tx, &classes, window.oldest)? {
        let of = (stay.class, stay.enrollment);
        if new.contains(&stay.class) || wanted.contains(&of) {
            stays.entry(of).or_default().push((Some(stay.seated_on), Some(stay.left_on)));
        }
    }
    let ids: Vec<Id> = wanted.iter().map(|(_, person)| *person).collect();
    let mut people = Vec::new();
    for (enrollment, name) in store::people(tx, new, &ids)? {
        let Some(class) = enrollment.class_id.filter(|class| theirs.contains(class)) else { continue };
        let mut days = stays.remove(&(class, enrollment.id)).unwrap_or_default();
        days.push((enrollment.seated_on, enrollment.left_on));
        people.push(BundledPerson { class, enrollment, name, days });
    }
    let gone: Vec<Id> = stays.keys().map(|(_, person)| *person).collect();
    let gone: HashMap<Id, Enrolled> = match gone.as_slice() {
        [] => HashMap::new(),
        gone => enrollment::seen(tx, actor, gone)?.into_iter().map(|one| (one.enrollment.id, one)).collect(),
    };
    for ((class, person), days) in stays {
        let Some(one) = gone.get(&person) else { continue };
        people.push(BundledPerson { class, enrollment: one.enrollment.clone(), name: one.name.clone(), days });
    }
    people.sort_by_cached_key(|one| (search_name(one.name.as_str()), one.enrollment.id, one.class));
    Ok(people)
}

/// Which of these sessions from before the window have a register that is not finished: with somebody unmarked, or with a
/// clash that waits. In a fixed number of queries.
fn unfinished(tx: &mut Tx<'_>, sessions: &[Session], window: Window) -> Result<BTreeSet<Id>> {
    let old =
        |session: &&Session| session.reported_at.is_some() && (window.oldest..window.from).contains(&session.held_on);
    let old: Vec<&Session> = sessions.iter().filter(old).collect();
    if old.is_empty() {
        return Ok(BTreeSet::new());
    }
    let ids: Vec<Id> = old.iter().map(|session| session.id).collect();
    let classes: BTreeSet<Id> = old.iter().map(|session| session.class_id).collect();
    let classes: Vec<Id> = classes.into_iter().collect();
    let marked = store::marked(tx, &ids)?;
    let mut members: BTreeMap<Id, Vec<(Id, Days)>> = BTreeMap::new();
    for (class, (person, seated_on, left_on)) in store::seats(tx, &classes)? {
        members.entry(class).or_default().push((person, (seated_on, left_on)));
    }
    for stay in store::stays(tx, &classes, window.oldest)? {
        members.entry(stay.class).or_default().push((stay.enrollment, (Some(stay.seated_on), Some(stay.left_on))));
    }
    let mut unfinished: BTreeSet<Id> =
        offline::open_clashes(tx, &ids)?.into_iter().map(|(session, ..)| session).collect();
    for session in old {
        let mut members = members.get(&session.class_id).into_iter().flatten();
        let waits = |(person, days): &(Id, Days)| {
            was_member(*days, session.held_on) && !marked.contains(&(session.id, *person))
        };
        if members.any(waits) {
            unfinished.insert(session.id);
        }
    }
    Ok(unfinished)
}

/// Each session with its register, in two queries for all of them.
fn with_marks(tx: &mut Tx<'_>, sessions: Vec<Session>) -> Result<Vec<BundledSession>> {
    let held: Vec<Id> = sessions.iter().filter(|one| one.reported_at.is_some()).map(|one| one.id).collect();
    let mut by_session: HashMap<Id, Vec<(Marked, Kept)>> = HashMap::new();
    let mut clashes: HashMap<(Id, Id), Id> = HashMap::new();
    if !held.is_empty() {
        for row in marks::marks_of_many(tx, &held)? {
            by_session.entry(row.0.session_id).or_default().push(row);
        }
        clashes =
            offline::open_clashes(tx, &held)?.into_iter().map(|(session, who, id)| ((session, who), id)).collect();
    }
    let bundled = |session: Session| {
        let mut marks = Vec::new();
        let mut rows = by_session.remove(&session.id).unwrap_or_default();
        rows.sort_by_key(|(mark, _)| mark.enrollment_id);
        for (mark, kept) in rows {
            let remark = Remark::opened(tx, kept.minutes_late, kept.note_sealed.as_deref())?;
            let clash = clashes.get(&(mark.session_id, mark.enrollment_id)).copied();
            marks.push(BundledMark { mark, remark, clash });
        }
        Ok(BundledSession { session, marks })
    };
    sessions.into_iter().map(bundled).collect()
}
