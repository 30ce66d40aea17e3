use std::collections::HashSet;

use chrono::NaiveDate;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};

use super::{ExamOutcome, SectionScore};
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::dialect::{insert_many, one_of_ids};
use crate::db::schema::{classes, enrollments, exam_results, participants};
use crate::error::{Error, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::participant::ERASED;
use crate::time::Instant;
use crate::values::{Label, PersonName, Points};

/// The result of one sitting of an exam outside the programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExamResult {
    /// Key.
    pub id: Id,
    /// Whose.
    pub participant_id: Id,
    /// Which exam.
    pub scheme: String,
    /// What was sat for: the level, or the scheme itself where one sitting gives whatever level was reached.
    pub sitting: String,
    /// The level sat for or reached; none where none was reached.
    pub level: Option<String>,
    /// The test day.
    pub taken_on: NaiveDate,
    /// The score of each section.
    pub sections: Vec<SectionScore>,
    /// The score in total.
    pub total: Option<Points>,
    /// What holds.
    pub outcome: ExamOutcome,
    /// What the scheme of the day makes of the scores; nothing where they do not tell.
    pub computed: Option<ExamOutcome>,
    /// The number on the paper.
    pub certificate_number: Option<Label>,
    /// The last day on which a pass counts; none while it has no end.
    pub valid_until: Option<NaiveDate>,
    /// Why the paper says another thing than its scores, or why an earlier result was corrected.
    pub reason: Option<Label>,
    /// When it was recorded.
    pub recorded_at: Instant,
    /// By whose account.
    pub recorded_by: Id,
    /// The earlier result that it corrects.
    pub replaces: Option<Id>,
    /// Whether no correction has taken its place and it was not withdrawn.
    pub in_force: bool,
    /// Grows when a correction takes its place.
    pub version: i32,
    /// Who took it back and why, if anybody did.
    pub withdrawal: Option<Withdrawal>,
}

/// Why a result was taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// When.
    pub at: Instant,
    /// By whose account.
    pub by: Id,
    /// Why; forgotten with the person.
    pub reason: Option<Label>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = exam_results, treat_none_as_default_value = false)]
struct Row {
    id: Id,
    participant_id: Id,
    scheme: String,
    sitting: String,
    level: Option<String>,
    taken_on: NaiveDate,
    sections: String,
    total: Option<Points>,
    outcome: ExamOutcome,
    computed: Option<ExamOutcome>,
    certificate_number: Option<Label>,
    valid_until: Option<NaiveDate>,
    reason: Option<Label>,
    recorded_at: Instant,
    recorded_by: Id,
    replaces: Option<Id>,
    in_force: bool,
    version: i32,
    withdrawn_at: Option<Instant>,
    withdrawn_by: Option<Id>,
    withdrawal_reason: Option<Label>,
}

impl Row {
    fn of(result: &ExamResult) -> Result<Self> {
        Ok(Self {
            sections: serde_json::to_string(&result.sections).map_err(Error::storage)?,
            id: result.id,
            participant_id: result.participant_id,
            scheme: result.scheme.clone(),
            sitting: result.sitting.clone(),
            level: result.level.clone(),
            taken_on: result.taken_on,
            total: result.total,
            outcome: result.outcome,
            computed: result.computed,
            certificate_number: result.certificate_number.clone(),
            valid_until: result.valid_until,
            reason: result.reason.clone(),
            recorded_at: result.recorded_at,
            recorded_by: result.recorded_by,
            replaces: result.replaces,
            in_force: result.in_force,
            version: result.version,
            withdrawn_at: result.withdrawal.as_ref().map(|one| one.at),
            withdrawn_by: result.withdrawal.as_ref().map(|one| one.by),
            withdrawal_reason: result.withdrawal.as_ref().and_then(|one| one.reason.clone()),
        })
    }

    fn open(self) -> Result<ExamResult> {
        let reason = self.withdrawal_reason;
        let withdrawal = self.withdrawn_at.zip(self.withdrawn_by).map(|(at, by)| Withdrawal { at, by, reason });
        Ok(ExamResult {
            withdrawal,
            sections: serde_json::from_str(&self.sections).map_err(Error::storage)?,
            id: self.id,
            participant_id: self.participant_id,
            scheme: self.scheme,
            sitting: self.sitting,
            level: self.level,
            taken_on: self.taken_on,
            total: self.total,
            outcome: self.outcome,
            computed: self.computed,
            certificate_number: self.certificate_number,
            valid_until: self.valid_until,
            reason: self.reason,
            recorded_at: self.recorded_at,
            recorded_by: self.recorded_by,
            replaces: self.replaces,
            in_force: self.in_force,
            version: self.version,
        })
    }
}

