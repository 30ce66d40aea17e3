//! Everything that is held about a person, as a page that reads on a phone and prints.

use std::fmt::{Display, Write};

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, get, web};
use chrono::NaiveDate;
use vokasi_core::assessment::Attempt;
use vokasi_core::attendance::Remark;
use vokasi_core::completion::{Completion, Reopened};
use vokasi_core::error::Language;
use vokasi_core::error::Language::{English, Indonesian};
use vokasi_core::id::Id;
use vokasi_core::participant::{Address, Guardian};
use vokasi_core::privacy::dossier::{self, Chapter, Dossier, Said};
use vokasi_core::time::Instant;
use vokasi_core::values::{Email, FamilyCard, Label, Mark, Nik, Nisn, Phone, ProvinceCode, Sex, Words};

use super::html::{Text, page};
use super::verify::{date, moment};
use super::words::called;
use crate::call::Call;
use crate::problem::Problem;

/// The page of a request for access, for the office that hands it out; that it was handed out stands in the audit.
#[get("/dossiers/{id}")]
pub(crate) async fn show(call: Call, id: web::Path<Id>) -> Result<HttpResponse, Problem> {
    let language = call.language;
    let content = call
        .write(move |tx, actor| {
            let dossier = dossier::open(tx, actor, *id)?;
            let givers = dossier
                .consents
                .iter()
                .map(|consent| Ok(consent.giver_name(tx)?.as_str().to_owned()))
                .collect::<vokasi_core::error::Result<Vec<_>>>()?;
            let province = dossier.participant.province_code.clone();
            Ok(Sheet { language, province, html: String::new() }.written(&dossier, &givers))
        })
        .await?;
    Ok(page(StatusCode::OK, language, said(language, "Data pribadi saya", "My personal data"), &content))
}

fn said<'a>(language: Language, id: &'a str, en: &'a str) -> &'a str {
    match language {
        Indonesian => id,
        English => en,
    }
}

/// The content of the page while it is written. Writing to a string cannot fail.
struct Sheet {
    language: Language,
    province: ProvinceCode,
    html: String,
}

impl Sheet {
    fn written(mut self, dossier: &Dossier, givers: &[String]) -> String {
        let person = &dossier.participant;
        let title = self.say("Data pribadi saya", "My personal data");
        let made = self.moment(dossier.made_at);
        let _ = write!(self.html, "<h1>{title}</h1><p class=\"holder\">{}</p>", Text(person.name.as_str()));
        let intro = self.say(
            "Semua data yang disimpan register tentang orang ini, menurut UU 27/2022 pasal 7 dan 32. Dibuat",
            "Everything the register holds about this person, under UU 27/2022 art. 7 and 32. Made on",
        );
        let _ = write!(self.html, "<p class=\"soft\">{intro} {made}.</p>");
        self.identity(dossier);
        self.consents(dossier, givers);
        self.exams(dossier);
        for chapter in &dossier.enrollments {
            self.chapter(chapter, dossier.made_at);
        }
        self.origins(dossier);
        self.trail(dossier);
        let rights = self.say(
            "Anda dapat meminta perbaikan, penundaan, dan penghapusan data, dan dapat menarik persetujuan, melalui \
             sekolah atau dinas. Permintaan dijawab dalam 3 x 24 jam.",
            "You can ask for a correction, a suspension and the erasure of your data and can withdraw a consent, \
             through the school or the office. A request is answered within 3 x 24 hours.",
        );
        let _ = write!(self.html, "<p class=\"soft\">{rights}</p>");
        self.html
    }

    fn identity(&mut self, dossier: &Dossier) {
        let (person, clear) = (&dossier.participant, &dossier.in_clear);
        let sex = match person.sex {
            Sex::Female => self.say("Perempuan", "Female"),
            Sex::Male => self.say("Laki-laki", "Male"),
        };
        let birth = format!("{}, {}", person.birth_place, self.day(person.birth_date));
        self.open("Identitas", "Identity");
        self.fact("NIK", "NIK", clear.nik.as_ref().map(Nik::as_str));
        self.fact("NISN", "NISN", person.nisn.as_ref().map(Nisn::as_str));
        self.fact("Nomor KK", "Family card", clear.contact.family_card.as_ref().map(FamilyCard::as_str));
        self.fact("Jenis kelamin", "Sex", Some(sex));
        self.fact("Tempat, tanggal lahir", "Place and date of birth", Some(&birth));
        self.fact("Sekolah", "School", dossier.school.as_deref());
        self.fact("Wilayah", "Region", Some(&person.regency_code.full_name()));
        self.fact("Nomor induk", "Student number", person.student_number.as_deref());
        self.fact("Rombel", "Homeroom", person.homeroom.as_deref());
        self.fact("Tahun lulus", "Year of graduation", person.graduation_year.map(|year| year.to_string()).as_deref());
        self.fact("Telepon", "Phone", clear.contact.phone.as_ref().map(Phone::as_str));
        self.fact("Surel", "E-mail", clear.contact.email.as_ref().map(Email::as_str));
        self.fact("Alamat", "Address", address(&clear.contact.address).as_deref());
        self.fact("Wali", "Guardian", clear.contact.guardian.as_ref().map(|one| self.guardian(one)).as_deref());
        self.close();
    }

