//! The permission table: every operation and the roles that may do it. Scope narrows it further, row by row.

use crate::error::{Code, codes};
use crate::values::{Value, Words, words};

words! {
    /// What a member of staff is.
    pub enum Role {
        /// Accounts of provinces, keys, settings; no personal data.
        PlatformAdmin = "platform_admin",
        /// Everything in a province.
        EducationOffice = "education_office",
        /// Reads a regency, and answers offers of seats where the province lets it.
        RegencyOfficer = "regency_officer",
        /// Registers a school's own students.
        SchoolCoordinator = "school_coordinator",
        /// Runs an institution's classes.
        PartnerManager = "partner_manager",
        /// Marks assigned classes.
        Instructor = "instructor",
        /// BP3MI, Disnaker, ministry: figures and masked lists.
        Observer = "observer",
    }
}

impl Role {
    /// Which parts of a scope the role needs, for a sentence.
    pub fn scope_parts(self) -> &'static str {
        match self {
            Self::PlatformAdmin => "-",
            Self::EducationOffice | Self::Observer => "province",
            Self::RegencyOfficer => "regency",
            Self::SchoolCoordinator | Self::PartnerManager | Self::Instructor => "province, partner",
        }
    }
}

use Role::{
    EducationOffice as E, Instructor as I, Observer as O, PartnerManager as P, PlatformAdmin as A, RegencyOfficer as R,
    SchoolCoordinator as S,
};

macro_rules! operations {
    ($($(#[$doc:meta])* $operation:ident = $name:literal [$($role:ident),*];)*) => {
        /// Everything a member of staff can ask for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Operation { $($(#[$doc])* $operation),* }

        impl Operation {
            /// Every operation.
            pub const ALL: &'static [Self] = &[$(Self::$operation),*];

            /// Its name, as the documentation lists it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$operation => $name),* }
            }

            /// The operation of this name.
            pub fn named(name: &str) -> Result<Self, &'static Code> {
                match name {
                    $($name => Ok(Self::$operation),)*
                    _ => Err(&codes::FIELD_UNKNOWN_VALUE),
                }
            }

            /// The roles that may do it.
            pub const fn roles(self) -> &'static [Role] {
                match self { $(Self::$operation => &[$($role),*]),* }
            }

            /// Whether a role may do it.
            pub fn allowed(self, role: Role) -> bool {
                self.roles().contains(&role)
            }
        }
    };
}

