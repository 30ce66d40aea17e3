//! What a certificate must and must not print.

use super::*;
use crate::keys::sha256_hex;
use crate::print::words::{self, Language};

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn module(code: &str, title: Bilingual, lesson_hours: u32) -> PrintedModule {
    PrintedModule { code: code.to_owned(), title, lesson_hours }
}

fn sample() -> Snapshot {
    Snapshot {
        number: "0042/N4/LPK-SM/XI/2025".to_owned(),
        holder_name: "Siti Nur Rahmawati".to_owned(),
        birth_place: "Metro".to_owned(),
        birth_date: day(2007, 3, 3),
        program_code: "JP-N4".to_owned(),
        program_name: Bilingual::new("Bahasa Jepang Level N4", "Japanese, Level N4"),
        cohort_name: "Angkatan II Tahun 2025".to_owned(),
        class_name: "Kelas Sakura".to_owned(),
        starts_on: day(2025, 8, 1),
        ends_on: day(2025, 11, 15),
        lesson_hours: 360,
        minutes_per_lesson_hour: 45,
        modules: vec![
            module("JP.01.001", Bilingual::new("Aksara Hiragana dan Katakana", "Hiragana and Katakana scripts"), 160),
            module("JP.01.002", Bilingual::new("Tata Bahasa", "Grammar"), 200),
        ],
        scores: vec![PrintedScore { name: Bilingual::new("Menyimak", "Listening"), score: Decimal::new(865, 1) }],
        final_score: Some(Decimal::new(8744, 2)),
        predicate: Some(Bilingual::new("Sangat Memuaskan", "Excellent")),
        attendance_percent: Decimal::new(965, 1),
        issuer: Issuer {
            name: "LPK Sakura Mandiri".to_owned(),
            kind: Bilingual::new("Lembaga Pelatihan Kerja", "Vocational Training Institution"),
            regency: "Kota Bandar Lampung".to_owned(),
            agreement_number: "421.5/118/PKS/2025".to_owned(),
            agreement_kind: None,
        },
        issued_on: day(2025, 11, 17),
        issued_at_place: "Bandar Lampung".to_owned(),
        signatory: Signatory {
            name: "Dr. Ratna Dewi Puspita, M.Pd.".to_owned(),
            title: "Direktur".to_owned(),
            nip: Some("19780512 200501 2 003".to_owned()),
        },
        verification_url: "https://vokasi.example.go.id/v/7K4QM2PX9DTR3W8HJ5NZ6CYBVE".to_owned(),
        verification_code: "7K4QM2PX9DTR3W8HJ5NZ6CYBVE".to_owned(),
        layout: None,
        font_sha256: None,
    }
}

fn named(name: &str) -> Snapshot {
    Snapshot { holder_name: name.to_owned(), ..sample() }
}

#[test]
fn the_same_snapshot_gives_the_same_bytes() -> Result<(), PrintError> {
    let first = render(&sample(), Beside::default(), &Fonts::embedded()?)?;
    let again = render(&sample(), Beside::default(), &Fonts::embedded()?)?;
    assert!(first.starts_with(b"%PDF-1.7"));
    assert!(first == again, "two prints differ");
    assert!(first != render(&named("Siti Nur Rahmawatl"), Beside::default(), &Fonts::embedded()?)?);
    Ok(())
}

#[test]
fn a_snapshot_survives_being_stored() -> Result<(), serde_json::Error> {
    let stored = serde_json::to_string(&sample())?;
    assert_eq!(serde_json::from_str::<Snapshot>(&stored)?, sample());
    assert!(stored.contains(r#""final_score":"87.44""#), "decimals are kept as text");
    Ok(())
}

#[test]
fn the_file_declares_what_it_conforms_to() -> Result<(), PrintError> {
    let pdf = render(&sample(), Beside::default(), &Fonts::embedded()?)?;
    let text = String::from_utf8_lossy(&pdf);
    for mark in ["pdfaid:part", "pdfuaid:part", "/MarkInfo", "id-ID"] {
        assert!(text.contains(mark), "{mark} is missing");
    }
    Ok(())
}

#[test]
fn fonts_serve_many_threads() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    let prints: Vec<_> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..3).map(|_| scope.spawn(|| render(&sample(), Beside::default(), &fonts))).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    assert_eq!(prints.len(), 3);
    assert!(prints.iter().all(|print| print.is_ok() && *print == prints[0]));
    Ok(())
}

