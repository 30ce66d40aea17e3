//! The page behind a register's QR code as an instructor meets it: on a phone, in a browser, with a network and without.

use vokasi_core::access::{self, Actor};
use vokasi_core::id::Id;

use crate::harness::browser::Browser;
use crate::harness::path::text;
use crate::harness::proxy::{Build, Proxy};
use crate::harness::{App, Phone, Staff, Stage, Value, given, id, json};

const PASSWORD: &str = "kopi pahit di pagi hari";
const AGUS: &str = "Agus Setiawan";
const DEWI: &str = "Dewi Lestari";
const RATNA: &str = "Ratna Wijayanti";

/// An instructor in front of a running class of three, of which nobody is marked.
struct Morning<'a> {
    stage: Stage<'a>,
    codes: Phone,
    people: [String; 3],
    sessions: Vec<String>,
}

impl<'a> Morning<'a> {
    fn of(app: &'a App) -> Self {
        let mut stage = app.stage();
        let body = given::class(&stage.cohort, &stage.host, &stage.agreement)
            .with("name", "Perhotelan Pagi")
            .with("instructor", stage.instructor.id.clone())
            .with("slots", json!([{ "weekday": 1, "starts_at": "13:00", "lesson_hours": 4 }]))
            .with("seats", 3);
        stage.class = stage.office.post("/classes", body).created().id();
        let people = [AGUS, DEWI, RATNA].map(|name| stage.seated(&stage.student_named(name)));
        stage.start();
        let sessions = stage.sessions();
        let codes = with_password(&stage.instructor);
        Self { stage, codes, people, sessions }
    }

    fn page(&self, session: usize) -> String {
        format!("/mark/{}", self.sessions[session])
    }

    /// Signs in on the phone, as soon as the authenticator shows a code that was not used.
    fn sign_in(&self, phone: &mut Browser) {
        sign_in(self.stage.app, phone, &self.stage.instructor.email, &self.codes);
    }

    /// What the register says of each of the three.
    fn register(&self, session: usize) -> Vec<Value> {
        let path = format!("/sessions/{}/attendance", self.sessions[session]);
        let lines = self.stage.office_now().get(&path).ok().json()["lines"].clone();
        let of = |person: &String| lines.as_array().unwrap().iter().find(|line| line["enrollment"] == *person).cloned();
        self.people.iter().map(|person| of(person).expect("they are on the register")).collect()
    }

    fn marks(&self, session: usize) -> Vec<Value> {
        self.register(session).iter().map(|line| line["mark"].clone()).collect()
    }
}

fn sign_in(app: &App, phone: &mut Browser, email: &str, codes: &Phone) {
    app.wait(chrono::Duration::seconds(30));
    phone.fill("Surel", email);
    phone.fill("Kata sandi", PASSWORD);
    phone.tap("Masuk");
    phone.fill("Kode dari aplikasi autentikator", &codes.code(app));
    phone.tap("Masuk");
    phone.reads("Perhotelan Pagi");
}

fn with_password(staff: &Staff<'_>) -> Phone {
    let (app, account): (_, Id) = (staff.app, id(&staff.id));
    let link = app.operator(move |tx, operator| access::password_link(tx, operator, account));
    let origin = Actor::operator().origin().clone();
    access::set_password(app.db(), app.now(), origin, &link.token, PASSWORD).expect("the link works");
    staff.phone()
}

