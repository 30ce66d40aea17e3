//! A certificate as PDF; beside an empty page by the same engine.

use std::thread;

use krilla::Document;
use krilla::page::PageSettings;
use vokasi_core::certificate::{Snapshot, document};
use vokasi_core::print::Fonts;

use crate::pace::{Outcome, in_turns, median, timed};
use crate::table::Table;

const TURNS: usize = 40;
/// Certificates of one turn on all cores.
const MANY: usize = 36;

pub(crate) fn measure(table: &mut Table) -> Outcome {
    let fonts = Fonts::embedded()?;
    let snapshot = sample()?;
    let mut bytes = 0;
    let pair = in_turns(
        TURNS,
        || {
            bytes = document::render(&snapshot, None, &fonts)?.len();
            Ok(())
        },
        empty_page,
    )?;
    table.pair("a certificate as PDF; limit: the engine's empty page", "", 1.0, &pair, None);
    table.fact("size of that PDF", "", format!("{} KiB", bytes / 1024));
    let cores = thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut rates = Vec::new();
    for _ in 0..5 {
        let (seconds, ()) = timed(|| {
            thread::scope(|scope| {
                let running: Vec<_> = (0..cores)
                    .map(|_| {
                        scope.spawn(|| (0..MANY).try_for_each(|_| document::render(&snapshot, None, &fonts).map(drop)))
                    })
                    .collect();
                running.into_iter().try_for_each(|thread| Ok(thread.join().map_err(|_| "a painter panicked")??))
            })
        })?;
        rates.push(f64::from(u32::try_from(cores * MANY)?) / seconds);
    }
    table.fact(&format!("certificates a second on {cores} cores"), "", format!("{:.0}", median(&rates)));
    Ok(())
}

fn empty_page() -> Outcome {
    let mut document = Document::new();
    let settings = PageSettings::from_wh(841.89, 595.28).ok_or("no such page")?;
    document.start_page_with(settings).finish();
    let bytes = document.finish().map_err(|error| format!("{error:?}"))?;
    if bytes.is_empty() { Err("an empty file".into()) } else { Ok(()) }
}

fn sample() -> Outcome<Snapshot> {
    let both = |id: &str, en: &str| serde_json::json!({ "id": id, "en": en });
    let module = |number: u32, id: &str, en: &str| {
        let code = format!("JP.01.{number:03}");
        serde_json::json!({ "code": code, "title": both(id, en), "lesson_hours": 40 + number })
    };
    let score = |id: &str, en: &str| serde_json::json!({ "name": both(id, en), "score": "86.5" });
    Ok(serde_json::from_value(serde_json::json!({
        "number": "0042/N4/LPK-SM/XI/2025",
        "holder_name": "Siti Nur Rahmawati",
        "birth_place": "Metro",
        "birth_date": "2007-03-03",
        "program_code": "JPN-N4",
        "program_name": both("Bahasa Jepang Level N4", "Japanese, Level N4"),
        "cohort_name": "Angkatan II Tahun 2025",
        "class_name": "Kelas Sakura",
        "starts_on": "2025-08-01",
        "ends_on": "2025-11-15",
        "lesson_hours": 360,
        "minutes_per_lesson_hour": 45,
        "modules": [
            module(1, "Aksara Hiragana dan Katakana", "Hiragana and Katakana scripts"),
            module(2, "Tata Bahasa", "Grammar"),
            module(3, "Kosakata Tempat Kerja", "Vocabulary of the workplace"),
            module(4, "Percakapan", "Conversation"),
            module(5, "Menyimak", "Listening"),
            module(6, "Budaya Kerja Jepang", "Japanese working culture"),
        ],
        "scores": [score("Menyimak", "Listening"), score("Membaca", "Reading"), score("Percakapan", "Conversation")],
        "final_score": "87.44",
        "predicate": both("Sangat Memuaskan", "Excellent"),
        "attendance_percent": "96.5",
        "issuer": {
            "name": "LPK Sakura Mandiri",
            "kind": both("Lembaga Pelatihan Kerja", "Vocational Training Institution"),
            "regency": "Kota Bandar Lampung",
            "agreement_number": "421.5/118/PKS/2025",
        },
        "issued_on": "2025-11-17",
        "issued_at_place": "Bandar Lampung",
        "signatory": { "name": "Dr. Ratna Dewi Puspita, M.Pd.", "title": "Direktur", "nip": "19780512 200501 2 003" },
        "verification_url": "https://vokasi.example.org/verify/7K4QM2PX9DTR3W8HJ5NZ6CYBVE",
        "verification_code": "7K4QM2PX9DTR3W8HJ5NZ6CYBVE",
    }))?)
}
