use chrono::{DateTime, Duration, NaiveDate, Utc};
use icalendar::{Calendar, Component, Event, EventLike, EventStatus, Property};

use crate::id::Id;
use crate::time::Instant;
use crate::values::{Label, LessonHours, ProvinceCode};

/// A session as a calendar shows it. Nobody is named in it.
#[derive(Debug, Clone)]
pub(super) struct Meeting {
    pub(super) id: Id,
    pub(super) class: Label,
    pub(super) partner: Label,
    pub(super) province: ProvinceCode,
    pub(super) program: (String, String),
    pub(super) module: String,
    pub(super) lesson_hours: LessonHours,
    pub(super) held_on: NaiveDate,
    pub(super) starts_at: i32,
    pub(super) ends_at: i32,
    pub(super) room: Option<Label>,
    pub(super) is_cancelled: bool,
    pub(super) version: i32,
    pub(super) changed_at: Instant,
}

impl Meeting {
    fn at(&self, minutes: i32) -> DateTime<Utc> {
        Instant::start_of(self.held_on, &self.province).plus(Duration::minutes(i64::from(minutes))).utc()
    }

    /// A meeting that is moved or called off keeps its UID, and its SEQUENCE grows.
    fn event(&self) -> Event {
        let (id, en) = &self.program;
        let hours = self.lesson_hours;
        let called_off = if self.is_cancelled { "Dibatalkan / Cancelled: " } else { "" };
        let place = self.room.iter().chain([&self.partner]).map(Label::as_str).collect::<Vec<_>>().join(", ");
        Event::new()
            .uid(&format!("{}@pertemuan.vokasi", self.id))
            .timestamp(self.changed_at.utc())
            .last_modified(self.changed_at.utc())
            .sequence(u32::try_from(self.version - 1).unwrap_or_default())
            .starts(self.at(self.starts_at))
            .ends(self.at(self.ends_at))
            .summary(&format!("{called_off}{id}, {} ({})", self.class, self.module))
            .description(&format!("{hours} jam pelajaran (JP) {id}.\n{hours} lesson hours of {en}."))
            .location(&place)
            .status(if self.is_cancelled { EventStatus::Cancelled } else { EventStatus::Confirmed })
            .add_property("TRANSP", if self.is_cancelled { "TRANSPARENT" } else { "OPAQUE" })
            .done()
    }
}

/// The meetings as one calendar, in UTC.
pub(super) fn calendar(meetings: &[Meeting]) -> String {
    let mut calendar = Calendar::empty();
    for property in [
        ("VERSION", "2.0"),
        ("PRODID", "-//Vokasi//Jadwal kelas//ID"),
        ("CALSCALE", "GREGORIAN"),
        ("X-PUBLISHED-TTL", "PT1H"),
        ("X-WR-CALNAME", "Jadwal kelas (Vokasi)"),
    ] {
        calendar.append_property(property);
    }
    calendar.append_property(Property::new("REFRESH-INTERVAL", "PT1H").add_parameter("VALUE", "DURATION").done());
    calendar.extend(meetings.iter().map(Meeting::event));
    calendar.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(class: &str) -> Meeting {
        Meeting {
            id: Id::default(),
            class: Label::parse(class).unwrap(),
            partner: Label::parse("UPTD BLK Way Harapan; Sukadana").unwrap(),
            province: ProvinceCode::parse("18").unwrap(),
            program: ("Perhotelan".to_owned(), "Hospitality".to_owned()),
            module: "HOSP-01".to_owned(),
            lesson_hours: 4,
            held_on: NaiveDate::from_ymd_opt(2025, 7, 21).unwrap(),
            starts_at: 450,
            ends_at: 1440,
            room: None,
            is_cancelled: false,
            version: 3,
            changed_at: Instant::from_micros(1_753_059_600_000_000).unwrap(),
        }
    }

    #[test]
    fn a_line_is_folded_and_whole_again_without_its_folds() {
        let class = format!("Kelas {} é", "日本語".repeat(60));
        let text = calendar(&[meeting(&class)]);
        assert!(text.ends_with("END:VCALENDAR\r\n"));
        for line in text.split("\r\n") {
            assert!(line.len() <= 75, "{line}");
            assert!(!line.contains(['\r', '\n']), "{line}");
        }
        assert!(text.replace("\r\n ", "").contains(&format!("SUMMARY:Perhotelan\\, {class} (HOSP-01)\r\n")));
    }

    #[test]
    fn texts_are_escaped_and_times_are_utc() {
        let mut off = meeting("A\\B");
        off.is_cancelled = true;
        let text = calendar(&[off]).replace("\r\n ", "");
        for line in [
            "SUMMARY:Dibatalkan / Cancelled: Perhotelan\\, A\\\\B (HOSP-01)",
            "LOCATION:UPTD BLK Way Harapan\\; Sukadana",
            "DESCRIPTION:4 jam pelajaran (JP) Perhotelan.\\n4 lesson hours of Hospitality.",
            "DTSTART:20250721T003000Z",
            "DTEND:20250721T170000Z",
            "SEQUENCE:2",
            "STATUS:CANCELLED",
        ] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
        }
    }
}
