//! Programs: the catalogue and its versions.

use actix_web::{HttpResponse, Responder, get, post, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use validator::{Validate, ValidationError};
use vokasi_core::error::{Result, codes};
use vokasi_core::id::Id;
use vokasi_core::program::{
    self, CompletionPolicy, Component, Curriculum, ExternalExam, Module, ModuleKind, Need, NewProgram, Predicate,
    Prerequisite, Program, ProgramVersion, SegmentLength,
};
use vokasi_core::time::Instant;
use vokasi_core::values::{Bilingual, Label, LessonHours, Mark, Percent, Score, Segment};

use super::PageQuery;
use crate::body::{Body, Query, each_of, one_of, read, read_all, reads, short, wrong};
use crate::call::Call;
use crate::problem::Problem;
use crate::reply::{Listed, Made, Tagged, private};

/// A text in both languages.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"id": "Perhotelan", "en": "Hospitality"}))]
pub(crate) struct BilingualBody {
    /// Indonesian.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    id: String,
    /// English.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    en: String,
}

impl BilingualBody {
    pub(super) fn text(&self) -> Result<Bilingual> {
        Ok(Bilingual { id: plain(&self.id)?, en: plain(&self.en)? })
    }
}

/// A text that is kept as it is typed, but for doubled spaces.
fn plain(text: &str) -> Result<String> {
    Ok(read::<Label>(text)?.as_str().to_owned())
}

/// A segment the program serves.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"segment": "grade_xii", "usual_months": 12}))]
pub(crate) struct SegmentLengthBody {
    /// `alumni`, `grade_xii` or `public`.
    #[validate(custom(function = "one_of::<Segment>"))]
    #[schema(required = true)]
    segment: String,
    /// The usual length for it; another length asks for a reason.
    #[validate(range(min = 1, max = 60))]
    #[schema(required = true)]
    usual_months: u32,
}

/// A part of the curriculum.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "code": "HOSP-02", "title": {"id": "Tata Graha", "en": "Housekeeping"}, "kind": "practice", "lesson_hours": 72
}))]
pub(crate) struct ModuleBody {
    /// Its code inside the program.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    code: String,
    /// Its title.
    #[validate(nested)]
    #[schema(required = true)]
    title: BilingualBody,
    /// `theory`, `practice` or `orientation`.
    #[validate(custom(function = "one_of::<ModuleKind>"))]
    #[schema(required = true)]
    kind: String,
    /// Lesson hours (JP).
    #[validate(range(min = 1, max = 2000))]
    #[schema(required = true)]
    lesson_hours: LessonHours,
}

impl ModuleBody {
    fn module(&self) -> Result<Module> {
        Ok(Module {
            code: plain(&self.code)?,
            title: self.title.text()?,
            kind: read(&self.kind)?,
            lesson_hours: self.lesson_hours,
        })
    }
}

/// A scored part of the assessment.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "code": "practice", "name": {"id": "Uji Praktik", "en": "Practical test"}, "weight": "60", "minimum": "60"
}))]
pub(crate) struct ComponentBody {
    /// Its code inside the program.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    code: String,
    /// Its name.
    #[validate(nested)]
    #[schema(required = true)]
    name: BilingualBody,
    /// Its share of the final score, per cent; all shares add up to 100.
    #[validate(custom(function = "reads::<Percent>"))]
    #[schema(required = true)]
    weight: String,
    /// The score it needs at least, 0 to 100.
    #[validate(custom(function = "reads::<Score>"))]
    #[schema(required = true)]
    minimum: String,
}

impl ComponentBody {
    fn component(&self) -> Result<Component> {
        Ok(Component {
            code: plain(&self.code)?,
            name: self.name.text()?,
            weight: read(&self.weight)?,
            minimum: read(&self.minimum)?,
        })
    }
}

/// An exam outside the program that completion needs.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"exam": "JLPT", "level": "N5"}))]
pub(crate) struct ExternalExamBody {
    /// Its scheme.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    exam: String,
    /// The level needed.
    #[validate(custom(function = "reads::<Label>"))]
    #[schema(required = true)]
    level: String,
}