operations! {
    /// See staff accounts.
    StaffRead = "staff.read" [A, E, P];
    /// Make, change and disable staff accounts.
    StaffWrite = "staff.write" [A, E, P];
    /// See what was sent to staff by mail and what became of it.
    MessageRead = "message.read" [A, E];
    /// Send a message again that could not be delivered.
    MessageRetry = "message.retry" [A, E];
    /// See, make and end service tokens.
    ServiceToken = "service_token" [A, E];
    /// Read the audit.
    AuditRead = "audit.read" [A, E];
    /// Turn the installation's keys.
    Keys = "keys" [A];
    /// Take the audit away as a file for an inspector.
    AuditExport = "audit.export" [E];
    /// See who has seen or changed a person's data.
    AuditOfPerson = "audit.person" [E, S];
    /// Have the chain of the audit checked.
    AuditVerify = "audit.verify" [A, E];
    /// See partners.
    PartnerRead = "partner.read" [A, E, R, S, P, I, O];
    /// Enter and rename partners.
    PartnerWrite = "partner.write" [E];
    /// See the calendars of a province and its partners.
    CalendarRead = "calendar.read" [E, R, S, P, I, O];
    /// Enter days on which nobody meets.
    CalendarWrite = "calendar.write" [E, S, P];
    /// See agreements.
    AgreementRead = "agreement.read" [E, R, S, P, O];
    /// See the paper of an agreement: names and signatures stand on it.
    AgreementPaper = "agreement.paper" [E, S, P];
    /// Enter and terminate agreements.
    AgreementWrite = "agreement.write" [E];
    /// See the program catalogue.
    ProgramRead = "program.read" [A, E, R, S, P, I, O];
    /// Publish programs and their versions.
    ProgramWrite = "program.write" [A, E];
    /// See cohorts.
    CohortRead = "cohort.read" [E, R, S, P, I, O];
    /// Plan, open and close cohorts.
    CohortWrite = "cohort.write" [E];
    /// See classes and their sessions.
    ClassRead = "class.read" [E, R, S, P, I, O];
    /// Plan, start and end classes and their sessions.
    ClassWrite = "class.write" [E, P];
    /// Plan a class against its agreement, with a reason.
    AgreementOverride = "agreement.override" [E];
    /// See how much an instructor teaches.
    TeachingLoad = "teaching_load" [E, P];
    /// Make and withdraw the link under which a calendar reads a timetable.
    CalendarLink = "calendar.link" [E, P, I];
    /// See participants, identity numbers masked.
    ParticipantRead = "participant.read" [E, R, S, P, I, O];
    /// Register and correct participants.
    ParticipantWrite = "participant.write" [E, S];
    /// Read identity numbers and contacts in clear, which is recorded.
    ParticipantReveal = "participant.reveal" [E, S];
    /// Find a person by their NIK, which is recorded.
    ParticipantSearch = "participant.search" [E, S];
    /// See results of exams outside the programs.
    ExamRead = "exam.read" [E, S, P, I];
    /// Record and correct them.
    ExamWrite = "exam.write" [E, P];
    /// See consents.
    ConsentRead = "consent.read" [E, S];
    /// Record and withdraw consents.
    ConsentWrite = "consent.write" [E, S];
    /// See and enter what people ask about their own data.
    PersonRequestWrite = "person_request.write" [E, S];
    /// Decide on it, and hand out everything that is held about a person.
    PersonRequestDecide = "person_request.decide" [E];
    /// See how long data are kept and what is due to go.
    RetentionRead = "retention.read" [A, E];
    /// Keep the register of incidents.
    Incident = "incident" [E];
    /// See enrollments.
    EnrollmentRead = "enrollment.read" [E, R, S, P, I, O];
    /// Register participants for a cohort and withdraw them.
    EnrollmentWrite = "enrollment.write" [E, S];
    /// Seat, move and put on leave.
    EnrollmentMove = "enrollment.move" [E, P];
    /// Fill the classes of a cohort from its waiting list.
    Seating = "enrollment.seating" [E];
    /// See seating plans; a regency where its seating is delegated.
    SeatingRead = "enrollment.seating_read" [E, R];
    /// Take or refuse a seat that is offered to a person; a regency where its seating is delegated.
    SeatOfferAnswer = "seat_offer.answer" [E, R, S];
    /// See seats that are kept for schools.
    SeatReservationRead = "seat_reservation.read" [E, R, S, O];
    /// Name people for seats that are kept for their school, or give them back.
    SeatReservationName = "seat_reservation.name" [E, S];
    /// See which sessions wait for their register.
    UnreportedRead = "session.unreported" [E, R, P, I, O];
    /// See attendance.
    AttendanceRead = "attendance.read" [E, R, S, P, I];
    /// Fetch what marking one's own classes needs without a network.
    RegisterBundle = "attendance.bundle" [P, I];
    /// Mark attendance.
    AttendanceWrite = "attendance.write" [E, P, I];
    /// See scores.
    AssessmentRead = "assessment.read" [E, S, P, I];
    /// Record scores.
    AssessmentWrite = "assessment.write" [E, P, I];
    /// See who would complete and who did.
    CompletionRead = "completion.read" [E, R, S, P, I];
    /// Decide completion.
    CompletionWrite = "completion.write" [E, P];
    /// See certificates.
    CertificateRead = "certificate.read" [E, R, S, P, I, O];
    /// Issue, replace and revoke certificates.
    CertificateWrite = "certificate.write" [E, P];
    /// See and write how the certificates of a partner look and are numbered.
    CertificateTemplate = "certificate_template" [E, P];
    /// See the keys with which a partner signs, and give it a new one.
    SigningKey = "signing_key" [A, E, P];
    /// See and make imports of a school's students.
    Import = "import" [E, S];
    /// See how grave a province takes the rules of its imports.
    ImportRuleRead = "import_rule.read" [E, S];
    /// Set it.
    ImportRuleWrite = "import_rule.write" [E];
    /// See who waits where for a seat and what is free for them.
    DemandRead = "demand.read" [E, R, O];
    /// See which classes could be opened for them, with the teachers who are free.
    ClassPropose = "class.propose" [E, R];
    /// See the province's figures.
    ReportRead = "report.read" [E, R, O];
}

impl Operation {
    /// Whether no program may do it by itself: it gives access away, or opens what is sealed.
    pub const fn asks_for_a_person(self) -> bool {
        matches!(self, Self::StaffWrite | Self::ServiceToken | Self::ParticipantReveal)
    }
}

impl Value for Operation {
    fn read(text: &str) -> Result<Self, &'static Code> {
        Self::named(text)
    }
}

impl Words for Operation {
    const ALL: &'static [Self] = Self::ALL;

    fn word(self) -> &'static str {
        self.name()
    }
}
