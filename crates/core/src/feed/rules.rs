use std::fmt::Write;

use chrono::{Duration, NaiveDate};

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
    fn at(&self, minutes: i32) -> String {
        stamp(Instant::start_of(self.held_on, &self.province).plus(Duration::minutes(i64::from(minutes))))
    }
}

fn stamp(instant: Instant) -> String {
    instant.utc().format("%Y%m%dT%H%M%SZ").to_string()
}

/// Octets of a line, without its end (RFC 5545, 3.1).
const LINE: usize = 75;

/// Lines under way to a calendar.
struct Lines(String);

impl Lines {
    /// A property, folded. A line goes on after a space; no letter is cut in two.
    fn add(&mut self, property: &str, value: &str) {
        let mut room = LINE;
        for letter in property.chars().chain([':']).chain(value.chars()) {
            if letter.len_utf8() > room {
                self.0.push_str("\r\n ");
                room = LINE - 1;
            }
            self.0.push(letter);
            room -= letter.len_utf8();
        }
        self.0.push_str("\r\n");
    }

    /// A text, in which some letters mean something else (RFC 5545, 3.3.11).
    fn add_text(&mut self, property: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '\\' | ';' | ',' => escaped.extend(['\\', letter]),
                '\n' => escaped.push_str("\\n"),
                letter if letter.is_control() => {}
                letter => escaped.push(letter),
            }
        }
        self.add(property, &escaped);
    }
}

/// The meetings as one calendar, in UTC. A meeting that is moved or called off keeps its UID, and its SEQUENCE grows.
pub(super) fn calendar(meetings: &[Meeting]) -> String {
    let mut lines = Lines(String::with_capacity(400 * (meetings.len() + 1)));
    lines.add("BEGIN", "VCALENDAR");
    lines.add("VERSION", "2.0");
    lines.add("PRODID", "-//Vokasi//Jadwal kelas//ID");
    lines.add("CALSCALE", "GREGORIAN");
    lines.add("REFRESH-INTERVAL;VALUE=DURATION", "PT1H");
    lines.add("X-PUBLISHED-TTL", "PT1H");
    lines.add_text("X-WR-CALNAME", "Jadwal kelas (Vokasi)");
    for meeting in meetings {
        let (id, en) = &meeting.program;
        let mut summary = String::new();
        let called_off = if meeting.is_cancelled { "Dibatalkan / Cancelled: " } else { "" };
        let _ = write!(summary, "{called_off}{}, {} ({})", id, meeting.class, meeting.module);
        let hours = meeting.lesson_hours;
        let place = meeting.room.iter().chain([&meeting.partner]).map(Label::as_str).collect::<Vec<_>>().join(", ");
        lines.add("BEGIN", "VEVENT");
        lines.add("UID", &format!("{}@pertemuan.vokasi", meeting.id));
        lines.add("DTSTAMP", &stamp(meeting.changed_at));
        lines.add("LAST-MODIFIED", &stamp(meeting.changed_at));
        lines.add("SEQUENCE", &(meeting.version - 1).to_string());
        lines.add("DTSTART", &meeting.at(meeting.starts_at));
        lines.add("DTEND", &meeting.at(meeting.ends_at));
        lines.add_text("SUMMARY", &summary);
        lines.add_text("DESCRIPTION", &format!("{hours} jam pelajaran (JP) {id}.\n{hours} lesson hours of {en}."));
        lines.add_text("LOCATION", &place);
        lines.add("STATUS", if meeting.is_cancelled { "CANCELLED" } else { "CONFIRMED" });
        lines.add("TRANSP", if meeting.is_cancelled { "TRANSPARENT" } else { "OPAQUE" });
        lines.add("END", "VEVENT");
    }
    lines.add("END", "VCALENDAR");
    lines.0
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
            assert!(line.len() <= LINE, "{line}");
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
