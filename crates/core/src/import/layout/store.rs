use diesel::prelude::*;

use super::Column;
use crate::access::{Actor, Scope};
use crate::db::Tx;
use crate::db::any::MultiBackend;
use crate::db::dialect::ForUpdate;
use crate::db::schema::layouts;
use crate::error::{Error, Result};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::time::Instant;
use crate::values::ProvinceCode;

/// A layout that a school or a province has explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Key.
    pub id: Id,
    /// Of which province.
    pub province_code: ProvinceCode,
    /// Of which school; of the province as a whole otherwise.
    pub school_id: Option<Id>,
    /// SHA-256 over the texts of its header.
    pub fingerprint: String,
    /// Every column of the header.
    pub columns: Vec<Column>,
    /// When it was explained last.
    pub saved_at: Instant,
    /// By whose account.
    pub saved_by: Id,
}

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = layouts, treat_none_as_default_value = false, treat_none_as_null = true)]
struct Row {
    id: Id,
    province_code: ProvinceCode,
    school_id: Option<Id>,
    fingerprint: String,
    headers: String,
    saved_at: Instant,
    saved_by: Id,
}

impl Row {
    fn of(layout: &Explained) -> Result<Self> {
        Ok(Self {
            id: layout.id,
            province_code: layout.province_code.clone(),
            school_id: layout.school_id,
            fingerprint: layout.fingerprint.clone(),
            headers: serde_json::to_string(&layout.columns).map_err(Error::storage)?,
            saved_at: layout.saved_at,
            saved_by: layout.saved_by,
        })
    }

    fn open(self) -> Result<Explained> {
        Ok(Explained {
            id: self.id,
            province_code: self.province_code,
            school_id: self.school_id,
            fingerprint: self.fingerprint,
            columns: serde_json::from_str(&self.headers).map_err(Error::storage)?,
            saved_at: self.saved_at,
            saved_by: self.saved_by,
        })
    }
}

pub(super) fn insert(tx: &mut Tx<'_>, layout: &Explained) -> Result<()> {
    diesel::insert_into(layouts::table).values(Row::of(layout)?).execute(tx.connection)?;
    Ok(())
}

pub(super) fn update(tx: &mut Tx<'_>, layout: &Explained) -> Result<()> {
    diesel::update(layouts::table.find(layout.id)).set(Row::of(layout)?).execute(tx.connection)?;
    Ok(())
}

pub(super) fn delete(tx: &mut Tx<'_>, id: Id) -> Result<()> {
    diesel::delete(layouts::table.find(id)).execute(tx.connection)?;
    Ok(())
}

/// What the school itself, or the province itself, has said of that header, held until the transaction ends.
pub(super) fn own(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    school: Option<Id>,
    fingerprint: &str,
) -> Result<Option<Explained>> {
    let found = layouts::table
        .filter(layouts::province_code.eq(province))
        .filter(layouts::fingerprint.eq(fingerprint))
        .into_boxed();
    let found = match school {
        Some(school) => found.filter(layouts::school_id.eq(school)),
        None => found.filter(layouts::school_id.is_null()),
    };
    let row: Option<Row> = ForUpdate(found).get_result(tx.connection).optional()?;
    row.map(Row::open).transpose()
}

fn seen_by(actor: &Actor) -> layouts::BoxedQuery<'_, MultiBackend> {
    let query = layouts::table.into_boxed();
    match actor.scope() {
        Scope::Everything => query,
        Scope::School(province, school) => query
            .filter(layouts::province_code.eq(province))
            .filter(layouts::school_id.eq(school).or(layouts::school_id.is_null())),
        Scope::Province(province)
        | Scope::Regency(province, _)
        | Scope::Partner(province, _)
        | Scope::Instructor(province, _) => query.filter(layouts::province_code.eq(province)),
    }
}

pub(super) fn visible(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Explained>> {
    let rows: Vec<Row> = seen_by(actor)
        .filter(layouts::id.gt(page.after()))
        .order(layouts::id)
        .limit(page.fetch())
        .load(tx.connection)?;
    let opened = rows.into_iter().map(Row::open).collect::<Result<Vec<_>>>()?;
    Ok(page.page(opened, |layout| layout.id))
}

/// What holds for a file of the school, its own first.
pub(super) fn of_school(tx: &mut Tx<'_>, actor: &Actor, school: Option<Id>) -> Result<Vec<Explained>> {
    let rows: Vec<Row> = seen_by(actor)
        .filter(layouts::school_id.is_null().or(layouts::school_id.nullable().eq(school)))
        .order((layouts::school_id.is_null(), layouts::id.desc()))
        .load(tx.connection)?;
    rows.into_iter().map(Row::open).collect()
}