/// A pass, for what asks no more than whether a level was reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) id: Id,
    pub(crate) participant_id: Id,
    pub(crate) scheme: String,
    pub(crate) level: String,
    pub(crate) taken_on: NaiveDate,
    pub(super) valid_until: Option<NaiveDate>,
}

pub(super) fn insert(tx: &mut Tx<'_>, result: &ExamResult) -> Result<()> {
    diesel::insert_into(exam_results::table).values(Row::of(result)?).execute(tx.connection)?;
    Ok(())
}

pub(super) fn insert_many(tx: &mut Tx<'_>, results: &[ExamResult]) -> Result<()> {
    let rows = results.iter().map(Row::of).collect::<Result<Vec<_>>>()?;
    insert_many!(tx.connection, exam_results::table, rows);
    Ok(())
}

/// Takes results out of force, for the corrections that follow.
pub(super) fn supersede(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    put_in_force(tx, ids, false)
}

/// Puts results in force again whose corrections are gone.
pub(super) fn reinstate(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    put_in_force(tx, ids, true)
}

/// Takes a result out of force without another in its place.
pub(super) fn withdraw(tx: &mut Tx<'_>, id: Id, withdrawal: &Withdrawal) -> Result<()> {
    diesel::update(exam_results::table.find(id))
        .set((
            exam_results::in_force.eq(false),
            exam_results::version.eq(exam_results::version + 1),
            exam_results::withdrawn_at.eq(Some(withdrawal.at)),
            exam_results::withdrawn_by.eq(Some(withdrawal.by)),
            exam_results::withdrawal_reason.eq(withdrawal.reason.clone()),
        ))
        .execute(tx.connection)?;
    Ok(())
}

/// The exam, the number and the person of papers in force with these numbers.
pub(super) fn numbered(tx: &mut Tx<'_>, numbers: &[Label]) -> Result<Vec<(String, Label, Id)>> {
    let mut found = Vec::new();
    // A file has thousands of them, and a statement takes so many.
    for some in numbers.chunks(500) {
        let rows: Vec<(String, Option<Label>, Id)> = exam_results::table
            // In the words of the index.
            .filter(exam_results::in_force)
            .filter(exam_results::certificate_number.eq_any(some.iter().cloned().map(Some)))
            .select((exam_results::scheme, exam_results::certificate_number, exam_results::participant_id))
            .load(tx.connection)?;
        found.extend(rows.into_iter().filter_map(|(scheme, number, whose)| Some((scheme, number?, whose))));
    }
    Ok(found)
}

fn put_in_force(tx: &mut Tx<'_>, ids: &[Id], in_force: bool) -> Result<()> {
    diesel::update(exam_results::table.filter(one_of_ids(exam_results::id, ids)?))
        .set((exam_results::in_force.eq(in_force), exam_results::version.eq(exam_results::version + 1)))
        .execute(tx.connection)?;
    Ok(())
}

pub(super) fn remove_many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<()> {
    diesel::delete(exam_results::table.filter(one_of_ids(exam_results::id, ids)?)).execute(tx.connection)?;
    Ok(())
}

