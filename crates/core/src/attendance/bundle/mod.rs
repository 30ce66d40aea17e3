//! The bundle: what a device keeps so that it can mark without a network, and what of it has changed since.
//!
//! A device that asks with the cursor of the last answer gets what changed; one that asks with none gets everything.
//! Each thing that is given is given as it is now, so an answer that is taken twice does nothing twice.

mod rules;
mod store;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use rules::Window;

use super::{Kept, Marked, Remark, offline, store as marks};
use crate::access::{Actor, Operation, Scope};
use crate::class::Class;
use crate::db::Tx;
use crate::enrollment::Enrollment;
use crate::error::Result;
use crate::id::Id;
use crate::session::Session;
use crate::values::PersonName;
use rules::Cursor;
use store::Changed;

/// Of each class how many of its changes are known.
type Known = BTreeMap<Id, i64>;

/// Classes of one device at most.
const MOST: usize = 200;
/// Classes of one answer at most; the next one goes on.
const CLASSES: usize = 20;

/// A person of a class.
#[derive(Debug, Clone)]
pub struct BundledPerson {
    /// The enrollment.
    pub enrollment: Enrollment,
    /// The name.
    pub name: PersonName,
}

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
    let picked = Picked::of(tx, &known, &new, window, until)?;
    let cursor = Cursor {
        until: window.until,
        known: ids
            .iter()
            .filter(|id| known.contains_key(id) || new.contains(id))
            .map(|id| (*id, number(*id)))
            .collect(),
    };
    let sieve = Picker { actor, window, classes: &classes };
    let (sessions, gone_sessions) = sieve.sessions(picked.sessions, &picked.changed_sessions);
    let found = store::people(tx, &new, &picked.changed_people.iter().map(|(_, person)| *person).collect::<Vec<_>>())?;
    let (people, gone_people) = sieve.people(found, &picked.changed_people);
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
    fn of(tx: &mut Tx<'_>, known: &Known, new: &[Id], window: Window, until: chrono::NaiveDate) -> Result<Self> {
        let changes = store::changes(tx, known)?;
        let of = |what: Changed| -> Vec<(Id, Id)> {
            changes.iter().filter(|(_, one, _)| *one == what).map(|(class, _, subject)| (*class, *subject)).collect()
        };
        let (changed_sessions, changed_people) = (of(Changed::Session), of(Changed::Person));
        let known: Vec<Id> = known.keys().copied().collect();
        let ids: Vec<Id> = changed_sessions.iter().map(|(_, session)| *session).collect();
        let mut sessions = store::sessions_in(tx, new, window)?;
        sessions.extend(store::sessions_of(tx, &ids)?);
        if until < window.until {
            sessions.extend(store::sessions_after(tx, &known, until, window.until)?);
        }
        sessions.sort_by_key(|session| (session.place(), session.id));
        sessions.dedup_by_key(|session| session.id);
        let classes = of(Changed::Class).into_iter().map(|(class, _)| class).collect();
        Ok(Self { sessions, changed_sessions, changed_people, classes })
    }
}

/// What of all this the actor marks.
struct Picker<'p> {
    actor: &'p Actor,
    window: Window,
    classes: &'p [Class],
}

impl Picker<'_> {
    /// Whether a device keeps a session: it takes place in the days that matter, or waits for its register.
    fn keeps(&self, session: &Session) -> bool {
        let Some(class) = self.classes.iter().find(|class| class.id == session.class_id) else { return false };
        let in_time = session.held_on <= self.window.until
            && (session.held_on >= self.window.from || session.reported_at.is_none());
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

    fn people(
        &self,
        found: Vec<(Enrollment, PersonName)>,
        changed: &[(Id, Id)],
    ) -> (Vec<BundledPerson>, Vec<(Id, Id)>) {
        let theirs = |row: &Enrollment| row.class_id.is_some_and(|id| self.classes.iter().any(|class| class.id == id));
        let people: Vec<BundledPerson> = found
            .into_iter()
            .filter(|(enrollment, _)| theirs(enrollment))
            .map(|(enrollment, name)| BundledPerson { enrollment, name })
            .collect();
        let is_in = |class: Id, id: Id| {
            people.iter().any(|one| one.enrollment.id == id && one.enrollment.class_id == Some(class))
        };
        let gone = changed.iter().copied().filter(|(class, id)| !is_in(*class, *id)).collect();
        (people, gone)
    }
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