/// A word for a final score.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"minimum": "80", "name": {"id": "Memuaskan", "en": "Very good"}}))]
pub(crate) struct PredicateBody {
    /// The final score from which it holds.
    #[validate(custom(function = "reads::<Score>"))]
    #[schema(required = true)]
    minimum: String,
    /// The word.
    #[validate(nested)]
    #[schema(required = true)]
    name: BilingualBody,
}

/// What completes the program.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct CompletionPolicyBody {
    /// Per cent of lesson hours held that must be credited.
    #[validate(custom(function = "reads::<Percent>"))]
    #[schema(required = true, example = "80")]
    minimum_attendance: String,
    /// The marks that credit their lesson hours, of `H`, `T`, `S`, `I`, `A`; `H` and `T` when nothing is said.
    #[validate(custom(function = "each_of::<Mark>"))]
    credited_marks: Option<Vec<String>>,
    /// The scored parts.
    #[validate(nested)]
    components: Vec<ComponentBody>,
    /// The exam needed, if any.
    #[validate(nested)]
    external_exam: Option<ExternalExamBody>,
    /// From the highest minimum to the lowest; a final score below the last does not complete.
    #[validate(nested)]
    predicates: Vec<PredicateBody>,
}

impl CompletionPolicyBody {
    fn policy(&self) -> Result<CompletionPolicy> {
        let exam = |needed: &ExternalExamBody| -> Result<ExternalExam> {
            Ok(ExternalExam { exam: plain(&needed.exam)?, level: plain(&needed.level)? })
        };
        let predicate = |body: &PredicateBody| Ok(Predicate { minimum: read(&body.minimum)?, name: body.name.text()? });
        Ok(CompletionPolicy {
            minimum_attendance: read(&self.minimum_attendance)?,
            credited_marks: match &self.credited_marks {
                Some(marks) => read_all(marks)?,
                None => vec![Mark::Present, Mark::Late],
            },
            components: self.components.iter().map(ComponentBody::component).collect::<Result<_>>()?,
            external_exam: self.external_exam.as_ref().map(exam).transpose()?,
            predicates: self.predicates.iter().map(predicate).collect::<Result<_>>()?,
        })
    }
}

/// One way to meet a prerequisite: a completed program, or an exam at a level or above.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[validate(schema(function = "one_need"))]
#[schema(example = json!({"exam": "JLPT", "level": "N5"}))]
pub(crate) struct NeedBody {
    /// Code of the program; stands alone.
    #[validate(custom(function = "reads::<Label>"))]
    program: Option<String>,
    /// Scheme of the exam; with its level.
    #[validate(custom(function = "reads::<Label>"))]
    exam: Option<String>,
    /// Level of the exam.
    #[validate(custom(function = "reads::<Label>"))]
    level: Option<String>,
}

fn one_need(need: &NeedBody) -> Result<(), ValidationError> {
    need.need().map(drop).ok_or_else(|| wrong(&codes::PROGRAM_NEED))
}

impl NeedBody {
    fn need(&self) -> Option<Need> {
        match (&self.program, &self.exam, &self.level) {
            (Some(program), None, None) => Some(Need::Program { program: program.clone() }),
            (None, Some(exam), Some(level)) => Some(Need::Exam { exam: exam.clone(), level: level.clone() }),
            _ => None,
        }
    }
}

/// Something needed before, in any of several ways.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct PrerequisiteBody {
    /// Any one of these is enough.
    #[validate(length(min = 1, code = "field.required"), nested)]
    #[schema(required = true)]
    any_of: Vec<NeedBody>,
}

