//! The calendar: days on which nobody meets, by decree of the nation or because a partner or a province says so.

mod rules;
mod store;

use chrono::NaiveDate;

pub(crate) use rules::{Calendar, weekday};
pub use rules::{DayOff, Holiday, HolidayKind, holidays};
pub use store::Entry;

use crate::access::{Actor, Operation, Scope};
use crate::audit::{Changes, Note, Subject};
use crate::db::Tx;
use crate::error::{Code, Error, Result, codes};
use crate::id::Id;
use crate::page::{Page, PageRequest};
use crate::partner;
use crate::values::{Label, ProvinceCode, words};

words! {
    /// Why a partner does not teach.
    pub enum EntryKind {
        /// Libur sekolah.
        SchoolHoliday = "school_holiday",
        /// Ujian sekolah.
        Exams = "exams",
        /// Praktik kerja lapangan (PKL).
        Internship = "internship",
        /// Anything else, such as a local holiday.
        Other = "other",
    }
}

/// Days of the week in order, as their digits: `1234` is Monday to Thursday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weekdays(String);

crate::db::columns::text_column!(Weekdays);

impl Weekdays {
    /// Reads the digits, 1 Monday to 7 Sunday.
    ///
    /// # Errors
    /// `calendar.weekdays`.
    pub fn parse(text: &str) -> Result<Self, &'static Code> {
        let ascending = text.as_bytes().is_sorted_by(|one, next| one < next);
        let sound = !text.is_empty() && ascending && text.bytes().all(|digit| (b'1'..=b'7').contains(&digit));
        if sound { Ok(Self(text.to_owned())) } else { Err(&codes::CALENDAR_WEEKDAYS) }
    }

    /// From numbers in any order; none stands for the whole week.
    ///
    /// # Errors
    /// `calendar.weekdays`.
    pub fn of(numbers: &[i32]) -> Result<Self, &'static Code> {
        if numbers.is_empty() {
            return Self::parse("1234567");
        }
        if !numbers.iter().all(|number| (1..=7).contains(number)) {
            return Err(&codes::CALENDAR_WEEKDAYS);
        }
        let mut sorted = numbers.to_vec();
        sorted.sort_unstable();
        Self::parse(&sorted.iter().map(i32::to_string).collect::<String>())
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The numbers.
    pub fn numbers(&self) -> Vec<i32> {
        self.0.bytes().map(|digit| i32::from(digit - b'0')).collect()
    }

    pub(crate) fn holds(&self, weekday: i32) -> bool {
        self.numbers().contains(&weekday)
    }
}

/// What stands in a calendar: of a new line, or of one that changes.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// Whose calendar; the whole province's when nothing is said.
    pub partner: Option<Id>,
    /// Why nobody meets.
    pub kind: EntryKind,
    /// What it is called.
    pub title: Label,
    /// The first day.
    pub starts_on: NaiveDate,
    /// The last day.
    pub ends_on: NaiveDate,
    /// On which days of the week.
    pub weekdays: Weekdays,
}

/// Which lines are asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct EntryFilter {
    /// Only those that hold for this partner: its own and the province's.
    pub partner: Option<Id>,
    /// Only those that end on or after this day.
    pub from: Option<NaiveDate>,
    /// Only those that begin on or before this day.
    pub to: Option<NaiveDate>,
}

/// Enters days on which a partner does not teach, or nobody of the province.
///
/// # Errors
/// `field.date_order`, `field.required` or `reference.unknown` at the partner.
pub fn create(tx: &mut Tx<'_>, actor: &Actor, new: NewEntry) -> Result<Entry> {
    actor.may(Operation::CalendarWrite)?;
    let province_code = place(tx, actor, &new)?;
    let entry = Entry {
        id: tx.new_id(),
        province_code,
        partner_id: new.partner,
        kind: new.kind,
        title: new.title,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        weekdays: new.weekdays,
        version: 1,
        created_at: tx.now(),
        updated_at: tx.now(),
    };
    store::insert(tx, &entry)?;
    noted("calendar.entered", &entry).record(tx, actor)?;
    Ok(entry)
}

/// The province whose calendar it is; a partner's people keep their own partner's.
fn place(tx: &mut Tx<'_>, actor: &Actor, new: &NewEntry) -> Result<ProvinceCode> {
    if new.ends_on < new.starts_on {
        return Err(Error::field("/ends_on", &codes::FIELD_DATE_ORDER));
    }
    let Some(partner) = new.partner else {
        let province = if actor.is_province() { actor.scope().province() } else { None };
        return province.cloned().ok_or_else(|| Error::field("/partner", &codes::FIELD_REQUIRED));
    };
    let own = match actor.scope() {
        Scope::School(_, own) | Scope::Partner(_, own) => *own == partner,
        _ => true,
    };
    if !own {
        return Err(Error::field("/partner", &codes::REFERENCE_UNKNOWN));
    }
    Ok(partner::get(tx, actor, partner).map_err(|error| error.at("/partner"))?.province_code)
}

