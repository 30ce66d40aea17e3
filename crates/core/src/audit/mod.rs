//! The audit: every change and every reading of personal data in clear, with who, what, when, from where and why.
//!
//! Rows are only ever added. Each carries a code that only this installation's keys can make, and a chain over all of
//! them shows when one is edited or gone (see [`seal`] and [`verify`]).

mod chain;
mod rules;
mod store;

use std::fmt::Write;

use chrono::{NaiveDate, NaiveTime};
use serde::Serialize;
use serde_json::{Value, json};

pub use chain::{Broken, CHAINED, Verification, adopt, seal, seal_all, verify};
pub use rules::{Breach, Head};
pub(crate) use store::Addition;
pub use store::{Event, Told};

use crate::access::{Actor, Operation};
use crate::db::Tx;
use crate::error::{Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::{Label, ProvinceCode};

/// Characters kept of what a client calls itself.
const DEVICE: usize = 200;

/// What a change was made to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Subject {
    /// The domain word, e.g. `enrollment`.
    pub kind: &'static str,
    /// Which one.
    pub id: Id,
}

macro_rules! subjects {
    ($($word:ident),*) => {
        impl Subject {
            $(
                #[doc = concat!("A ", stringify!($word), ".")]
                pub fn $word(id: Id) -> Self { Self { kind: stringify!($word), id } }
            )*
        }
    };
}

subjects!(
    staff,
    message,
    partner,
    calendar_entry,
    agreement,
    program,
    cohort,
    class,
    participant,
    consent,
    enrollment,
    seating_plan,
    session,
    assessment,
    completion,
    exam_result,
    certificate,
    import,
    import_rule,
    job,
    layout,
    key,
    service_token,
    person_request,
    incident,
    retention
);

/// What is to be recorded: an act on a subject, and what else is known of it.
#[derive(Debug, Clone)]
#[must_use = "a note is recorded with `record` or `record_all`"]
pub struct Note {
    action: &'static str,
    subject: Subject,
    province: Option<ProvinceCode>,
    person: Option<Id>,
    reason: Option<String>,
    detail: Value,
    changes: Changes,
}

impl Note {
    /// An act, e.g. `enrollment.seated`, on something.
    pub fn of(action: &'static str, subject: Subject) -> Self {
        Self {
            action,
            subject,
            province: None,
            person: None,
            reason: None,
            detail: Value::Null,
            changes: Changes::default(),
        }
    }

    /// In the register of a province.
    pub fn within<'a>(self, province: impl Into<Option<&'a ProvinceCode>>) -> Self {
        Self { province: province.into().cloned(), ..self }
    }

    /// About a participant, who may ask who has seen or changed their data.
    pub fn about(self, participant: Id) -> Self {
        Self { person: Some(participant), ..self }
    }

    /// For this reason.
    pub fn because<'a>(self, reason: impl Into<Option<&'a Label>>) -> Self {
        Self { reason: reason.into().map(|reason| reason.as_str().to_owned()), ..self }
    }

    /// With facts, which hold no personal data.
    pub fn with(self, detail: Value) -> Self {
        Self { detail, ..self }
    }

    /// With what it changed.
    pub fn changing(self, changes: Changes) -> Self {
        Self { changes, ..self }
    }

    /// Records it in the transaction of the act itself: it is there exactly when the act is.
    pub fn record(self, tx: &mut Tx<'_>, actor: &Actor) -> Result<()> {
        let event = self.event(tx, actor);
        store::insert(tx, event)
    }

    /// What records it, for those who run it with the act itself.
    pub(crate) fn addition(self, tx: &Tx<'_>, actor: &Actor) -> Addition {
        store::addition(self.event(tx, actor))
    }

    fn event(self, tx: &Tx<'_>, actor: &Actor) -> Event {
        let origin = actor.origin();
        let mut event = Event {
            id: tx.new_id(),
            at: tx.now(),
            province_code: self.province,
            account_id: actor.account(),
            role: actor.role(),
            action: self.action.to_owned(),
            subject_kind: self.subject.kind.to_owned(),
            subject_id: self.subject.id,
            request_id: origin.request_id.clone(),
            address: origin.address.clone(),
            detail: told(actor, self.detail),
            scope: actor.scope().to_string(),
            device: origin.device.chars().take(DEVICE).collect(),
            person_id: self.person,
            reason: self.reason,
            changes: self.changes.text(),
            mac: String::new(),
        };
        event.mac = tx.keys().attest(rules::EVENT, &rules::canonical(&event));
        event
    }
}