    fn consents(&mut self, dossier: &Dossier, givers: &[String]) {
        self.open("Persetujuan, penghentian, dan permintaan", "Consents, holds and requests");
        for (consent, giver) in dossier.consents.iter().zip(givers) {
            let mut line = format!("{} · {} · {giver}", self.call(consent.purpose), self.day(consent.given_on));
            if let Some(day) = consent.withdrawn_on {
                let _ = write!(line, " · {} {}", self.say("berakhir", "ended"), self.day(day));
            }
            self.fact("Persetujuan", "Consent", Some(&line));
        }
        for hold in &dossier.holds {
            let mut line = format!("{} · {}", self.call(hold.why), self.day(hold.since));
            if let Some(day) = hold.until {
                let _ = write!(line, " – {}", self.day(day));
            }
            self.fact("Penghentian pemrosesan", "Hold", Some(&line));
        }
        for request in &dossier.requests {
            let received = self.moment(request.received_at);
            let line = format!("{} · {received} · {}", self.call(request.kind), self.call(request.state));
            self.fact("Permintaan", "Request", Some(&line));
        }
        self.close();
    }

    fn exams(&mut self, dossier: &Dossier) {
        if dossier.exams.is_empty() {
            return;
        }
        self.open("Ujian eksternal", "Exams outside the programs");
        for exam in &dossier.exams {
            let mut line = match &exam.level {
                Some(level) => format!("{level} · {}", self.call(exam.outcome)),
                None => self.call(exam.outcome).to_owned(),
            };
            let _ = write!(line, " · {}", self.day(exam.taken_on));
            for section in &exam.sections {
                let _ = write!(line, " · {} {}", section.code, section.score);
            }
            if let Some(total) = exam.total {
                let _ = write!(line, " · {} {total}", self.say("total", "in total"));
            }
            if let Some(number) = &exam.certificate_number {
                let _ = write!(line, " · {}", number.as_str());
            }
            if exam.withdrawal.is_some() {
                let _ = write!(line, " · {}", self.say("ditarik", "withdrawn"));
            } else if !exam.in_force {
                let _ = write!(line, " · {}", self.say("diganti oleh koreksi", "replaced by a correction"));
            }
            self.row(&exam.scheme, &line);
        }
        self.close();
    }

    fn chapter(&mut self, chapter: &Chapter, now: Instant) {
        let learned = &chapter.learned;
        self.open(&learned.program_id, &learned.program_en);
        self.fact("Angkatan", "Cohort", Some(learned.cohort.as_str()));
        self.fact("Kelas", "Class", learned.class.as_ref().map(Label::as_str));
        self.fact("Lembaga", "Institution", learned.partner.as_deref());
        for step in &chapter.steps {
            let reason = step.reason.as_ref().map(|reason| format!(" · {reason}")).unwrap_or_default();
            let line = format!("{} · {}{reason}", self.moment(step.at), self.call(step.to_state));
            self.fact("Langkah", "Step", Some(&line));
        }
        for offered in &chapter.offers {
            let (made, state) = (self.moment(offered.offer.made_at), self.call(offered.offer.state(now)));
            let line = format!("{made} · {} · {} · {state}", offered.class, offered.partner);
            self.fact("Tawaran kursi", "Seat offered", Some(&line));
        }
        let tally: Vec<String> =
            chapter.tally.iter().map(|(mark, sessions, hours)| format!("{mark} {sessions} ({hours} JP)")).collect();
        self.fact("Presensi", "Attendance", (!tally.is_empty()).then(|| tally.join(", ")).as_deref());
        let marks: Vec<String> =
            chapter.marks.iter().map(|one| self.mark(one.held_on, one.mark, &one.remark)).collect();
        self.fact("Per pertemuan", "By session", (!marks.is_empty()).then(|| marks.join(", ")).as_deref());
        let replaced = self.values(chapter.replaced.iter().map(|one| (&one.said, one.replaced_at)));
        let sent = self.values(chapter.sent.iter().map(|one| (&one.said, one.made_at)));
        self.fact("Nilai presensi yang diganti", "Attendance that was replaced", replaced.as_deref());
        self.fact("Dikirim dari gawai", "Sent from devices", sent.as_deref());
        for Attempt { score, correction, .. } in &chapter.scores {
            let line = format!("{} · {} ({})", score.component, score.score.points(), self.day(score.assessed_on));
            match correction {
                None => self.fact("Nilai", "Score", Some(&line)),
                Some(why) => {
                    let why = why.reason.as_ref().map_or("-", Label::as_str);
                    self.fact("Nilai yang dikoreksi", "Score that was corrected", Some(&format!("{line}: {why}")));
                }
            }
        }
        for Reopened { decision, reopened_at, reason, .. } in &chapter.reopened {
            let opened =
                format!("{} {}: {reason}", self.say("dibuka kembali", "opened again"), self.moment(*reopened_at));
            let line = format!("{} · {opened}", self.decision(decision));
            self.fact("Kelulusan", "Completion", Some(&line));
        }
        if let Some(decision) = &chapter.completion {
            let line = self.decision(decision);
            self.fact("Kelulusan", "Completion", Some(&line));
        }
        for (certificate, _) in &chapter.certificates {
            let (day, state) = (self.day(certificate.issued_on), self.call(certificate.state()));
            let line = format!("{} · {day} · {state}", certificate.number);
            self.fact("Sertifikat", "Certificate", Some(&line));
        }
        self.close();
    }

