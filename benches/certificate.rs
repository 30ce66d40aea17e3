//! Certificates: one as PDF beside an empty page, whole classes beside the PDF engine alone, a signature beside the raw one.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use krilla::Document;
use krilla::page::PageSettings;
use vokasi_core::access::Actor;
use vokasi_core::certificate::archive;
use vokasi_core::certificate::document::{self, Beside};
use vokasi_core::certificate::{self, Printing, Snapshot};
use vokasi_core::completion;
use vokasi_core::db::Db;
use vokasi_core::entropy::Entropy;
use vokasi_core::error::Error;
use vokasi_core::id::Id;
use vokasi_core::keys::SigningKey;
use vokasi_core::print::Fonts;
use vokasi_core::values::Label;

use crate::pace::{Outcome, in_turns, median, timed};
use crate::place::{Backend, Workshop};
use crate::stage::{self, CLASS, afterwards};
use crate::table::{Table, times};

const TURNS: usize = 40;
/// What is confirmed of a class that is decided on before anything else is known of it.
const DOUBTS: [&str; 6] = [
    "completion.sessions_unreported",
    "completion.hours_to_come",
    "session.uncovered",
    "completion.unmarked",
    "completion.disputed",
    "completion.no_result",
];
/// Certificates of one turn on all cores.
const MANY: usize = 36;
/// Classes that are printed at once: 9,000 certificates, those of the first intake and some.
const CLASSES: usize = 250;
/// Signatures of one turn.
const SIGNATURES: usize = 1_000;

pub(crate) fn measure(workshop: &Workshop, table: &mut Table) -> Outcome {
    let fonts = Fonts::embedded()?;
    let snapshot = sample()?;
    let mut bytes = 0;
    let pair = in_turns(
        TURNS,
        || {
            bytes = document::render(&snapshot, Beside::default(), &fonts)?.len();
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
                        scope.spawn(|| {
                            (0..MANY).try_for_each(|_| document::render(&snapshot, Beside::default(), &fonts).map(drop))
                        })
                    })
                    .collect();
                running.into_iter().try_for_each(|thread| Ok(thread.join().map_err(|_| "a painter panicked")??))
            })
        })?;
        rates.push(f64::from(u32::try_from(cores * MANY)?) / seconds);
    }
    table.fact(&format!("certificates a second on {cores} cores"), "", format!("{:.0}", median(&rates)));
    classes(workshop, table, fonts, cores)?;
    signing(table, &snapshot)
}

/// Classes issued by the program, and their documents beside the same documents by the engine alone.
fn classes(workshop: &Workshop, table: &mut Table, fonts: Fonts, cores: usize) -> Outcome {
    let place = workshop.empty(Backend::Sqlite)?;
    let db = stage::open(&place, 4)?;
    let taught = stage::taught(&db, CLASSES)?;
    let reason = Label::parse("Uji ulang di lapangan").map_err(Error::new)?;
    let printing = Arc::new(Printing { fonts, public_url: "https://vokasi.example.org".to_owned() });
    let (mut times_issuing, mut printed, mut ids) = (Vec::new(), Vec::new(), Vec::new());
    for one in taught {
        let (class, printing, reason) = (one.class, Arc::clone(&printing), reason.clone());
        let fonts = printing.fonts.clone();
        db.write(afterwards(), move |tx| {
            let doubts = DOUBTS.map(str::to_owned);
            completion::decide(tx, &Actor::operator(), class, Some(&one.members), Some(reason), &doubts).map(drop)
        })?;
        let (seconds, issued) = timed(|| {
            Ok(db.write(afterwards(), move |tx| certificate::issue(tx, &Actor::operator(), class, &printing))?)
        })?;
        if issued.len() != CLASS {
            return Err("somebody got no certificate".into());
        }
        times_issuing.push(seconds);
        ids.push(class);
        let archive = db.write(afterwards(), move |tx| archive::of_class(tx, &Actor::operator(), class, &fonts))?;
        printed.push(archive.documents()?);
    }
    let issuing = 1_000.0 * median(&times_issuing);
    table.fact(
        &format!("issuing a class of {CLASS}, signed and checked to be printable"),
        "SQLite",
        format!("{issuing:.0} ms"),
    );
    let fonts = &printing.fonts;
    let by_engine = |class: &Vec<(Snapshot, Option<String>)>| -> Outcome {
        for (snapshot, credential) in class {
            let beside = Beside { credential: credential.as_deref(), logo: None };
            document::render(snapshot, beside, fonts)?;
        }
        Ok(())
    };
    let (first_class, first_printed) = ids.first().zip(printed.first()).ok_or("no class")?;
    let pair = in_turns(10, || by_program(&db, *first_class, fonts), || by_engine(first_printed))?;
    let what = format!("a class of {CLASS} certificates as one archive; limit: the PDF engine alone");
    table.pair(&what, "SQLite", 1.0, &pair, Some(times(1.15)));
    let pair = in_turns(
        3,
        || on_all_cores(cores, &ids, |class| by_program(&db, *class, fonts)),
        || on_all_cores(cores, &printed, by_engine),
    )?;
    let what = format!("{} certificates on {cores} cores; limit: the PDF engine alone", CLASSES * CLASS);
    table.pair(&what, "SQLite", 1.0, &pair, Some(times(1.15)));
    Ok(())
}

/// A class as it is sent: read, noted, printed.
fn by_program(db: &Db, class: Id, fonts: &Fonts) -> Outcome {
    let fonts = fonts.clone();
    let mut archive = db.write(afterwards(), move |tx| archive::of_class(tx, &Actor::operator(), class, &fonts))?;
    archive.check()?;
    while archive.piece()?.is_some() {}
    Ok(())
}

/// Each core takes the next class as soon as it is done with one.
fn on_all_cores<T: Sync>(cores: usize, classes: &[T], print: impl Fn(&T) -> Outcome + Sync) -> Outcome {
    let next = AtomicUsize::new(0);
    let work = || {
        while let Some(class) = classes.get(next.fetch_add(1, Ordering::Relaxed)) {
            print(class)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        let running: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        running.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a painter panicked")?)
    })
}

/// What a credential says, signed as a token; beside the signature alone.
fn signing(table: &mut Table, content: &Snapshot) -> Outcome {
    let (key, _) = SigningKey::generate(&Entropy::system()?)?;
    let raw = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map_err(|_| "no key")?;
    let (random, message) = (SystemRandom::new(), serde_json::to_vec(content)?);
    let pair = in_turns(
        TURNS,
        || (0..SIGNATURES).try_for_each(|_| Ok(key.jwt("https://vokasi.example.org/key", content).map(drop)?)),
        || (0..SIGNATURES).try_for_each(|_| Ok(raw.sign(&random, &message).map(drop).map_err(|_| "no signature")?)),
    )?;
    table.pair("a signed credential; limit: the P-256 signature alone", "", 1_000.0, &pair, Some(times(1.5)));
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