/// What is taught and what completes it.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({
    "minutes_per_lesson_hour": 45,
    "segments": [{"segment": "alumni", "usual_months": 3}, {"segment": "grade_xii", "usual_months": 12}],
    "modules": [{
        "code": "HOSP-02", "title": {"id": "Tata Graha", "en": "Housekeeping"}, "kind": "practice", "lesson_hours": 72
    }],
    "completion": {
        "minimum_attendance": "80",
        "credited_marks": ["H", "T"],
        "components": [{
            "code": "practice", "name": {"id": "Uji Praktik", "en": "Practical test"}, "weight": "100", "minimum": "60"
        }],
        "external_exam": null,
        "predicates": [
            {"minimum": "80", "name": {"id": "Memuaskan", "en": "Very good"}},
            {"minimum": "60", "name": {"id": "Cukup", "en": "Sufficient"}}
        ]
    },
    "prerequisites": [{"any_of": [{"program": "ENGL"}, {"exam": "JLPT", "level": "N5"}]}]
}))]
pub(crate) struct CurriculumBody {
    /// Minutes of one lesson hour: 45 in SMA and SMK, 40 at some centres, 60 elsewhere.
    #[validate(range(min = 30, max = 60))]
    #[schema(required = true)]
    minutes_per_lesson_hour: u32,
    /// Who it serves.
    #[validate(length(min = 1, code = "field.required"), nested)]
    #[schema(required = true)]
    segments: Vec<SegmentLengthBody>,
    /// What is taught, in order.
    #[validate(length(min = 1, code = "program.modules"), nested)]
    #[schema(required = true)]
    modules: Vec<ModuleBody>,
    /// What completes it.
    #[validate(nested)]
    #[schema(required = true)]
    completion: CompletionPolicyBody,
    /// What is needed before.
    #[validate(nested)]
    prerequisites: Vec<PrerequisiteBody>,
    /// Days after a session in which its instructor may correct the register; without a limit when nothing is said.
    #[validate(range(min = 0, max = 366))]
    #[serde(skip_serializing_if = "Option::is_none")]
    correction_days: Option<u32>,
}

impl CurriculumBody {
    fn curriculum(&self) -> Result<Curriculum> {
        let length = |body: &SegmentLengthBody| {
            Ok(SegmentLength { segment: read(&body.segment)?, usual_months: body.usual_months })
        };
        let prerequisite =
            |body: &PrerequisiteBody| Prerequisite { any_of: body.any_of.iter().filter_map(NeedBody::need).collect() };
        Ok(Curriculum {
            minutes_per_lesson_hour: self.minutes_per_lesson_hour,
            segments: self.segments.iter().map(length).collect::<Result<_>>()?,
            modules: self.modules.iter().map(ModuleBody::module).collect::<Result<_>>()?,
            completion: self.completion.policy()?,
            prerequisites: self.prerequisites.iter().map(prerequisite).collect(),
            correction_days: self.correction_days,
        })
    }
}

/// A program to publish with its first version.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ProgramBody {
    /// A short code; part of certificate numbers.
    #[validate(custom(function = "short::<Label, 20>"))]
    #[schema(required = true, example = "HOSP")]
    code: String,
    /// Its name.
    #[validate(nested)]
    #[schema(required = true)]
    name: BilingualBody,
    /// The first day the version may be used.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date, example = "2025-01-01")]
    valid_from: String,
    /// What is taught and what completes it.
    #[validate(nested)]
    #[schema(required = true)]
    curriculum: CurriculumBody,
}

impl ProgramBody {
    fn command(&self) -> Result<NewProgram> {
        Ok(NewProgram {
            code: read(&self.code)?,
            name: self.name.text()?,
            valid_from: read(&self.valid_from)?,
            curriculum: self.curriculum.curriculum()?,
        })
    }
}

/// A further version of a program.
#[derive(Debug, Default, Serialize, Deserialize, Validate, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct VersionBody {
    /// The first day it may be used.
    #[validate(custom(function = "reads::<NaiveDate>"))]
    #[schema(required = true, format = Date, example = "2026-01-01")]
    valid_from: String,
    /// What is taught and what completes it.
    #[validate(nested)]
    #[schema(required = true)]
    curriculum: CurriculumBody,
}

/// A program.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgramView {
    #[schema(value_type = String, example = "0CZ5V9K3M7Q2A")]
    id: Id,
    #[schema(value_type = String, example = "HOSP")]
    code: Label,
    #[schema(value_type = BilingualBody)]
    name: Bilingual,
    /// The number of its newest version.
    #[schema(example = 1)]
    latest: i32,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Instant,
}

impl From<Program> for ProgramView {
    fn from(program: Program) -> Self {
        Self {
            id: program.id,
            code: program.code,
            name: Bilingual::new(program.name_id, program.name_en),
            latest: program.latest,
            updated_at: program.updated_at,
        }
    }
}

