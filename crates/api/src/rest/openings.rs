//! Where to open classes next: who waits where, what is free there, and the classes that would seat most of them.

use actix_web::{Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::agreement::Allowance;
use vokasi_core::class::Slot;
use vokasi_core::enrollment::Why;
use vokasi_core::error::Result;
use vokasi_core::id::Id;
use vokasi_core::opening::{
    self, Demand, Hours, Lack, Opening, Origin, PartnerDemand, Proposal, RegencyDemand, Shortage, Supply, Tally, Wish,
};
use vokasi_core::partner::Partner;
use vokasi_core::time::Instant;
use vokasi_core::values::{Label, LessonHours, PersonName, RegencyCode};

use super::classes::{ClassBody, SlotBody, slots};
use super::page_of;
use crate::body::{Body, Query, read_some, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, private};

/// People and seats of a cohort. Seats are those of classes that still take people.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"waiting": 5461, "classes": 101, "seats": 2984, "seated": 2984, "held": 0, "free": 0}))]
pub(crate) struct TallyView {
    /// People on the waiting list; whoever is offered a seat is still one of them.
    waiting: i64,
    classes: i64,
    /// All of their seats: seated + held + free.
    seats: i64,
    seated: i64,
    /// Seats that are offered to somebody or kept for a school.
    held: i64,
    free: i64,
}

impl From<Tally> for TallyView {
    fn from(tally: Tally) -> Self {
        let Tally { waiting, classes, seats, seated, held, free } = tally;
        Self { waiting, classes, seats, seated, held, free }
    }
}

/// Who is free at a weekly pattern of the cohort's classes, from today to the cohort's last day.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct SupplyView {
    slots: Vec<SlotBody>,
    /// Instructors of the partner who teach no class at these times.
    #[schema(example = 3)]
    teachers: usize,
    /// Rooms in which the partner had a class and has none at these times.
    #[schema(example = 2)]
    rooms: usize,
}

impl From<Supply> for SupplyView {
    fn from(supply: Supply) -> Self {
        let slots = supply.slots.into_iter().map(SlotBody::from).collect();
        Self { slots, teachers: supply.teachers, rooms: supply.rooms }
    }
}

fn supplies(supply: Vec<Supply>) -> Vec<SupplyView> {
    supply.into_iter().map(SupplyView::from).collect()
}

/// One regency of a demand.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RegencyDemandView {
    /// Its Kemendagri code.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    #[schema(example = "Kabupaten Lampung Timur")]
    regency_name: String,
    /// People who registered there, and seats of its hosts.
    #[serde(flatten)]
    tally: TallyView,
    /// What its partners have free, pattern by pattern, the most usual one first.
    supply: Vec<SupplyView>,
}

impl From<RegencyDemand> for RegencyDemandView {
    fn from(row: RegencyDemand) -> Self {
        Self {
            regency_name: row.regency.full_name(),
            regency: row.regency,
            tally: row.tally.into(),
            supply: supplies(row.supply),
        }
    }
}

/// Who waits for a cohort, and what there is for them.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct DemandView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2F")]
    cohort: Id,
    /// The moment the figures are of.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    total: TallyView,
    /// Every regency in which somebody waits or a class could be held, in order.
    regencies: Vec<RegencyDemandView>,
}

impl From<Demand> for DemandView {
    fn from(demand: Demand) -> Self {
        Self {
            cohort: demand.cohort,
            as_of: demand.as_of,
            total: demand.total.into(),
            regencies: demand.regencies.into_iter().map(RegencyDemandView::from).collect(),
        }
    }
}

/// An agreement that covers further classes of the cohort.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AllowanceView {
    #[schema(value_type = String)]
    agreement: Id,
    #[schema(value_type = String, example = "420/118/V.01/DP.2/2025")]
    number: Label,
    /// Seats it has left, in all and for the year in which a class would begin; null for any number.
    #[schema(example = 60)]
    seats: Option<i32>,
}

impl From<Allowance> for AllowanceView {
    fn from(allowance: Allowance) -> Self {
        Self { agreement: allowance.agreement, number: allowance.number, seats: allowance.seats }
    }
}

/// A partner by its name.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct NamedPartnerView {
    #[schema(value_type = String)]
    id: Id,
    #[schema(value_type = String, example = "SMKN 1 Way Harapan")]
    name: Label,
}

impl From<Partner> for NamedPartnerView {
    fn from(partner: Partner) -> Self {
        Self { id: partner.id, name: partner.name }
    }
}

/// One partner of a demand: a school whose people wait, a host, or both.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct PartnerDemandView {
    partner: NamedPartnerView,
    /// Its Kemendagri code.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    /// People who registered through it, and seats it hosts.
    #[serde(flatten)]
    tally: TallyView,
    /// What it has free, pattern by pattern, the most usual one first.
    supply: Vec<SupplyView>,
    /// Its agreements that are in force until the cohort's last day and cover its program here.
    agreements: Vec<AllowanceView>,
}

