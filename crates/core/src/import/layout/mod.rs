//! Layouts that people have explained: a list whose header nobody knows is understood once, and the next one is read so.
//!
//! A column is known by the text of its header and never by its place. Only texts of headers are kept.

mod store;

use serde::{Deserialize, Serialize};

pub use store::Explained;

use super::refusal;
use super::source::{self, Field, Guess, ImportKind, KnownLayout, Limits, Unreadable, normalised};
use crate::access::{Actor, Operation, Scope};
use crate::audit::{Note, Subject};
use crate::db::Tx;
use crate::error::{Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::keys::sha256_hex;
use crate::page::{Page, PageRequest};
use crate::values::{ProvinceCode, Words};

/// A column, and what a person says it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The text of its header.
    pub header: String,
    /// What it holds; nothing when it is to be left where it is.
    pub field: Option<Field>,
}

/// What stands in a file that nobody knows, for a person to confirm.
#[derive(Debug)]
pub struct Unknown {
    /// What the layout is remembered under.
    pub fingerprint: String,
    /// Its header, with what each column may be.
    pub guess: Guess,
}

/// Which columns there can be.
pub const FIELDS: [Field; 25] = Field::OF_PEOPLE;

/// Whether the column must be named; of NIK and NISN one is enough.
pub fn is_required(field: Field) -> bool {
    ImportKind::People.missing(|has| has != field).contains(&field)
}

/// What a header is remembered under: SHA-256 over its texts, whatever their order and however they are written.
fn fingerprint<'t>(headers: impl Iterator<Item = &'t str>) -> String {
    let mut texts: Vec<String> = headers.map(normalised).collect();
    texts.sort_unstable();
    texts.dedup();
    sha256_hex(texts.join("\n").as_bytes())
}

/// Guesses what the columns of a file are, from its header alone.
///
/// # Errors
/// `layout.known` when the file can be imported as it is, `layout.no_header`, and `import.*`: why it cannot be read.
pub fn guess(actor: &Actor, bytes: &[u8], limits: &Limits) -> Result<Unknown> {
    actor.may(Operation::Import)?;
    match source::read(bytes, limits) {
        Ok(_) => Err(Error::new(&codes::LAYOUT_KNOWN)),
        Err(Unreadable::UnknownHeader { guess: Some(guess), .. }) => {
            let fingerprint = fingerprint(guess.columns.iter().map(|column| column.header.as_str()));
            Ok(Unknown { fingerprint, guess })
        }
        Err(Unreadable::UnknownHeader { guess: None, .. }) => Err(Error::new(&codes::LAYOUT_NO_HEADER)),
        Err(unreadable) => Err(refusal(&unreadable)),
    }
}

/// Remembers which column is which, for the coordinator's school or the office's province.
///
/// # Errors
/// `layout.other_headers`, `layout.field_missing`, `field.duplicate`.
pub fn save(tx: &mut Tx<'_>, actor: &Actor, print: &str, columns: Vec<Column>) -> Result<Explained> {
    actor.may(Operation::Import)?;
    let (province, school) = owner(actor)?;
    check(print, &columns)?;
    let before = store::own(tx, &province, school, print)?;
    let layout = Explained {
        id: before.as_ref().map_or_else(|| tx.new_id(), |before| before.id),
        province_code: province,
        school_id: school,
        fingerprint: print.to_owned(),
        columns,
        saved_at: tx.now(),
        saved_by: actor.account_or_operator(),
    };
    match before {
        Some(before) if before.columns == layout.columns => return Ok(before),
        Some(_) => store::update(tx, &layout)?,
        None => store::insert(tx, &layout)?,
    }
    note("layout.explained", &layout).record(tx, actor)?;
    Ok(layout)
}

/// Forgets it.
pub fn forget(tx: &mut Tx<'_>, actor: &Actor, print: &str) -> Result<()> {
    actor.may(Operation::Import)?;
    let (province, school) = owner(actor)?;
    let layout = store::own(tx, &province, school, print)?.ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    store::delete(tx, layout.id)?;
    note("layout.forgotten", &layout).record(tx, actor)
}

/// Layouts that files in the actor's scope are read by.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, page: PageRequest) -> Result<Page<Explained>> {
    actor.may(Operation::Import)?;
    store::visible(tx, actor, page)
}

/// What a file of the school is read by: what the school has explained goes before what its province has.
pub fn of_file(tx: &mut Tx<'_>, actor: &Actor, school: Option<Id>) -> Result<Vec<KnownLayout>> {
    actor.may(Operation::Import)?;
    let school = if let Scope::School(_, own) = actor.scope() { Some(*own) } else { school };
    let layouts = store::of_school(tx, actor, school)?;
    Ok(layouts.iter().map(Explained::known).collect())
}

impl Explained {
    fn known(&self) -> KnownLayout {
        KnownLayout::new(self.columns.iter().filter_map(|column| Some((column.header.as_str(), column.field?))))
    }
}

fn owner(actor: &Actor) -> Result<(ProvinceCode, Option<Id>)> {
    match actor.scope() {
        Scope::School(province, school) => Ok((province.clone(), Some(*school))),
        Scope::Province(province) => Ok((province.clone(), None)),
        _ => Err(Error::new(&codes::ACCESS_DENIED)),
    }
}

fn check(print: &str, columns: &[Column]) -> Result<()> {
    let mut problems = Vec::new();
    if fingerprint(columns.iter().map(|column| column.header.as_str())) != print {
        problems.push(FieldProblem::new("/columns", &codes::LAYOUT_OTHER_HEADERS));
    }
    let named: Vec<_> = columns.iter().enumerate().filter(|(_, column)| column.field.is_some()).collect();
    for (turn, (at, column)) in named.iter().enumerate() {
        let earlier = || named.iter().take(turn).map(|(_, earlier)| earlier);
        if earlier().any(|earlier| earlier.field == column.field) {
            problems.push(FieldProblem::new(format!("/columns/{at}/field"), &codes::FIELD_DUPLICATE));
        }
        // An empty cell would pass for a header without letters and digits.
        if normalised(&column.header).is_empty() {
            problems.push(FieldProblem::new(format!("/columns/{at}/header"), &codes::FIELD_TEXT));
        }
        // Of two columns that are called the same nobody could say which is meant.
        if earlier().any(|earlier| normalised(&earlier.header) == normalised(&column.header)) {
            problems.push(FieldProblem::new(format!("/columns/{at}/header"), &codes::FIELD_DUPLICATE));
        }
    }
    let missing = ImportKind::People.missing(|field| named.iter().any(|(_, column)| column.field == Some(field)));
    if !missing.is_empty() {
        let missing = missing.into_iter().map(Words::word).collect::<Vec<_>>().join(", ");
        problems.push(FieldProblem::new("/columns", &codes::LAYOUT_FIELD_MISSING).fact("missing", missing));
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::fields(problems)) }
}

fn note(action: &'static str, layout: &Explained) -> Note {
    let fields: Vec<&str> = layout.columns.iter().filter_map(|column| Some(column.field?.word())).collect();
    Note::of(action, Subject::layout(layout.id)).within(&layout.province_code).with(serde_json::json!({
        "fingerprint": layout.fingerprint,
        "school": layout.school_id,
        "fields": fields,
    }))
}
