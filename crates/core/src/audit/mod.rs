//! The audit: every change, with who, what, when and from where. Rows are only ever added.

mod store;

use serde_json::Value;

pub use store::Event;

use crate::access::{Actor, Operation};
use crate::db::Tx;
use crate::error::Result;
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::values::ProvinceCode;

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
    partner,
    agreement,
    program,
    cohort,
    class,
    participant,
    consent,
    enrollment,
    session,
    assessment,
    completion,
    certificate,
    import,
    person_request,
    incident,
    retention
);

/// Records a change in its own transaction: it is there exactly when the change is. `detail` holds no personal data.
pub fn record(
    tx: &mut Tx<'_>,
    actor: &Actor,
    action: &'static str,
    subject: Subject,
    province: Option<&ProvinceCode>,
    detail: &Value,
) -> Result<()> {
    let event = Event {
        id: tx.new_id(),
        at: tx.now(),
        province_code: province.cloned(),
        account_id: actor.account(),
        role: actor.role(),
        action: action.to_owned(),
        subject_kind: subject.kind.to_owned(),
        subject_id: subject.id,
        request_id: actor.origin().request_id.clone(),
        address: actor.origin().address.clone(),
        detail: if detail.is_null() { "{}".to_owned() } else { detail.to_string() },
    };
    store::insert(tx, &event)
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