impl From<PartnerDemand> for PartnerDemandView {
    fn from(row: PartnerDemand) -> Self {
        Self {
            regency: row.partner.regency_code.clone(),
            partner: row.partner.into(),
            tally: row.tally.into(),
            supply: supplies(row.supply),
            agreements: row.agreements.into_iter().map(AllowanceView::from).collect(),
        }
    }
}

/// A page of partners.
#[derive(Serialize, ToSchema)]
pub(crate) struct PartnerDemandPage {
    items: Vec<PartnerDemandView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// Which partners.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PartnerDemandQuery {
    /// Only of this regency.
    #[validate(custom(function = "reads::<RegencyCode>"))]
    regency: Option<String>,
    /// Cursor of the page, as the previous page gave it.
    after: Option<String>,
    /// Rows on the page, 1 to 200; 50 when nothing is said.
    limit: Option<i64>,
}

/// A weekly pattern.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PatternBody {
    /// Its meetings.
    #[validate(nested)]
    #[schema(required = true)]
    slots: Vec<SlotBody>,
}

/// What is asked of the classes; what is absent is taken from the cohort and its classes.
#[derive(Debug, Default, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "patterns": [{"slots": [
        {"weekday": 6, "starts_at": "07:30", "lesson_hours": 4}, {"weekday": 7, "starts_at": "07:30", "lesson_hours": 4}
    ]}],
    "seats": 30, "minimum": 16, "classes": 20
}))]
pub(crate) struct WishBody {
    /// The weekly patterns they may have, 12 at most; those of the cohort's classes when there is none.
    #[validate(nested, length(max = 12))]
    patterns: Vec<PatternBody>,
    /// Seats of each; the cohort's class size when nothing is said.
    #[validate(range(min = 1, max = 500))]
    seats: Option<i32>,
    /// People each needs to start; what most of the cohort's classes need when nothing is said.
    #[validate(range(min = 1, max = 500))]
    minimum: Option<i32>,
    /// How many at most; as many as are of use when nothing is said.
    #[validate(range(min = 1, max = 10_000))]
    classes: Option<i32>,
    /// The first day; the cohort's when nothing is said, or today once that has been.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    starts_on: Option<String>,
    /// The last day; the cohort's when nothing is said.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(format = Date)]
    ends_on: Option<String>,
}

impl WishBody {
    fn wish(&self) -> Result<Wish> {
        Ok(Wish {
            patterns: self.patterns.iter().map(|pattern| slots(&pattern.slots)).collect::<Result<_>>()?,
            seats: self.seats,
            minimum: self.minimum,
            classes: self.classes,
            starts_on: read_some(self.starts_on.as_ref())?,
            ends_on: read_some(self.ends_on.as_ref())?,
        })
    }
}

/// People of one school who would sit in a class.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OriginView {
    /// The school they registered through; null for those without one.
    school: Option<NamedPartnerView>,
    /// How near the class is: `own_school`, `same_regency` or `same_province`.
    #[schema(value_type = String, example = "own_school")]
    why: Why,
    #[schema(example = 18)]
    people: i64,
}

impl From<Origin> for OriginView {
    fn from(origin: Origin) -> Self {
        Self { school: origin.school.map(NamedPartnerView::from), why: origin.why, people: origin.people }
    }
}

/// A class to open.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct OpeningView {
    host: NamedPartnerView,
    /// Its Kemendagri code.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    /// Who would teach: an instructor of the host who is free at these times.
    #[schema(value_type = String, example = "Wulan Dewi")]
    instructor_name: PersonName,
    /// The number of the host's agreement that covers it.
    #[schema(value_type = String, example = "420/118/V.01/DP.2/2025")]
    agreement_number: Label,
    /// Lesson hours of the program for which there is no time until its last day.
    #[schema(example = 12)]
    uncovered: LessonHours,
    /// People it would seat.
    #[schema(example = 30)]
    people: i64,
    /// Whom, school by school, the nearest first.
    from: Vec<OriginView>,
    /// What stands in the way of one class more at this host: `agreement`, `teacher`, `room`, `people` when too few are
    /// left, `limit` when no more were asked for.
    #[schema(value_type = Vec<String>, example = json!(["teacher"]))]
    next_lacks: Vec<Lack>,
    /// What opens it: the body of `POST /classes`, as it is.
    class: ClassBody,
}

impl From<Opening> for OpeningView {
    fn from(opening: Opening) -> Self {
        Self {
            regency: opening.host.regency_code.clone(),
            host: opening.host.into(),
            instructor_name: opening.instructor,
            agreement_number: opening.agreement,
            uncovered: opening.hours.uncovered,
            people: opening.people.iter().map(|origin| origin.people).sum(),
            from: opening.people.into_iter().map(OriginView::from).collect(),
            next_lacks: opening.next,
            class: opening.class.into(),
        }
    }
}

