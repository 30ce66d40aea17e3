//! Reports: the figures of a province, each with its basis and its moment.

use actix_web::{Responder, get};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use validator::Validate;
use vokasi_core::error::{Error, Language, Result, codes};
use vokasi_core::report::{self, Figures, Intake, IntakeRow};
use vokasi_core::time::Instant;
use vokasi_core::values::{ProvinceCode, RegencyCode, Segment, region};

use crate::body::{Query, read_some, reads};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::private;

/// Whose figures.
#[derive(Debug, Default, Deserialize, Validate, IntoParams)]
#[serde(default, deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ProvinceQuery {
    /// The province; the caller's own when nothing is said.
    #[validate(custom(function = "reads::<ProvinceCode>"))]
    province: Option<String>,
}

/// One set of figures.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "registered": 62, "seated": 30, "waiting": 32, "left": 4, "completed": 0, "seats": 30, "classes": 1,
    "classes_needed": 4
}))]
pub(crate) struct FiguresView {
    registered: i64,
    seated: i64,
    waiting: i64,
    left: i64,
    completed: i64,
    seats: i64,
    classes: i64,
    classes_needed: i64,
}

impl From<Figures> for FiguresView {
    fn from(figures: Figures) -> Self {
        Self {
            registered: figures.registered,
            seated: figures.seated,
            waiting: figures.waiting,
            left: figures.left,
            completed: figures.completed,
            seats: figures.seats,
            classes: figures.classes,
            classes_needed: figures.classes_needed,
        }
    }
}

/// The figures of one regency and segment.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntakeRowView {
    /// Kemendagri code.
    #[schema(value_type = String, example = "18.07")]
    regency: RegencyCode,
    regency_name: String,
    /// `alumni`, `grade_xii` or `public`.
    #[schema(value_type = String, example = "grade_xii")]
    segment: Segment,
    #[serde(flatten)]
    figures: FiguresView,
}

impl From<IntakeRow> for IntakeRowView {
    fn from(row: IntakeRow) -> Self {
        Self {
            regency_name: row.regency.full_name(),
            regency: row.regency,
            segment: row.segment,
            figures: row.figures.into(),
        }
    }
}

/// What each figure counts, as a sentence.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BasisView {
    place: &'static str,
    registered: &'static str,
    seated: &'static str,
    waiting: &'static str,
    left: &'static str,
    completed: &'static str,
    seats: &'static str,
    classes: &'static str,
    classes_needed: &'static str,
}

fn basis(language: Language) -> BasisView {
    match language {
        Language::Indonesian => BasisView {
            place: "Orang dihitung di kabupaten/kota sekolah tempat mendaftar (tanpa sekolah: tempat tinggal), kursi \
                    dan kelas di kabupaten/kota lembaga. Angkatan yang dibatalkan tidak dihitung.",
            registered: "Semua pendaftar yang tidak mundur: seated + waiting.",
            seated: "Yang mendapat kursi: aktif, cuti, lulus, dan tidak lulus.",
            waiting: "Yang belum mendapat kursi: mendaftar dan daftar tunggu.",
            left: "Yang mundur atau putus; tidak termasuk registered.",
            completed: "Yang lulus; termasuk seated.",
            seats: "Kursi kelas yang tidak dibatalkan.",
            classes: "Kelas yang tidak dibatalkan.",
            classes_needed: "Kelas yang ada ditambah kelas yang masih diperlukan untuk semua yang menunggu, menurut \
                             angkatan dan kabupaten/kota, setelah kursi kosong terisi.",
        },
        Language::English => BasisView {
            place: "People are counted in the regency of the school they registered through (without one, where they \
                    live), seats and classes in the regency of the host. Cancelled cohorts are not counted.",
            registered: "Everyone who registered and did not leave: seated + waiting.",
            seated: "Those with a seat: active, on leave, completed and not completed.",
            waiting: "Those without a seat: applied and waitlisted.",
            left: "Those who withdrew or dropped out; not in registered.",
            completed: "Those who completed; part of seated.",
            seats: "Seats of classes that are not cancelled.",
            classes: "Classes that are not cancelled.",
            classes_needed: "The classes there are, and as many more as would seat everyone waiting, by cohort and \
                             regency, once free seats are used.",
        },
    }
}

/// The province's table.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct IntakeView {
    #[schema(value_type = String, example = "18")]
    province: ProvinceCode,
    #[schema(example = "Lampung")]
    province_name: &'static str,
    /// The moment the figures are of.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    basis: BasisView,
    total: FiguresView,
    /// One row per regency and segment that has any figure, in order.
    rows: Vec<IntakeRowView>,
}

impl IntakeView {
    fn of(table: Intake, language: Language) -> Self {
        Self {
            province_name: region(table.province.as_str()).map_or("", |region| region.name),
            province: table.province,
            as_of: table.as_of,
            basis: basis(language),
            total: table.total.into(),
            rows: table.rows.into_iter().map(IntakeRowView::from).collect(),
        }
    }
}

/// Registered, seated, waiting, seats, classes and classes needed, by regency and segment.
#[utoipa::path(tag = "reports", params(ProvinceQuery), responses((status = 200, body = IntakeView)))]
#[get("/reports/intake")]
pub(crate) async fn intake(call: Call, query: Query<ProvinceQuery>) -> Result<impl Responder, Problem> {
    let language = call.language;
    let table = call
        .snapshot(move |tx, actor| {
            let named: Option<ProvinceCode> = read_some(query.province.as_ref())?;
            let province = named.or_else(|| actor.scope().province().cloned());
            let province = province.ok_or_else(|| Error::field("/province", &codes::FIELD_REQUIRED))?;
            report::intake(tx, actor, &province)
        })
        .await?;
    Ok(private(&IntakeView::of(table, language)))
}