#[test]
fn names_with_diacritics_are_printed() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    for name in ["Nguyễn Thị Ánh Tuyết", "Ø. Łukasz Žižek-Ångström", "M. Ali Ma’ruf, S.Pd.I", "Kyai Syafi'i – Ṭāriq"]
    {
        render(&named(name), Beside::default(), &fonts)?;
    }
    Ok(())
}

#[test]
fn letters_in_two_code_points_are_joined() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    assert_eq!(crate::print::compose::compose("Nguye\u{302}\u{303}n A\u{301}"), "Nguyễn Á");
    render(&named("Nguye\u{302}\u{303}n"), Beside::default(), &fonts)?;
    // No code point joins these, and the font has no place for the mark.
    let refused = PrintError::MissingGlyph { character: '\u{32E}', field: "holder_name" };
    assert_eq!(printable(&named("Q\u{32E}"), None, &fonts), Err(refused));
    Ok(())
}

#[test]
fn a_character_no_font_has_is_refused_before_printing() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    let missing = PrintError::MissingGlyph { character: '花', field: "holder_name" };
    assert_eq!(printable(&named("Sato 花子"), None, &fonts), Err(missing.clone()));
    assert_eq!(render(&named("Sato 花子"), Beside::default(), &fonts), Err(missing));
    let mut snapshot = sample();
    snapshot.modules.push(module("JP.01.003", Bilingual::new("Tata Bahasa", "文法"), 8));
    let missing = PrintError::MissingGlyph { character: '文', field: "modules.title" };
    assert_eq!(printable(&snapshot, None, &fonts), Err(missing));
    Ok(())
}

#[test]
fn text_that_would_mislead_is_refused() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    for (name, character) in [
        ("Siti\u{202E}itiS", '\u{202E}'),
        ("سيتي", 'س'),
        ("S\u{0}", '\0'),
        ("A\u{200B}B", '\u{200B}'),
        ("A\u{E000}", '\u{E000}'),
    ] {
        let refused = PrintError::MissingGlyph { character, field: "holder_name" };
        assert_eq!(printable(&named(name), None, &fonts), Err(refused));
    }
    Ok(())
}

#[test]
fn a_fallback_must_be_a_font() -> Result<(), PrintError> {
    let broken = Fonts::embedded()?.with_fallback(b"not a font".to_vec());
    assert_eq!(broken.err(), Some(PrintError::UnusableFont));
    let font = include_bytes!("../../../assets/fonts/EBGaramond-Italic.ttf");
    for cut in [0, 12, 1_000, 60_000] {
        assert!(Fonts::embedded()?.with_fallback(font[..cut].to_vec()).is_err());
    }
    let fonts = Fonts::embedded()?.with_fallback(font.to_vec())?;
    render(&sample(), Beside::default(), &fonts).map(|_| ())
}

#[test]
fn long_names_shrink_and_break_until_they_do_not_fit() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    for times in [1, 2, 4, 6] {
        render(&named(&"Raden Ajeng Kusumaningrat ".repeat(times)), Beside::default(), &fonts)?;
    }
    render(&named(&"Brhadkusumaningratwati".repeat(4)), Beside::default(), &fonts)?;
    for name in ["Raden Ajeng ".repeat(40), "x".repeat(100_000)] {
        assert_eq!(printable(&named(&name), None, &fonts), Err(PrintError::TooLong { field: "holder_name" }));
    }
    Ok(())
}