/// Classes that cannot be opened yet.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShortageView {
    /// Kemendagri code of the regency.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    #[schema(example = "Kabupaten Lampung Timur")]
    regency_name: String,
    /// Where the least is missing; null where no partner has anything of what a class takes.
    host: Option<NamedPartnerView>,
    /// What is missing: `agreement`, `teacher`, `room`; `people` when those who are left are fewer than a class needs,
    /// `limit` when nothing is missing and no more classes were asked for.
    #[schema(value_type = Vec<String>, example = json!(["teacher"]))]
    lacks: Vec<Lack>,
    /// For how many classes.
    #[schema(example = 2)]
    classes: i64,
    /// People they would seat.
    #[schema(example = 60)]
    people: i64,
}

impl From<Shortage> for ShortageView {
    fn from(shortage: Shortage) -> Self {
        Self {
            regency_name: shortage.regency.full_name(),
            regency: shortage.regency,
            host: shortage.host.map(NamedPartnerView::from),
            lacks: shortage.lacks,
            classes: shortage.classes,
            people: shortage.people,
        }
    }
}

/// A weekly pattern, and what a class comes to at it until its last day, around the days off of the province.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ReachedPatternView {
    slots: Vec<SlotBody>,
    /// Lesson hours it has room for, no more than those of the program.
    #[schema(example = 328)]
    lesson_hours: LessonHours,
    /// Lesson hours of the program for which there is no time.
    #[schema(example = 12)]
    uncovered: LessonHours,
}

impl From<(Vec<Slot>, Hours)> for ReachedPatternView {
    fn from((slots, hours): (Vec<Slot>, Hours)) -> Self {
        let slots = slots.into_iter().map(SlotBody::from).collect();
        Self { slots, lesson_hours: hours.reached, uncovered: hours.uncovered }
    }
}

/// Which classes to open, and what is missing for everyone else.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClassProposalView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2F")]
    cohort: Id,
    /// The moment it is of.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// The weekly patterns it chose from.
    patterns: Vec<ReachedPatternView>,
    /// Seats of each class.
    seats: i32,
    /// People each needs to start.
    minimum: i32,
    /// People for whom the seats there are do not suffice: seated + those of the shortages.
    #[schema(example = 5461)]
    waiting: i64,
    /// Those whom the classes would seat.
    #[schema(example = 3000)]
    seated: i64,
    /// The classes, in the order in which they are worth opening.
    classes: Vec<OpeningView>,
    /// What is missing for everyone else.
    shortages: Vec<ShortageView>,
}

impl From<Proposal> for ClassProposalView {
    fn from(proposal: Proposal) -> Self {
        Self {
            cohort: proposal.cohort,
            as_of: proposal.as_of,
            patterns: proposal.terms.patterns.into_iter().zip(proposal.hours).map(ReachedPatternView::from).collect(),
            seats: proposal.terms.seats,
            minimum: proposal.terms.minimum,
            waiting: proposal.waiting,
            seated: proposal.seated,
            classes: proposal.openings.into_iter().map(OpeningView::from).collect(),
            shortages: proposal.shortages.into_iter().map(ShortageView::from).collect(),
        }
    }
}

/// Who waits for a seat of the cohort and what is free for them, by regency.
#[utoipa::path(tag = "openings", params(("id" = String, Path)), responses((status = 200, body = DemandView)))]
#[get("/cohorts/{id}/demand")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let demand = call.snapshot(move |tx, actor| opening::demand(tx, actor, *id)).await?;
    Ok(private(&DemandView::from(demand)))
}

/// The same by partner: schools whose people wait, and whoever could host a class.
#[utoipa::path(tag = "openings", params(("id" = String, Path), PartnerDemandQuery),
    responses((status = 200, body = PartnerDemandPage)))]
#[get("/cohorts/{id}/demand/partners")]
pub(crate) async fn partners(
    call: Call,
    id: web::Path<Id>,
    query: Query<PartnerDemandQuery>,
) -> Result<impl Responder, Problem> {
    let page = call
        .snapshot(move |tx, actor| {
            let regency: Option<RegencyCode> = read_some(query.regency.as_ref())?;
            opening::partners(tx, actor, *id, regency.as_ref(), page_of!(query)?)
        })
        .await?;
    Ok(Listed::from(page.map(PartnerDemandView::from)))
}

/// The classes that would seat most of those for whom there is no seat: most people, then fewest classes, then nearest to
/// their schools. Each can be opened at once; what is missing for the rest is named. Nothing is kept.
#[utoipa::path(tag = "openings", params(("id" = String, Path)), request_body = WishBody,
    responses((status = 200, body = ClassProposalView)))]
#[post("/cohorts/{id}/class-proposals")]
pub(crate) async fn propose(call: Call, id: web::Path<Id>, body: Body<WishBody>) -> Result<impl Responder, Problem> {
    let proposal = call.snapshot(move |tx, actor| opening::propose(tx, actor, *id, &body.value.wish()?)).await?;
    Ok(private(&ClassProposalView::from(proposal)))
}