/// What an act changed, field by field, each as it is kept.
#[derive(Debug, Clone, Default)]
pub struct Changes(Vec<(&'static str, String)>);

/// A field before and after.
#[derive(Serialize)]
struct Shown<'v, T> {
    before: &'v T,
    after: &'v T,
}

impl Changes {
    /// A field that tells nothing of who it is about: its value before and after.
    #[must_use]
    pub fn shown<T: PartialEq + Serialize>(mut self, field: &'static str, before: &T, after: &T) -> Self {
        if before != after {
            self.put(field, &Shown { before, after });
        }
        self
    }

    /// A field that is somebody's own: only that it changed.
    #[must_use]
    pub fn masked<T: PartialEq>(mut self, field: &'static str, before: &T, after: &T) -> Self {
        if before != after {
            self.put(field, &"changed");
        }
        self
    }

    fn put(&mut self, field: &'static str, value: &impl Serialize) {
        // A value of ours has no key that JSON could not write.
        self.0.extend(serde_json::to_string(value).ok().map(|value| (field, value)));
    }

    fn text(&self) -> String {
        let mut text = String::from("{");
        for (at, (field, value)) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(text, "{comma}\"{field}\":{value}");
        }
        text + "}"
    }
}

/// The short form of [`Note`] for what is about no one person. `detail` holds no personal data.
pub fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    subject: Subject,
    province: Option<&ProvinceCode>,
    detail: &Value,
) -> Result<()> {
    Note::of(action, subject).within(province).with(detail.clone()).record(tx, actor)
}

/// Records what was done to many at once, each for itself.
pub fn record_all(tx: &mut Tx<'_>, actor: &Actor, notes: Vec<Note>) -> Result<()> {
    let events: Vec<Event> = notes.into_iter().map(|note| note.event(tx, actor)).collect();
    store::insert_many(tx, &events)
}

/// The facts of the change; what a program did is told under its token's name.
fn told(actor: &Actor, detail: Value) -> String {
    let mut detail = if detail.is_null() { json!({}) } else { detail };
    if let Some(machine) = actor.service_token() {
        detail["service_token"] = json!({ "id": machine.token, "name": machine.name });
    }
    detail.to_string()
}

/// Which events are asked for.
#[derive(Debug, Clone, Default)]
pub struct EventFilter {
    /// Only those about this kind of thing.
    pub subject_kind: Option<String>,
    /// Only those about this thing.
    pub subject_id: Option<Id>,
}

/// Events of the actor's province, oldest first.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: &EventFilter, page: PageRequest) -> Result<Page<Event>> {
    actor.may(Operation::AuditRead)?;
    store::list(tx, actor, filter, page)
}

/// A stretch of days, open at an end that is not named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub from: Option<NaiveDate>,
    /// The last.
    pub to: Option<NaiveDate>,
}

/// Events of the actor's province on some of its days, with who acted, oldest first: a file for an inspector, page by
/// page.
///
/// # Errors
/// `field.date_order`.
pub fn export(tx: &mut Tx<'_>, actor: &Actor, days: Days, page: PageRequest) -> Result<Page<Told>> {
    actor.may(Operation::AuditExport)?;
    if days.from.zip(days.to).is_some_and(|(from, to)| to < from) {
        return Err(Error::field("/to", &codes::FIELD_DATE_ORDER));
    }
    let start = |day: NaiveDate| match actor.scope().province() {
        Some(province) => Instant::start_of(day, province),
        None => Instant::new(day.and_time(NaiveTime::MIN).and_utc()),
    };
    let until = days.to.and_then(|to| to.succ_opt());
    store::told_within(tx, actor, days.from.map(start), until.map(start), page)
}

/// Who has seen or changed a person's data, oldest first. The caller has checked that the actor may see the person.
pub(crate) fn about(tx: &mut Tx<'_>, participant: Id, page: PageRequest) -> Result<Page<Told>> {
    store::told_about(tx, participant, page)
}