#[test]
fn every_long_text_is_printed_or_refused() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    for length in [0, 1, 30, 90, 200, 500, 5_000] {
        let words: String = "Kerja ".chars().cycle().take(length).collect();
        for text in [words, "W".repeat(length)] {
            let mut letterhead = sample();
            letterhead.number.clone_from(&text);
            letterhead.program_name = Bilingual::new(&text, &text);
            letterhead.issuer.name.clone_from(&text);
            letterhead.issuer.kind = Bilingual::new(&text, "");
            letterhead.issuer.agreement_number.clone_from(&text);
            let mut foot = sample();
            foot.verification_url.clone_from(&text);
            foot.verification_code.clone_from(&text);
            foot.signatory = Signatory { name: text.clone(), title: text.clone(), nip: Some(text.clone()) };
            let mut back = sample();
            back.predicate = Some(Bilingual::new(&text, &text));
            back.modules = vec![module(&text, Bilingual::new(&text, &text), u32::MAX); 3];
            for snapshot in [named(&text), letterhead, foot, back] {
                assert!(!matches!(render(&snapshot, Beside::default(), &fonts), Err(PrintError::Engine(_))));
            }
        }
    }
    Ok(())
}

#[test]
fn long_lists_go_on_over_pages() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    let with = |count| Snapshot {
        modules: vec![module("JP.01.001", Bilingual::new("Tata Bahasa", "Grammar"), 8); count],
        ..sample()
    };
    let count = |snapshot: &Snapshot| lay_out(snapshot, None, &fonts).map(|sheets| sheets.len());
    assert_eq!(count(&with(0))?, 2);
    assert_eq!(count(&with(16))?, 2);
    assert_eq!(count(&with(40))?, 4);
    render(&with(40), Beside::default(), &fonts)?;
    for many in [120, 1_000] {
        assert_eq!(printable(&with(many), None, &fonts), Err(PrintError::TooLong { field: "modules" }));
    }
    Ok(())
}

#[test]
fn what_is_optional_may_be_absent() -> Result<(), PrintError> {
    let mut snapshot = sample();
    snapshot.final_score = None;
    snapshot.predicate = None;
    snapshot.signatory.nip = None;
    snapshot.modules.clear();
    snapshot.scores.clear();
    snapshot.program_name.en.clear();
    snapshot.issuer.kind.en.clear();
    snapshot.issuer.agreement_number.clear();
    render(&snapshot, Beside::default(), &Fonts::embedded()?).map(|_| ())
}

#[test]
fn extreme_days_and_numbers_do_no_harm() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    let mut snapshot = sample();
    for date in [NaiveDate::MIN, NaiveDate::MAX] {
        snapshot.issued_on = date;
        snapshot.birth_date = date;
        snapshot.starts_on = date;
        snapshot.lesson_hours = u32::MAX;
        snapshot.minutes_per_lesson_hour = u32::MAX;
        render(&snapshot, Beside::default(), &fonts)?;
    }
    snapshot.attendance_percent = Decimal::MIN;
    assert_eq!(printable(&snapshot, None, &fonts), Err(PrintError::TooLong { field: "attendance_percent" }));
    snapshot.final_score = Some(Decimal::MAX);
    assert_eq!(printable(&snapshot, None, &fonts), Err(PrintError::TooLong { field: "final_score" }));
    Ok(())
}