    /// What was decided, and what it rests on.
    fn decision(&self, decision: &Completion) -> String {
        let mut line = format!("{} · {}", self.call(decision.outcome), self.day(decision.decided_on));
        for one in &decision.evidence.requirements {
            let subject = one.subject.as_ref().map(|subject| format!(" {subject}")).unwrap_or_default();
            let (actual, of) = (one.actual.as_deref().unwrap_or("-"), self.say("dari syarat", "of a required"));
            let _ = write!(line, " · {}{subject}: {actual} {of} {}", self.call(one.kind), one.required);
        }
        if let Some(reason) = &decision.override_reason {
            let _ = write!(line, " · {}: {reason}", self.say("diluluskan provinsi", "let pass by the province"));
        }
        line
    }

    fn origins(&mut self, dossier: &Dossier) {
        self.open("Asal data", "Where the data come from");
        let registered = self.moment(dossier.participant.created_at);
        self.fact("Terdaftar", "Registered", Some(&registered));
        for origin in &dossier.imports {
            let line = format!("{} · {}", origin.file_name, self.moment(origin.created_at));
            self.fact("Berkas", "File", Some(&line));
        }
        self.close();
    }

    /// Accounts are other people's data: who did it is told by the role.
    fn trail(&mut self, dossier: &Dossier) {
        self.open("Siapa yang melihat dan mengubah", "Who has seen and changed it");
        for event in &dossier.trail {
            let role = event.role.map_or("operator", |role| self.call(role));
            let at = self.moment(event.at);
            let reason = event.reason.as_deref().map(|reason| format!(" · {reason}")).unwrap_or_default();
            self.row(&at, &format!("{} · {role}{reason}", called(self.language, &event.action)));
        }
        self.close();
    }

    fn open(&mut self, id: &str, en: &str) {
        let head = Text(said(self.language, id, en)).to_string();
        let _ = write!(self.html, "<h2>{head}</h2><dl class=\"facts\">");
    }

    fn close(&mut self) {
        self.html.push_str("</dl>");
    }

    /// A line of a list, unless there is nothing to say.
    fn fact(&mut self, id: &str, en: &str, value: Option<&str>) {
        if let Some(value) = value {
            let name = said(self.language, id, en).to_owned();
            self.row(&name, value);
        }
    }

    fn row(&mut self, name: &impl Display, value: &str) {
        let name = name.to_string();
        let _ = write!(self.html, "<div><dt>{}</dt><dd>{}</dd></div>", Text(&name), Text(value));
    }

    fn say(&self, id: &'static str, en: &'static str) -> &'static str {
        said(self.language, id, en)
    }

    /// A stored word as people call it.
    fn call(&self, word: impl Words) -> &'static str {
        called(self.language, word.word())
    }

    fn guardian(&self, guardian: &Guardian) -> String {
        let phone = guardian.phone.as_ref().map(|phone| format!(" · {}", phone.as_str())).unwrap_or_default();
        format!("{} · {}{phone}", guardian.name.as_str(), self.call(guardian.relation))
    }

    fn day(&self, day: NaiveDate) -> String {
        date(self.language, day)
    }

    /// Values of marks, each with its moment.
    fn values<'s>(&self, said: impl Iterator<Item = (&'s Said, Instant)>) -> Option<String> {
        let value = |(one, at): (&Said, Instant)| {
            format!("{} ({})", self.mark(one.held_on, one.mark, &one.remark), self.moment(at))
        };
        let values: Vec<String> = said.map(value).collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// A day with its mark and what is said beside it.
    fn mark(&self, held_on: NaiveDate, mark: Mark, remark: &Remark) -> String {
        let late = match (remark.minutes_late, self.language) {
            (None, _) => String::new(),
            (Some(minutes), Indonesian) => format!(" ({minutes} menit)"),
            (Some(minutes), English) => format!(" ({minutes} minutes)"),
        };
        let note = remark.note.as_ref().map(|note| format!(" “{note}”")).unwrap_or_default();
        format!("{held_on} {mark}{late}{note}")
    }

    fn moment(&self, at: Instant) -> String {
        moment(self.language, at, &self.province)
    }
}

fn address(address: &Address) -> Option<String> {
    let parts = [
        &address.street,
        &address.rt,
        &address.rw,
        &address.hamlet,
        &address.village,
        &address.district,
        &address.postal_code,
    ];
    let known: Vec<&str> = parts.into_iter().flatten().map(String::as_str).collect();
    (!known.is_empty()).then(|| known.join(", "))
}