/// These results, in the order of their keys.
pub(super) fn many(tx: &mut Tx<'_>, ids: &[Id]) -> Result<Vec<ExamResult>> {
    let query = exam_results::table.filter(one_of_ids(exam_results::id, ids)?).order(exam_results::id);
    let rows: Vec<Row> = query.load(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}

pub(super) fn still_in_force(tx: &mut Tx<'_>, ids: &[Id]) -> Result<HashSet<Id>> {
    let found: Vec<Id> = exam_results::table
        .filter(one_of_ids(exam_results::id, ids)?)
        .filter(exam_results::in_force.eq(true))
        .select(exam_results::id)
        .load(tx.connection)?;
    Ok(found.into_iter().collect())
}

/// Results in force of these people.
pub(super) fn in_force_of(tx: &mut Tx<'_>, people: &[Id]) -> Result<Vec<ExamResult>> {
    let rows: Vec<Row> = exam_results::table
        .filter(one_of_ids(exam_results::participant_id, people)?)
        .filter(exam_results::in_force.eq(true))
        .order(exam_results::id)
        .load(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}

pub(super) fn one(tx: &mut Tx<'_>, id: Id) -> Result<ExamResult> {
    let row: Row = exam_results::table.find(id).get_result(tx.connection)?;
    row.open()
}

pub(super) fn of(tx: &mut Tx<'_>, participant: Id) -> Result<Vec<ExamResult>> {
    let rows: Vec<Row> = exam_results::table
        .filter(exam_results::participant_id.eq(participant))
        .order((exam_results::taken_on, exam_results::id))
        .load(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}

#[diesel::declare_sql_function]
extern "SQL" {
    fn lower(text: Nullable<Text>) -> Nullable<Text>;
}

diesel::alias!(exam_results as renewals: Renewals);

/// Passes in force that end from one day on and before another and were not renewed, of people of the scope who were not
/// erased.
pub(super) fn ending(
    tx: &mut Tx<'_>,
    actor: &Actor,
    from: NaiveDate,
    before: NaiveDate,
    page: PageRequest,
) -> Result<Page<(ExamResult, PersonName)>> {
    let renewal = renewals
        .filter(renewals.field(exam_results::participant_id).eq(exam_results::participant_id))
        .filter(renewals.field(exam_results::scheme).eq(exam_results::scheme))
        // What a paper names itself is written in any capitals.
        .filter(lower(renewals.field(exam_results::level)).eq(lower(exam_results::level)))
        .filter(renewals.field(exam_results::in_force).eq(true))
        .filter(renewals.field(exam_results::outcome).eq(ExamOutcome::Passed))
        .filter(renewals.field(exam_results::taken_on).gt(exam_results::taken_on))
        .filter(
            renewals
                .field(exam_results::valid_until)
                .is_null()
                .or(renewals.field(exam_results::valid_until).gt(exam_results::valid_until)),
        );
    let mut query = exam_results::table
        .inner_join(participants::table)
        .filter(diesel::dsl::not(diesel::dsl::exists(renewal)))
        // In the words of the index.
        .filter(exam_results::in_force)
        .filter(exam_results::outcome.eq(sql::<Text>("'passed'")))
        .filter(exam_results::valid_until.ge(from))
        .filter(exam_results::valid_until.lt(before))
        .filter(participants::search_name.ne(ERASED))
        .select((exam_results::all_columns, participants::name))
        .into_boxed();
    let sitting_with = enrollments::table.inner_join(classes::table).select(enrollments::participant_id);
    query = match actor.scope() {
        Scope::Everything => query,
        Scope::Province(province) => query.filter(participants::province_code.eq(province)),
        Scope::Regency(_, regency) => query.filter(participants::regency_code.eq(regency)),
        Scope::School(_, school) => query.filter(participants::school_id.eq(school)),
        Scope::Partner(_, partner) => {
            query.filter(participants::id.eq_any(sitting_with.filter(classes::partner_id.eq(partner))))
        }
        Scope::Instructor(_, account) => {
            query.filter(participants::id.eq_any(sitting_with.filter(classes::instructor_id.eq(account))))
        }
    };
    if let Some(after) = page.after {
        let last: Option<Option<NaiveDate>> =
            exam_results::table.find(after).select(exam_results::valid_until).get_result(tx.connection).optional()?;
        // A page after a result that is gone is the first one again.
        if let Some(last) = last.flatten() {
            query = query.filter(
                exam_results::valid_until
                    .gt(last)
                    .or(exam_results::valid_until.eq(last).and(exam_results::id.gt(after))),
            );
        }
    }
    let rows: Vec<(Row, PersonName)> =
        query.order((exam_results::valid_until, exam_results::id)).limit(page.fetch()).load(tx.connection)?;
    page.page(rows, |(row, _): &(Row, PersonName)| row.id).try_map(|(row, name)| Ok((row.open()?, name)))
}

type PassRow = (Id, Id, String, Option<String>, NaiveDate, Option<NaiveDate>);

/// Passes in force of these people that count on a day.
pub(super) fn passes(tx: &mut Tx<'_>, people: &[Id], day: NaiveDate) -> Result<Vec<Pass>> {
    let rows: Vec<PassRow> = exam_results::table
        .filter(one_of_ids(exam_results::participant_id, people)?)
        .filter(exam_results::in_force.eq(true))
        .filter(exam_results::outcome.eq(ExamOutcome::Passed))
        .filter(exam_results::valid_until.is_null().or(exam_results::valid_until.ge(day)))
        .order((exam_results::participant_id, exam_results::taken_on, exam_results::id))
        .select((
            exam_results::id,
            exam_results::participant_id,
            exam_results::scheme,
            exam_results::level,
            exam_results::taken_on,
            exam_results::valid_until,
        ))
        .load(tx.connection)?;
    let pass = |(id, participant_id, scheme, level, taken_on, valid_until): PassRow| {
        Some(Pass { id, participant_id, scheme, level: level?, taken_on, valid_until })
    };
    Ok(rows.into_iter().filter_map(pass).collect())
}

pub(super) fn forget_papers(tx: &mut Tx<'_>, participant: Id) -> Result<()> {
    diesel::update(exam_results::table.filter(exam_results::participant_id.eq(participant)))
        .set((
            exam_results::certificate_number.eq(None::<Label>),
            exam_results::reason.eq(None::<Label>),
            exam_results::withdrawal_reason.eq(None::<Label>),
        ))
        .execute(tx.connection)?;
    Ok(())
}