#[test]
fn days_and_numbers_read_as_in_each_language() {
    use Language::{English, Indonesian};
    assert_eq!(words::day(day(2025, 8, 7), Indonesian), "7 Agustus 2025");
    assert_eq!(words::day(day(2025, 8, 7), English), "7 August 2025");
    assert_eq!(words::period(day(2025, 8, 1), day(2025, 11, 15), Indonesian), "1 Agustus – 15 November 2025");
    assert_eq!(words::period(day(2025, 8, 1), day(2025, 8, 15), English), "1 – 15 August 2025");
    assert_eq!(words::period(day(2025, 12, 1), day(2026, 1, 2), Indonesian), "1 Desember 2025 – 2 Januari 2026");
    assert_eq!(words::period(day(2025, 5, 1), day(2025, 5, 1), Indonesian), "1 Mei 2025");
    assert_eq!(words::score(Decimal::new(865, 1), Indonesian), "86,50");
    assert_eq!(words::score(Decimal::new(86_545, 3), English), "86.55");
    assert_eq!(words::quantity(Decimal::new(1_234_567, 0), Indonesian), "1.234.567");
    assert_eq!(words::quantity(Decimal::new(-12_500, 1), English), "−1,250");
    assert_eq!(words::quantity(Decimal::new(9_650, 2), Indonesian), "96,5");
    assert_eq!(words::groups("7K4QM2PX9D"), "7K4Q M2PX 9D");
}

fn layout(text: &str) -> Layout {
    let some = || Some(text.to_owned());
    Layout {
        heading: some(),
        address: some(),
        contact: some(),
        accreditation: Some(Bilingual::new(text, text)),
        logo_sha256: None,
        names_alike: false,
        second_signatory: Some(Signatory { name: text.to_owned(), title: text.to_owned(), nip: some() }),
        back_page: BackPage::Modules,
    }
}

/// A certificate from before there were templates has the bytes that it had then.
#[test]
fn what_was_printed_before_is_printed_so_for_ever() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    let hash = |beside| render(&sample(), beside, &fonts).map(|pdf| sha256_hex(&pdf));
    assert_eq!(hash(Beside::default())?, "338b2102d02e0ecaf7ed952ad2ccf3a0ff93b94259ba1471379430f42d0b6c0b");
    let credential = Some("header.content.signature");
    assert_eq!(
        hash(Beside { credential, logo: None })?,
        "fed5d7edc6b00e9d83defe7b50b5a2be06a513b4839b42968ce7a58848fd2f45"
    );
    assert_eq!(
        serde_json::to_vec(&sample()).map(|snapshot| sha256_hex(&snapshot)).ok().as_deref(),
        Some("b0f68beddc0443e4bbb5c32dc0dac4e6e222dc84ac840bc7515a3d55a1fa08fd")
    );
    Ok(())
}

#[test]
fn what_a_template_adds_is_printed_or_refused() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    for length in [0, 1, 30, 120, 200, 1_000] {
        let words: String = "Kerja ".chars().cycle().take(length).collect();
        for text in [words, "W".repeat(length)] {
            let snapshot = Snapshot { layout: Some(layout(&text)), ..sample() };
            assert!(!matches!(render(&snapshot, Beside::default(), &fonts), Err(PrintError::Engine(_))));
        }
    }
    let missing = PrintError::MissingGlyph { character: '花', field: "heading" };
    let snapshot = Snapshot { layout: Some(layout("花")), ..sample() };
    assert_eq!(printable(&snapshot, None, &fonts), Err(missing));
    Ok(())
}

#[test]
fn another_logo_than_the_one_that_is_named_is_not_printed() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    let snapshot =
        Snapshot { layout: Some(Layout { logo_sha256: Some("another".to_owned()), ..layout("Cahaya") }), ..sample() };
    assert!(matches!(printable(&snapshot, None, &fonts), Err(PrintError::Engine(_))));
    Ok(())
}

#[test]
fn an_issuer_chooses_its_back_page() -> Result<(), PrintError> {
    let fonts = Fonts::embedded()?;
    for (back_page, pages) in [(BackPage::ModulesAndScores, 2), (BackPage::Modules, 2), (BackPage::Nothing, 1)] {
        let snapshot = Snapshot { layout: Some(Layout { back_page, ..layout("Cahaya") }), ..sample() };
        assert_eq!(lay_out(&snapshot, None, &fonts)?.len(), pages, "{back_page:?}");
    }
    Ok(())
}
