//! The demo province adds up, on both databases.

use vokasi_api::demo::{self, Progress};
use vokasi_core::access::Actor;
use vokasi_core::opening::Lack;
use vokasi_core::print::Fonts;
use vokasi_core::report;
use vokasi_core::report::Figures;
use vokasi_core::values::Segment;

use crate::harness::App;

struct Unwatched;

impl Progress for Unwatched {
    fn step(&self, _: &str) {}
    fn advance(&self, _: u64) {}
}

both! {
    fn the_first_year_adds_up_to_what_the_province_published(app: &App) {
        let today = "2026-11-23".parse().unwrap();
        let made = demo::make(app.db(), &Fonts::embedded().unwrap(), &app.url, today, &Unwatched).unwrap();
        let mut grade_xii = Figures::default();
        for row in made.intake.rows.iter().filter(|row| row.segment == Segment::GradeXii) {
            grade_xii.add(&row.figures);
        }
        assert_eq!(
            (grade_xii.registered, grade_xii.seated, grade_xii.waiting, grade_xii.seats),
            (8_445, 2_984, 5_461, 2_984)
        );
        assert_eq!((grade_xii.classes, grade_xii.classes_needed), (101, 291));
        let differences = app.db().snapshot(app.now(), |tx| report::recount(tx, &Actor::operator())).unwrap();
        assert_eq!(differences, Vec::<String>::new());
        // Teachers are what is missing most: 37 are there for 101 classes, and each has one half of the weekend left.
        let openings = &made.job.openings;
        assert_eq!(openings.waiting, 5_461);
        let short = |lack| openings.shortages.iter().filter(|one| one.lacks.contains(&lack)).map(|one| one.classes).sum::<i64>();
        assert!(openings.openings.len() > 37 && short(Lack::Teacher) > short(Lack::Room), "{:?}", openings.shortages);
        let left: i64 = openings.shortages.iter().map(|one| one.people).sum();
        assert_eq!(openings.seated + left, openings.waiting);
        let present = &made.present;
        assert_eq!((present.classes, present.held, present.coming), (8, 155, 268));
        assert_eq!((present.openings.waiting, present.openings.seated), (380, 380));
        let job = made.job;
        assert_eq!((job.planned.rows, job.enrolled, job.seated + job.waiting), (48, 48, 48));
        assert_eq!((job.completed, job.not_completed, job.certificates.len()), (28, 2, 28));
        assert!(job.certificates.iter().all(|(_, document, _)| document.starts_with(b"%PDF")));
    }
}
