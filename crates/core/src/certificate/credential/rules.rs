use std::fmt::Write;

use serde_json::{Value, json};

use crate::certificate::Snapshot;
use crate::certificate::document::PrintedModule;
use crate::entropy::Entropy;
use crate::time::Instant;
use crate::values::Bilingual;

/// What a credential is made of: what is printed, and where it is checked.
pub(super) struct Facts<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) issued_at: Instant,
    /// The issuer's address.
    pub(super) issuer: &'a str,
    /// What stands for the holder: a random name that says nothing of the person.
    pub(super) subject: String,
    pub(super) status: Value,
}

/// A random UUID (RFC 9562, version 4) as a name.
pub(super) fn random_uuid(entropy: &Entropy) -> String {
    let number = u128::from_be_bytes(entropy.bytes());
    let number = number & !(0xf000_u128 << 64) | 0x4000 << 64;
    let number = number & !(0xc000_u128 << 48) | 0x8000 << 48;
    let hex = format!("{number:032x}");
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    format!("urn:uuid:{}", parts.join("-"))
}

/// The credential as the claims of a token: Open Badges 3.0, 8.2.4, over the Verifiable Credentials Data Model 2.0.
/// The birth of the holder is printed on paper and left out here: whoever has the code reads this.
pub(super) fn claims(facts: &Facts<'_>) -> Value {
    let Facts { snapshot, issued_at, issuer, subject, status } = facts;
    let day = |day: chrono::NaiveDate| format!("{day}T00:00:00Z");
    let achievement = format!("{issuer}#{}", snapshot.program_code);
    let (described, results) = results(snapshot, &achievement);
    json!({
        "@context": [
            "https://www.w3.org/ns/credentials/v2",
            "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json",
        ],
        "id": snapshot.verification_url,
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": both(&snapshot.program_name),
        "issuer": { "id": issuer, "type": ["Profile"], "name": snapshot.issuer.name },
        "validFrom": issued_at.to_the_second(),
        "credentialSubject": {
            "id": subject,
            "type": ["AchievementSubject"],
            "identifier": [{
                "type": "IdentityObject",
                "identityType": "name",
                "hashed": false,
                "identityHash": snapshot.holder_name,
            }],
            "licenseNumber": snapshot.number,
            "activityStartDate": day(snapshot.starts_on),
            "activityEndDate": day(snapshot.ends_on),
            "achievement": {
                "id": achievement,
                "type": ["Achievement"],
                "achievementType": "CertificateOfCompletion",
                "humanCode": snapshot.program_code,
                "name": both(&snapshot.program_name),
                "description": description(snapshot),
                "criteria": { "narrative": criteria(&snapshot.modules) },
                "resultDescription": described,
            },
            "result": results,
        },
        "credentialStatus": status,
        "credentialSchema": [{
            "id": "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json",
            "type": "1EdTechJsonSchemaValidator2019",
        }],
        "iss": issuer,
        "jti": snapshot.verification_url,
        "sub": subject,
        "nbf": issued_at.utc().timestamp(),
    })
}

fn both(text: &Bilingual) -> String {
    if text.en.is_empty() { text.id.clone() } else { format!("{} / {}", text.id, text.en) }
}

fn description(snapshot: &Snapshot) -> String {
    let Snapshot { program_name: Bilingual { id, en }, lesson_hours, minutes_per_lesson_hour, .. } = snapshot;
    format!(
        "{id}. Pelatihan {lesson_hours} jam pelajaran (JP) @ {minutes_per_lesson_hour} menit. / \
         {en}. Training of {lesson_hours} lesson hours of {minutes_per_lesson_hour} minutes."
    )
}

fn criteria(modules: &[PrintedModule]) -> String {
    let mut text = "Memenuhi syarat kelulusan program. / Met the requirements of the program.".to_owned();
    for PrintedModule { code, title, lesson_hours } in modules {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- {code}: {} ({lesson_hours} JP)", both(title));
    }
    text
}

/// Lesson hours, and the final score and predicate where there are any, each described and told.
fn results(snapshot: &Snapshot, achievement: &str) -> (Vec<Value>, Vec<Value>) {
    let mut told = vec![(
        "lesson-hours",
        json!({ "name": "Jam pelajaran (JP) / Lesson hours", "resultType": "ext:LessonHours" }),
        snapshot.lesson_hours.to_string(),
    )];
    if let Some(score) = snapshot.final_score {
        let described = json!({
            "name": "Nilai akhir / Final score", "resultType": "RawScore", "valueMin": "0", "valueMax": "100",
        });
        told.push(("final-score", described, score.to_string()));
    }
    if let Some(predicate) = &snapshot.predicate {
        let described = json!({ "name": "Predikat / Predicate", "resultType": "PerformanceLevel" });
        told.push(("predicate", described, both(predicate)));
    }
    let each = |(name, mut described, value): (&str, Value, String)| {
        let id = format!("{achievement}.{name}");
        described["id"] = json!(id);
        described["type"] = json!(["ResultDescription"]);
        (described, json!({ "type": ["Result"], "resultDescription": id, "value": value }))
    };
    told.into_iter().map(each).unzip()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_name_is_a_uuid_of_the_fourth_version() {
        let entropy = Entropy::seeded(1);
        for _ in 0..100 {
            let name = random_uuid(&entropy);
            assert_eq!((name.len(), &name[..9], &name[23..24]), (45, "urn:uuid:", "4"), "{name}");
            assert!(["8", "9", "a", "b"].contains(&&name[28..29]), "{name}");
        }
        assert_ne!(random_uuid(&entropy), random_uuid(&entropy));
    }
}