fn noted(action: &'static str, entry: &Entry) -> Note {
    let Entry { kind, title, starts_on, ends_on, weekdays, partner_id, .. } = entry;
    Note::of(action, Subject::calendar_entry(entry.id)).within(&entry.province_code).with(serde_json::json!({
        "partner": partner_id, "kind": kind, "title": title, "starts_on": starts_on, "ends_on": ends_on,
        "weekdays": weekdays.as_str(),
    }))
}

/// One line of a calendar of the actor's province.
pub fn get(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Entry> {
    actor.may(Operation::CalendarRead)?;
    store::visible_one(tx, actor, id)
}

/// Lines of the calendars of the actor's province.
pub fn list(tx: &mut Tx<'_>, actor: &Actor, filter: EntryFilter, page: PageRequest) -> Result<Page<Entry>> {
    actor.may(Operation::CalendarRead)?;
    store::visible(tx, actor, filter, page)
}

/// Changes a line as it was read at `version`. Timetables that were made stay as they are until they are made again.
///
/// # Errors
/// `resource.stale`, `access.denied` for the calendar of others, and what [`create`] refuses.
pub fn change(tx: &mut Tx<'_>, actor: &Actor, id: Id, version: i32, new: NewEntry) -> Result<Entry> {
    let before = own(tx, actor, id)?;
    if before.version != version {
        return Err(Error::new(&codes::STALE));
    }
    let province_code = place(tx, actor, &new)?;
    let entry = Entry {
        province_code,
        partner_id: new.partner,
        kind: new.kind,
        title: new.title,
        starts_on: new.starts_on,
        ends_on: new.ends_on,
        weekdays: new.weekdays,
        version: version + 1,
        updated_at: tx.now(),
        ..before.clone()
    };
    store::update(tx, &entry)?;
    let changes = Changes::default()
        .shown("partner", &before.partner_id, &entry.partner_id)
        .shown("kind", &before.kind, &entry.kind)
        .shown("title", &before.title, &entry.title)
        .shown("starts_on", &before.starts_on, &entry.starts_on)
        .shown("ends_on", &before.ends_on, &entry.ends_on)
        .shown("weekdays", &before.weekdays.as_str(), &entry.weekdays.as_str());
    noted("calendar.changed", &entry).changing(changes).record(tx, actor)?;
    Ok(entry)
}

/// Takes a line out of a calendar.
///
/// # Errors
/// `access.denied` for the calendar of others.
pub fn remove(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<()> {
    let entry = own(tx, actor, id)?;
    store::delete(tx, id)?;
    noted("calendar.removed", &entry).record(tx, actor)
}

/// A line that the actor may change, held until the transaction ends.
fn own(tx: &mut Tx<'_>, actor: &Actor, id: Id) -> Result<Entry> {
    actor.may(Operation::CalendarWrite)?;
    store::visible_one(tx, actor, id)?;
    let entry = store::locked(tx, id)?;
    match actor.scope() {
        Scope::School(_, own) | Scope::Partner(_, own) if entry.partner_id != Some(*own) => {
            Err(Error::new(&codes::ACCESS_DENIED))
        }
        _ => Ok(entry),
    }
}

/// The days off of a whole province between two days.
pub(crate) fn of_province(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Calendar> {
    store::of_province(tx, province, from, to).map(Calendar)
}

/// The days off of a partner between two days.
pub(crate) fn of_partner(
    tx: &mut Tx<'_>,
    province: &ProvinceCode,
    partner: Id,
    from: NaiveDate,
    to: NaiveDate,
) -> Result<Calendar> {
    store::of_partner(tx, province, partner, from, to).map(Calendar)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekdays_are_digits_in_order() {
        assert_eq!(Weekdays::of(&[4, 1, 3, 2]).unwrap().as_str(), "1234");
        assert_eq!(Weekdays::of(&[]).unwrap().numbers(), [1, 2, 3, 4, 5, 6, 7]);
        for wrong in [&[0][..], &[8], &[1, 1], &[12]] {
            assert_eq!(Weekdays::of(wrong).map_err(|code| code.name), Err("calendar.weekdays"), "{wrong:?}");
        }
        for wrong in ["", "21", "11", "8", "a"] {
            assert_eq!(Weekdays::parse(wrong), Err(&codes::CALENDAR_WEEKDAYS), "{wrong}");
        }
    }
}
