//! Registers for a device that marks without a network. The protocol stands in `docs/offline.md`.

use actix_web::{Responder, get};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::attendance::bundle::{self, Bundle, BundledMark, BundledPerson, BundledSession};
use vokasi_core::class::{Class, ClassState};
use vokasi_core::enrollment::EnrollmentState;
use vokasi_core::id::Id;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, Mark, PersonName};

use super::sessions::SessionView;
use crate::body::Query;
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// Since when.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BundleQuery {
    /// `cursor` of the last answer; everything is given when nothing is said.
    since: Option<String>,
}

/// A class that the caller marks.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundledClassView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String, example = "Perhotelan A")]
    name: Label,
    /// `running`, or `planned` when it cannot be marked yet.
    #[schema(value_type = String, example = "running")]
    state: ClassState,
    /// The account of its instructor; somebody else's where the caller stands in for single sessions.
    #[schema(value_type = Option<String>)]
    instructor: Option<Id>,
}

impl From<Class> for BundledClassView {
    fn from(class: Class) -> Self {
        Self { id: class.id, name: class.name, state: class.state, instructor: class.instructor_id }
    }
}

/// A person of a class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundledPersonView {
    #[schema(value_type = String)]
    enrollment: Id,
    /// Class and enrollment together are the key: whoever moved between two classes of the caller is given for each.
    #[schema(value_type = String)]
    class: Id,
    #[schema(value_type = String, example = "Siti Nur'aini")]
    name: PersonName,
    #[schema(value_type = String, example = "active")]
    state: EnrollmentState,
    /// The first day as a member.
    seated_on: Option<NaiveDate>,
    /// The day the class was left, for another one too. Whoever came before that day is still a member on it.
    left_on: Option<NaiveDate>,
    /// The days in this class before that, of whoever left it and came back.
    earlier: Vec<BundledDaysView>,
}

/// Days in a class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundledDaysView {
    seated_on: Option<NaiveDate>,
    left_on: Option<NaiveDate>,
}

impl From<BundledPerson> for BundledPersonView {
    fn from(person: BundledPerson) -> Self {
        let BundledPerson { class, enrollment, name, mut days } = person;
        let (seated_on, left_on) = days.pop().unwrap_or_default();
        let earlier = days.into_iter().map(|(seated_on, left_on)| BundledDaysView { seated_on, left_on });
        Self {
            enrollment: enrollment.id,
            class,
            name,
            state: enrollment.state,
            seated_on,
            left_on,
            earlier: earlier.collect(),
        }
    }
}

/// A mark as it stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundledMarkView {
    #[schema(value_type = String)]
    enrollment: Id,
    #[schema(value_type = String, example = "H")]
    mark: Mark,
    minutes_late: Option<i32>,
    #[schema(value_type = Option<String>)]
    note: Option<Label>,
    #[schema(value_type = Option<String>, format = DateTime)]
    marked_at: Option<Instant>,
    #[schema(value_type = String)]
    marked_by: Id,
    /// The clash about it that waits for somebody.
    #[schema(value_type = Option<String>)]
    clash: Option<Id>,
}

impl From<BundledMark> for BundledMarkView {
    fn from(bundled: BundledMark) -> Self {
        let BundledMark { mark, remark, clash } = bundled;
        Self {
            enrollment: mark.enrollment_id,
            mark: mark.mark,
            minutes_late: remark.minutes_late,
            note: remark.note,
            marked_at: Instant::from_micros(mark.marked_at),
            marked_by: mark.marked_by,
            clash,
        }
    }
}

/// A session with its whole register.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundledSessionView {
    session: SessionView,
    /// The clock of the register: what a mark says it has seen. It is absent until there is a register.
    register_at: Option<i64>,
    /// Whoever has been marked; the others are unmarked.
    marks: Vec<BundledMarkView>,
}

impl From<BundledSession> for BundledSessionView {
    fn from(bundled: BundledSession) -> Self {
        Self {
            register_at: bundled.session.register_at,
            session: bundled.session.into(),
            marks: bundled.marks.into_iter().map(BundledMarkView::from).collect(),
        }
    }
}

/// Somebody who is no longer in a class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct GonePersonView {
    #[schema(value_type = String)]
    class: Id,
    #[schema(value_type = String)]
    enrollment: Id,
}

/// What a device is to keep, or what of it has changed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BundleView {
    /// The first day it is about; older sessions are in it as long as they wait for their register, and for 60 days as
    /// long as somebody is unmarked in them or a clash waits.
    from: NaiveDate,
    /// The last day it is about.
    until: NaiveDate,
    /// Classes that are new to the device, or have changed themselves.
    classes: Vec<BundledClassView>,
    /// Classes that are no longer the caller's to mark, or are over: everything of them can go.
    #[schema(value_type = Vec<String>)]
    gone_classes: Vec<Id>,
    /// People who are new or have changed, by name.
    people: Vec<BundledPersonView>,
    /// Who is no longer in which class.
    gone_people: Vec<GonePersonView>,
    /// Sessions that are new or have changed, in order of time.
    sessions: Vec<BundledSessionView>,
    /// Sessions that a device has no more use for: cancelled, moved away, taken out of the timetable.
    #[schema(value_type = Vec<String>)]
    gone_sessions: Vec<Id>,
    /// What to ask with the next time.
    cursor: String,
    /// Whether there is more: ask again at once.
    more: bool,
}

impl From<Bundle> for BundleView {
    fn from(bundle: Bundle) -> Self {
        Self {
            from: bundle.window.from,
            until: bundle.window.until,
            classes: bundle.classes.into_iter().map(BundledClassView::from).collect(),
            gone_classes: bundle.gone_classes,
            people: bundle.people.into_iter().map(BundledPersonView::from).collect(),
            gone_people: bundle
                .gone_people
                .into_iter()
                .map(|(class, enrollment)| GonePersonView { class, enrollment })
                .collect(),
            sessions: bundle.sessions.into_iter().map(BundledSessionView::from).collect(),
            gone_sessions: bundle.gone_sessions,
            cursor: bundle.cursor,
            more: bundle.more,
        }
    }
}

/// Everything that marking the caller's classes needs for two weeks without a network; with `since`, what of it has changed
/// since that answer.
#[utoipa::path(tag = "attendance", params(BundleQuery), responses((status = 200, body = BundleView)))]
#[get("/registers/bundle")]
pub(crate) async fn fetch(call: Call, query: Query<BundleQuery>) -> Result<impl Responder, Problem> {
    let read = call.snapshot(move |tx, actor| bundle::bundle(tx, actor, query.since.as_deref())).await?;
    Ok(private(&BundleView::from(read)))
}