/// A frozen version of a program.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct VersionView {
    #[schema(example = 1)]
    number: i32,
    /// The first day it may be used.
    valid_from: NaiveDate,
    /// Lesson hours (JP) of all its modules.
    #[schema(example = 320)]
    lesson_hours: LessonHours,
    #[schema(value_type = CurriculumBody)]
    curriculum: Curriculum,
    #[schema(value_type = String, format = DateTime)]
    published_at: Instant,
}

impl From<ProgramVersion> for VersionView {
    fn from(version: ProgramVersion) -> Self {
        Self {
            number: version.number,
            valid_from: version.valid_from,
            lesson_hours: version.lesson_hours,
            curriculum: version.curriculum,
            published_at: version.created_at,
        }
    }
}

/// A program with its newest version.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ProgramDetailView {
    #[serde(flatten)]
    program: ProgramView,
    newest: VersionView,
}

impl From<(Program, ProgramVersion)> for ProgramDetailView {
    fn from((program, version): (Program, ProgramVersion)) -> Self {
        Self { program: program.into(), newest: version.into() }
    }
}

/// A page of programs.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProgramPage {
    items: Vec<ProgramView>,
    /// Cursor of the next page, if there is one.
    next: Option<String>,
}

/// The catalogue, the same in all provinces.
#[utoipa::path(tag = "programs", params(PageQuery), responses((status = 200, body = ProgramPage)))]
#[get("/programs")]
pub(crate) async fn list(call: Call, query: Query<PageQuery>) -> Result<impl Responder, Problem> {
    let page = call.read(move |tx, actor| program::list(tx, actor, query.request()?)).await?;
    Ok(Listed::from(page.map(ProgramView::from)))
}

/// Publishes a program with its first version.
#[utoipa::path(tag = "programs", request_body = ProgramBody, responses((status = 201, body = ProgramDetailView)))]
#[post("/programs")]
pub(crate) async fn create(call: Call, body: Body<ProgramBody>) -> Result<HttpResponse, Problem> {
    let (value, sha256) = body.hashed();
    call.create(&sha256, move |tx, actor| {
        let made = program::create(tx, actor, value.command()?)?;
        Ok(Made::at(format!("/api/v1/programs/{}", made.0.id), made.0.version, ProgramDetailView::from(made)))
    })
    .await
}

/// One program with its newest version.
#[utoipa::path(tag = "programs", params(("id" = String, Path)), responses((status = 200, body = ProgramDetailView)))]
#[get("/programs/{id}")]
pub(crate) async fn get(call: Call, id: web::Path<Id>) -> Result<impl Responder, Problem> {
    let found = call
        .snapshot(move |tx, actor| {
            let found = program::get(tx, actor, *id)?;
            let newest = program::version(tx, actor, *id, found.latest)?;
            Ok((found, newest))
        })
        .await?;
    Ok(Tagged::new(found.0.version, ProgramDetailView::from(found)))
}

/// Publishes a further version; cohorts keep the one they started under.
#[utoipa::path(tag = "programs",
    params(("id" = String, Path), ("If-Match" = String, Header, description = "The ETag of your last read.")),
    request_body = VersionBody, responses((status = 200, body = ProgramDetailView)))]
#[post("/programs/{id}/versions")]
pub(crate) async fn publish(call: Call, id: web::Path<Id>, body: Body<VersionBody>) -> Result<impl Responder, Problem> {
    let published = call
        .change(move |tx, actor, version| {
            let valid_from = read(&body.value.valid_from)?;
            program::add_version(tx, actor, *id, version, valid_from, body.value.curriculum.curriculum()?)
        })
        .await?;
    Ok(Tagged::new(published.0.version, ProgramDetailView::from(published)))
}

/// One version of a program, as it was published.
#[utoipa::path(tag = "programs", params(("id" = String, Path), ("number" = i32, Path)),
    responses((status = 200, body = VersionView)))]
#[get("/programs/{id}/versions/{number}")]
pub(crate) async fn get_version(call: Call, path: web::Path<(Id, i32)>) -> Result<impl Responder, Problem> {
    let (id, number) = path.into_inner();
    let found = call.read(move |tx, actor| program::version(tx, actor, id, number)).await?;
    Ok(private(&VersionView::from(found)))
}