both! {
    fn an_instructor_signs_in_and_marks(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        phone.fill("Surel", &morning.stage.instructor.email);
        phone.fill("Kata sandi", "bukan ini");
        phone.tap("Masuk");
        phone.reads("Surel atau kata sandi tidak cocok.");
        phone.suits_a_thumb(360);
        phone.picture("door");
        // What was typed is still there.
        phone.fill("Kata sandi", PASSWORD);
        phone.tap("Masuk");
        phone.fill("Kode dari aplikasi autentikator", "000000");
        phone.reads("Kata sandi cocok. Ketik juga kode dari aplikasi autentikator, atau satu kode pemulihan.");
        phone.suits_a_thumb(360);
        phone.picture("code");
        phone.tap("Masuk");
        phone.reads("Kode tidak cocok");
        phone.fill("Kata sandi", PASSWORD);
        phone.fill("Kode dari aplikasi autentikator", &morning.codes.code(app));
        phone.tap("Masuk");
        phone.reads("Perhotelan Pagi");
        phone.reads("0 dari 3 ditandai");
        for button in ["H Hadir", "S Sakit", "I Izin", "A Alpa", "T Telat"] {
            phone.tap_beside(DEWI, button);
            assert_eq!(phone.pressed_beside(DEWI), button);
        }
        phone.tap_beside(AGUS, "H Hadir");
        phone.reads_beside(AGUS, "Belum disimpan");
        phone.fill_beside(DEWI, "Terlambat berapa menit", "15");
        phone.tap_beside(DEWI, "+ Catatan");
        phone.fill_beside(DEWI, "Catatan", "Ban bocor");
        phone.suits_a_thumb(360);
        phone.picture("tapped");
        assert_eq!(morning.marks(0), [Value::Null, Value::Null, Value::Null]);
        phone.tap("Simpan (2)");
        phone.reads("Terkirim: 2 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        phone.reads_beside(DEWI, "Tersimpan");
        phone.picture("saved");
        let register = morning.register(0);
        assert_eq!((text(&register[0]["mark"]), text(&register[1]["mark"]), &register[2]["mark"]), ("H", "T", &Value::Null));
        assert_eq!((&register[1]["minutes_late"], &register[1]["note"]), (&json!(15), &json!("Ban bocor")));
        let devices = "attendance_entries WHERE device LIKE 'web-%' GROUP BY device";
        assert_eq!(app.count(&format!("(SELECT device FROM {devices}) AS one")), 1);

        phone.reload();
        phone.reads("2 dari 3 ditandai");
        assert_eq!([phone.pressed_beside(AGUS), phone.pressed_beside(DEWI)], ["H Hadir", "T Telat"]);
        assert_eq!(phone.field_beside(DEWI, "Terlambat berapa menit"), "15");
        assert_eq!(phone.field_beside(DEWI, "Catatan"), "Ban bocor");
        assert_eq!(phone.pressed_beside(RATNA), "");

        phone.tap("English");
        phone.reads("2 of 3 marked");
        phone.tap_beside(RATNA, "I Excused");
        phone.reads_beside(RATNA, "Not saved yet");
        phone.suits_a_thumb(360);
        phone.picture("english");
        phone.tap("Sign out");
        phone.reads("Password");
        assert!(!phone.text().contains(AGUS));
        phone.tap("Bahasa Indonesia");
        phone.reads("Kata sandi");
        phone.behaved();
    }

    fn what_another_phone_says_is_shown_and_decided(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        morning.stage.mark(&morning.sessions[0], &morning.people[0], "A");
        phone.tap_beside(AGUS, "H Hadir");
        phone.tap_beside(DEWI, "H Hadir");
        phone.tap("Simpan (2)");
        phone.reads("Terkirim: 1 tersimpan, 0 sama, 1 berbeda, 0 ditolak.");
        phone.reads_beside(AGUS, "Ada dua jawaban. Daftar hadir: A Alpa. Ponsel ini: H Hadir.");
        phone.suits_a_thumb(360);
        phone.picture("clash");
        assert_eq!(morning.marks(0), [json!("A"), json!("H"), Value::Null]);
        assert_eq!(morning.stage.office.all("/attendance-clashes?open=true").len(), 1);
        // It is still told after the tab was loaded again.
        phone.reload();
        phone.reads_beside(AGUS, "Ada dua jawaban tentang orang ini.");
        phone.tap_beside(AGUS, "H Hadir");
        phone.tap("Simpan (1)");
        phone.reads_beside(AGUS, "Tersimpan");
        assert_eq!(morning.marks(0), [json!("H"), json!("H"), Value::Null]);
        assert!(morning.stage.office.all("/attendance-clashes?open=true").is_empty());
        phone.behaved();
    }

    fn what_came_in_under_a_mark_was_not_seen(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.tap_beside(AGUS, "T Telat");
        phone.tap_beside(DEWI, "S Sakit");
        morning.stage.mark(&morning.sessions[0], &morning.people[0], "H");
        morning.stage.mark(&morning.sessions[0], &morning.people[1], "H");
        // The register is read again, and the screen still shows what was tapped.
        phone.reload();
        phone.until("sheet?.lines[0].mark === 'H'", "the register is read again");
        assert_eq!([phone.pressed_beside(AGUS), phone.pressed_beside(DEWI)], ["T Telat", "S Sakit"]);
        phone.fill_beside(AGUS, "Terlambat berapa menit", "15");
        phone.tap_beside(DEWI, "A Alpa");
        phone.tap("Simpan (2)");
        phone.reads("Terkirim: 0 tersimpan, 0 sama, 2 berbeda, 0 ditolak.");
        phone.reads_beside(AGUS, "Ada dua jawaban. Daftar hadir: H Hadir. Ponsel ini: T Telat.");
        assert_eq!(morning.marks(0), [json!("H"), json!("H"), Value::Null]);
        // What a finger is on was drawn before what has come in since.
        morning.stage.mark(&morning.sessions[0], &morning.people[2], "S");
        phone.run("window.dispatchEvent(new Event('pointerdown'))");
        phone.run("load().then(() => show())");
        assert_eq!(phone.pressed_beside(RATNA), "");
        phone.tap_beside(RATNA, "A Alpa");
        phone.tap("Simpan (1)");
        phone.reads_beside(RATNA, "Ada dua jawaban. Daftar hadir: S Sakit. Ponsel ini: A Alpa.");
        // Now it was shown.
        phone.tap_beside(AGUS, "T Telat");
        phone.tap("Simpan (1)");
        phone.reads_beside(AGUS, "Tersimpan");
        assert_eq!(morning.marks(0), [json!("T"), json!("H"), json!("S")]);
        phone.behaved();
    }

    fn minutes_that_no_session_has_keep_no_mark_back(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        for person in [AGUS, DEWI, RATNA] {
            phone.tap_beside(person, "T Telat");
        }
        phone.fill_beside(AGUS, "Terlambat berapa menit", "2147483648");
        phone.fill_beside(DEWI, "Terlambat berapa menit", "12.5");
        assert_eq!(phone.field_beside(AGUS, "Terlambat berapa menit"), "", "it does not stay");
        phone.fill_beside(RATNA, "Terlambat berapa menit", "180");
        phone.picture("minutes");
        phone.tap("Simpan (3)");
        phone.reads("Terkirim: 3 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        let minutes: Vec<Value> = morning.register(0).iter().map(|line| line["minutes_late"].clone()).collect();
        assert_eq!(minutes, [Value::Null, Value::Null, json!(180)]);
        phone.behaved();
        // A batch that is not taken is not sent again at once, however much waits behind it.
        phone.run("window.sent = 0; const real = fetch; window.fetch = (...all) => { window.sent += 1; return real(...all); };");
        phone.run(
            "outbox = Array.from({ length: 501 }, (_, at) => ({ id: uuid(), session: SESSION, place: 100 + at, wrong: 1 })); send()",
        );
        phone.until("Boolean(document.querySelector('.message.bad'))", "it is told");
        phone.run("new Promise((done) => setTimeout(done, 200))");
        assert_eq!(phone.run("window.sent"), 1);
    }

    fn without_a_network_marks_wait_and_arrive_once(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        opens_from_now_on(&mut phone);
        phone.lose_network();
        phone.tap_beside(AGUS, "S Sakit");
        phone.tap("Yang belum ditandai: hadir");
        phone.tap("Simpan (3)");
        phone.reads("Tidak ada jaringan.");
        phone.reads("3: Di ponsel ini, belum terkirim");
        phone.reads_beside(AGUS, "Di ponsel ini, belum terkirim");
        phone.suits_a_thumb(360);
        phone.picture("waiting");
        assert_eq!(app.count("attendance_entries"), 0);
        // The marks outlive the page, and go out from the next one.
        phone.reload();
        phone.find_network();
        phone.reads("Terkirim: 3 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        phone.reads_beside(AGUS, "Tersimpan");
        assert_eq!(morning.marks(0), [json!("S"), json!("H"), json!("H")]);
        assert_eq!(app.count("attendance_entries"), 3);
        phone.reload();
        phone.reads("3 dari 3 ditandai");
        assert!(!phone.text().contains("belum terkirim"));
        assert_eq!((app.count("attendance_entries"), app.count("attendance_corrections")), (3, 0));
        phone.behaved();
    }

    fn marks_of_another_session_are_seen_and_sent(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        opens_from_now_on(&mut phone);
        phone.lose_network();
        phone.new_tab();
        phone.visit(&morning.page(0));
        phone.tap("Yang belum ditandai: hadir");
        phone.tap("Simpan (3)");
        phone.reads("3: Di ponsel ini, belum terkirim");
        phone.tap_beside(DEWI, "I Izin");
        phone.reads_beside(DEWI, "Belum disimpan");
        // The next session of the same day, where the first one is forgotten.
        morning.stage.mark(&morning.sessions[0], &morning.people[0], "A");
        phone.new_tab();
        phone.visit(&morning.page(1));
        phone.reads("3 tanda dari 21 Juli 2025, 13.00 menunggu dikirim.");
        phone.reads("1 tanda dari 21 Juli 2025, 13.00 belum disimpan.");
        phone.suits_a_thumb(360);
        phone.picture("elsewhere");
        phone.tap("Keluar");
        phone.reads("3 tanda di ponsel ini menunggu dikirim. Masuk untuk mengirimnya.");
        assert_eq!(app.count("attendance_entries"), 0);
        phone.find_network();
        phone.new_tab();
        phone.visit(&morning.page(1));
        morning.sign_in(&mut phone);
        phone.reads("Terkirim: 2 tersimpan, 0 sama, 1 berbeda, 0 ditolak.");
        assert_eq!(morning.marks(0), [json!("A"), json!("H"), json!("H")]);
        phone.reads("1 tanda dari 21 Juli 2025, 13.00 perlu dilihat.");
        phone.until("!document.body.innerText.includes('menunggu dikirim')", "nothing waits any more");
        phone.tap("English");
        phone.reads("Of 21 July 2025, 13:00, not taken as they were sent: 1.");
        phone.tap("Bahasa Indonesia");
        // What was said of it is still there when the session is opened.
        phone.reload();
        phone.reads("1 tanda dari 21 Juli 2025, 13.00 perlu dilihat.");
        let link = "[...document.querySelectorAll('a')].find((one) => one.textContent.includes('perlu dilihat')).pathname";
        let there = phone.run(link);
        phone.visit(text(&there));
        phone.reads_beside(AGUS, "Ada dua jawaban. Daftar hadir: A Alpa. Ponsel ini: H Hadir.");
        phone.reads_beside(DEWI, "Belum disimpan");
        phone.tap("Simpan (1)");
        phone.reads("Terkirim: 1 tersimpan");
        phone.visit(&morning.page(1));
        phone.reads("0 dari 3 ditandai");
        phone.until("!document.body.innerText.includes('21 Juli')", "nothing is said of the session before");
        phone.until("!Object.keys(localStorage).some((key) => key.startsWith('vokasi.when.'))", "its day is forgotten");
        phone.behaved();
    }

    fn a_session_that_is_not_today_says_what_becomes_of_its_marks(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(1));
        morning.sign_in(&mut phone);
        phone.tap_beside(AGUS, "H Hadir");
        phone.tap("Simpan (1)");
        phone.reads("0 ditolak. 1 menunggu harinya di ponsel ini.");
        phone.reads_beside(AGUS, "Di ponsel ini. Dikirim bila halaman ini dibuka pada 28 Juli 2025 atau sesudahnya.");
        phone.picture("early");
        app.set_clock("2025-07-28T09:00:00Z");
        phone.visit(&morning.page(0));
        phone.reads("Terkirim: 1 tersimpan");
        assert_eq!(morning.marks(1), [json!("H"), Value::Null, Value::Null]);
        // Nothing can be tapped where the session was called off.
        let path = format!("/sessions/{}/cancellation", morning.sessions[2]);
        let tag = morning.stage.office_now().get(&format!("/sessions/{}", morning.sessions[2])).ok().etag();
        morning.stage.office_now().post_change(&path, &tag, json!({ "reason": "Banjir" })).ok();
        phone.visit(&morning.page(2));
        phone.reads("Pertemuan ini dibatalkan dan tidak ditandai.");
        assert_eq!(phone.run("[...document.querySelectorAll('main button:not([hidden])')].filter((one) => !one.disabled).length"), 0);
        phone.picture("cancelled");
        phone.behaved();
    }

    fn a_login_that_ran_out_costs_no_mark(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.tap_beside(AGUS, "H Hadir");
        app.wait(chrono::Duration::minutes(20));
        app.run("DELETE FROM refresh_tokens");
        phone.tap("Simpan (1)");
        phone.reads("Tanda pembaruan tidak berlaku. Masuk lagi.");
        phone.reads("1 tanda di ponsel ini menunggu dikirim. Masuk untuk mengirimnya.");
        assert!(!phone.text().contains(AGUS));
        phone.suits_a_thumb(360);
        assert_eq!(app.count("attendance_entries"), 0);
        morning.sign_in(&mut phone);
        phone.reads("Terkirim: 1 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        assert_eq!(morning.marks(0), [json!("H"), Value::Null, Value::Null]);
        phone.behaved();
    }

    fn two_requests_renew_a_login_once(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.reads("3 pertemuan ada di ponsel ini");
        phone.tap_beside(AGUS, "H Hadir");
        app.wait(chrono::Duration::minutes(20));
        phone.run("load(); document.getElementById('save').click()");
        phone.reads("Terkirim: 1 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        app.wait(chrono::Duration::minutes(20));
        phone.tap_beside(DEWI, "A Alpa");
        phone.tap("Simpan (1)");
        phone.reads_beside(DEWI, "Tersimpan");
        assert_eq!(morning.marks(0), [json!("H"), json!("A"), Value::Null]);
        phone.behaved();
    }

    fn whoever_signs_out_late_ends_the_login_all_the_same(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.reads("3 pertemuan ada di ponsel ini");
        app.wait(chrono::Duration::minutes(20));
        phone.run(
            "const real = fetch; window.fetch = async (...all) => {
                const answer = await real(...all);
                if (all[0].endsWith('/logins/current') && answer.ok) window.over = true;
                return answer;
            }",
        );
        phone.tap("Keluar");
        phone.until("Boolean(window.over)", "the login is over");
        assert_eq!(app.count_where("logins", "end_reason = 'signed_out'"), 1);
        phone.behaved();
    }

    fn nothing_is_sent_as_somebody_else(app: &App) {
        let morning = Morning::of(app);
        let manager = app.manager(&morning.stage.host);
        let of_the_manager = with_password(&manager);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.reads("3 pertemuan ada di ponsel ini");
        // The answer to a batch is slow to come, and says that the token has ended.
        phone.run(
            "const real = fetch; window.fetch = async (...all) => {
                const answer = await real(...all);
                if (!window.go && all[0].endsWith('/attendance-batches')) await new Promise((done) => { window.go = done; });
                return answer;
            }",
        );
        app.wait(chrono::Duration::minutes(20));
        phone.tap_beside(AGUS, "H Hadir");
        phone.tap("Simpan (1)");
        phone.until("Boolean(window.go)", "the answer waits");
        phone.tap("Keluar");
        sign_in(app, &mut phone, &manager.email, &of_the_manager);
        phone.run("window.go()");
        phone.until("!sending", "nothing is on its way");
        assert_eq!(app.count("attendance_entries"), 0);
        phone.tap("Keluar");
        morning.sign_in(&mut phone);
        phone.reads("Terkirim: 1 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        let instructor = id(&morning.stage.instructor.id).as_i64();
        assert_eq!(app.count_where("attendance_entries", &format!("received_by = {instructor}")), 1);
        // The same with nobody after them.
        app.wait(chrono::Duration::minutes(20));
        phone.run("window.go = null");
        phone.tap_beside(DEWI, "H Hadir");
        phone.tap("Simpan (1)");
        phone.until("Boolean(window.go)", "the answer waits");
        phone.tap("Keluar");
        phone.run("window.go()");
        phone.until("!sending", "nothing is on its way");
        phone.reads("1 tanda di ponsel ini menunggu dikirim.");
        assert_eq!(app.count("attendance_entries"), 1);
        phone.behaved();
    }

    fn a_page_that_comes_back_loses_nothing(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        opens_from_now_on(&mut phone);
        phone.run("window.slept = true");
        phone.visit(&morning.page(1));
        phone.reads("28 Juli 2025");
        // The login goes on in another page of the tab.
        app.wait(chrono::Duration::minutes(20));
        let before = phone.run("login.refresh");
        phone.visit(&morning.page(0));
        phone.until(&format!("login.refresh !== {before}"), "the login is renewed");
        phone.lose_network();
        phone.tap_beside(DEWI, "I Izin");
        phone.tap("Simpan (1)");
        phone.reads("1: Di ponsel ini, belum terkirim");
        phone.back();
        phone.back();
        assert_eq!(phone.run("window.slept ?? null"), true, "it is the page of before");
        phone.reads_beside(DEWI, "Di ponsel ini, belum terkirim");
        phone.tap_beside(AGUS, "H Hadir");
        phone.tap("Simpan (1)");
        phone.reads("2: Di ponsel ini, belum terkirim");
        phone.find_network();
        phone.reads("Terkirim: 2 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        assert_eq!(morning.marks(0), [json!("H"), json!("I"), Value::Null]);
        phone.behaved();
    }

    fn a_refusal_that_nobody_saw_is_still_told(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        opens_from_now_on(&mut phone);
        phone.lose_network();
        phone.tap_beside(AGUS, "I Izin");
        phone.tap_beside(AGUS, "+ Catatan");
        phone.fill_beside(AGUS, "Catatan", &"7".repeat(16));
        phone.tap("Simpan (1)");
        phone.reads("1: Di ponsel ini, belum terkirim");
        // It is sent from behind another app, and the tab is thrown away there.
        phone.run("Object.defineProperty(document, 'hidden', { get: () => true })");
        phone.find_network();
        phone.reads("0 berbeda, 1 ditolak.");
        phone.reload();
        phone.reads_beside(AGUS, "Teks ini memuat deret 16 angka");
        // Once seen it is not told again.
        phone.until("!Object.keys(localStorage).some((key) => /told|when/.test(key))", "nothing of it is kept");
        phone.reload();
        phone.reads("0 dari 3 ditandai");
        assert!(!phone.text().contains("Teks ini"));
        phone.behaved();
    }

    fn a_phone_that_was_signed_in_once_marks_in_a_village_without_signal(app: &App) {
        let morning = Morning::of(app);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.reads("3 pertemuan ada di ponsel ini dan dapat ditandai tanpa jaringan sampai 4 Agustus 2025.");
        phone.picture("kept");
        opens_from_now_on(&mut phone);
        // A week later, where the code of the next session is scanned; the tab and its login are gone.
        phone.lose_network();
        phone.new_tab();
        phone.visit(&morning.page(1));
        phone.reads("Tanpa masuk: tanda menunggu di ponsel ini sampai Wulan Sari masuk.");
        phone.reads("Senin, 28 Juli 2025");
        phone.tap_beside(DEWI, "I Izin");
        phone.tap("Yang belum ditandai: hadir");
        phone.tap("Simpan (3)");
        phone.reads("3: Di ponsel ini, belum terkirim");
        phone.suits_a_thumb(360);
        phone.picture("village");
        phone.new_tab();
        phone.visit(&morning.page(1));
        phone.reads("3: Di ponsel ini, belum terkirim");
        assert_eq!(phone.pressed_beside(DEWI), "I Izin");
        app.set_clock("2025-07-28T09:00:00Z");
        phone.find_network();
        assert_eq!(app.count("attendance_entries"), 0);
        phone.tap("Masuk dan kirim");
        phone.reads("3 tanda di ponsel ini menunggu dikirim. Masuk untuk mengirimnya.");
        phone.suits_a_thumb(360);
        phone.picture("back");
        morning.sign_in(&mut phone);
        phone.reads("Terkirim: 3 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        assert_eq!(morning.marks(1), [json!("H"), json!("I"), json!("H")]);
        assert_eq!((app.count("attendance_entries"), app.count("attendance_corrections")), (3, 0));
        phone.behaved();
    }

    fn whoever_leaves_on_the_day_is_marked_without_a_network(app: &App) {
        const PUTRI: &str = "Putri Maharani";
        let morning = Morning::of(app);
        let putri = morning.stage.waiting(&morning.stage.student_named(PUTRI));
        app.set_clock("2025-07-28T05:00:00Z");
        let leaves = |who: &str| morning.stage.step(who, json!({ "to": "withdrawn", "reason": "Bekerja" })).ok();
        leaves(&morning.people[0]);
        // Who came and went on the same day was never there.
        morning.stage.seat(&putri, &morning.stage.class).ok();
        leaves(&putri);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.reads("4 pertemuan ada di ponsel ini");
        phone.until(KEPT, "the page is kept on the phone");
        phone.lose_network();
        phone.new_tab();
        phone.visit(&morning.page(1));
        phone.reads("0 dari 3 ditandai");
        assert!(!phone.text().contains(PUTRI));
        phone.tap_beside(AGUS, "H Hadir");
        phone.tap("Simpan (1)");
        phone.reads("1: Di ponsel ini, belum terkirim");
        phone.find_network();
        phone.tap("Masuk dan kirim");
        morning.sign_in(&mut phone);
        phone.reads("Terkirim: 1 tersimpan, 0 sama, 0 berbeda, 0 ditolak.");
        assert_eq!(morning.marks(1), [json!("H"), Value::Null, Value::Null]);
        phone.behaved();
    }

    fn names_leave_the_phone_and_marks_stay_whose_they_are(app: &App) {
        let morning = Morning::of(app);
        let manager = app.manager(&morning.stage.host);
        let of_the_manager = with_password(&manager);
        let mut phone = Browser::open(app);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        phone.reads("pertemuan ada di ponsel ini");
        opens_from_now_on(&mut phone);
        // The worker has the page and nothing else; the phone has names, and no number of anybody.
        let kept = phone.run("(async () => (await Promise.all((await caches.keys()).map(async (name) => \
            (await (await caches.open(name)).keys()).map((one) => new URL(one.url).pathname)))).flat().sort().join())()");
        assert_eq!(kept, "/assets/register.css,/assets/register.js,/mark/0000000000000");
        let held = held(&mut phone);
        assert!(held.contains(AGUS) && !held.contains("18070557") && !held.contains("0079"), "{held}");
        phone.lose_network();
        phone.tap_beside(AGUS, "A Alpa");
        phone.tap("Simpan (1)");
        phone.reads("1: Di ponsel ini, belum terkirim");
        // Signing out takes the names, with a network or without.
        phone.tap("Keluar");
        phone.reads("1 tanda di ponsel ini menunggu dikirim.");
        assert!(!named(&mut phone));
        phone.new_tab();
        phone.visit(&morning.page(0));
        phone.reads("Pertemuan ini tidak ada di ponsel ini. Masuk memerlukan jaringan.");
        phone.picture("nothing");
        phone.find_network();
        // Somebody else signs in: nothing is sent in their name. They leave nothing on a phone that is not theirs.
        phone.tap("Simpan daftar hadir dua minggu di ponsel ini, untuk tempat tanpa sinyal. Jangan di ponsel pinjaman.");
        sign_in(app, &mut phone, &manager.email, &of_the_manager);
        phone.reads("0 dari 3 ditandai");
        phone.reload();
        phone.reads("0 dari 3 ditandai");
        assert!(!named(&mut phone));
        assert_eq!(app.count("attendance_entries"), 0);
        phone.tap("Keluar");
        morning.sign_in(&mut phone);
        phone.reads("Terkirim: 1 tersimpan");
        let instructor = id(&morning.stage.instructor.id).as_i64();
        assert_eq!(app.count_where("attendance_entries", &format!("received_by = {instructor}")), 1);
        // What is kept ends by itself after two weeks.
        phone.reads("pertemuan ada di ponsel ini");
        phone.run("const all = JSON.parse(localStorage['vokasi.registers']); all.at -= 15 * 86400e3; \
            localStorage['vokasi.registers'] = JSON.stringify(all)");
        phone.lose_network();
        phone.new_tab();
        phone.visit(&morning.page(1));
        phone.reads("Pertemuan ini tidak ada di ponsel ini.");
        assert!(!named(&mut phone));
        phone.behaved();
    }

    fn a_new_build_takes_over_whole_or_not_at_all(app: &App) {
        let morning = Morning::of(app);
        let proxy = Proxy::before(app);
        let mut phone = Browser::before(&proxy.url);
        phone.visit(&morning.page(0));
        morning.sign_in(&mut phone);
        opens_from_now_on(&mut phone);
        let builds = phone.run(BUILDS);
        // One machine has the next build already and the other has not: the phone stays with what it has.
        proxy.serve(Build::Half);
        phone.reload();
        phone.reads(AGUS);
        look_for_a_new_build(&mut phone);
        phone.until("navigator.serviceWorker.getRegistration().then((one) => !one.installing)", "it was tried");
        assert_eq!((phone.run(BUILDS), phone.run("window.build ?? null")), (builds.clone(), Value::Null));
        // All have it: it is fetched while the page is open, and shown when it is opened again, without a network too.
        proxy.serve(Build::Next);
        phone.reload();
        phone.reads(AGUS);
        look_for_a_new_build(&mut phone);
        phone.until(&format!("{BUILDS}.then((names) => names.startsWith('vokasi-mark-next'))"), "the next build is kept");
        assert!(!phone.run(BUILDS).as_str().unwrap().contains(','));
        phone.lose_network();
        phone.new_tab();
        phone.visit(&morning.page(1));
        phone.reads(AGUS);
        assert_eq!(phone.run("window.build"), "next");
    }
}

/// Whether the page opens without a network.
const KEPT: &str = "navigator.serviceWorker.ready.then(() => true)";

/// Of which builds a phone has the pieces.
const BUILDS: &str = "caches.keys().then((names) => names.join())";

/// As a browser does by itself some time after the page was opened.
fn look_for_a_new_build(phone: &mut Browser) {
    phone.run("navigator.serviceWorker.getRegistration().then((one) => one.update()).catch(() => null)");
}

/// Waits until page and registers are on the phone.
fn opens_from_now_on(phone: &mut Browser) {
    phone.reads("3 pertemuan ada di ponsel ini");
    phone.until(KEPT, "the page is kept on the phone");
}

/// Everything that stays on the phone when the tab is closed.
fn held(phone: &mut Browser) -> String {
    text(&phone.run("JSON.stringify({ ...localStorage })")).to_owned()
}

fn named(phone: &mut Browser) -> bool {
    let held = held(phone);
    [AGUS, DEWI, RATNA].iter().any(|name| held.contains(name))
}
