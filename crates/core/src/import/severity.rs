//! How grave a province takes each rule of its imports.

use std::collections::BTreeMap;

use super::plan::{Finding, Severity};
use super::store;
use crate::access::{Actor, Operation, Scope};
use crate::audit::{self, Subject};
use crate::db::Tx;
use crate::error::{Code, Error, FieldProblem, Result, codes};
use crate::id::Id;
use crate::values::ProvinceCode;
pub use crate::values::Setting;

/// A rule that a province may take more or less gravely. Every other rule keeps what cannot be stored out of the
/// register, so that nobody can turn it off.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// What it finds.
    pub code: &'static Code,
    /// How grave it is when a province says nothing.
    pub usual: Setting,
    /// Whether it may be turned off: whoever looks at the plan must hear of a number that is left out.
    pub may_be_off: bool,
}

const fn warned(code: &'static Code) -> Rule {
    Rule { code, usual: Setting::Warning, may_be_off: true }
}

/// A NIK that cannot be read. As a warning the row goes on without it, as long as there is an NISN.
const fn without_nik(code: &'static Code) -> Rule {
    Rule { code, usual: Setting::Error, may_be_off: false }
}

/// Every rule that can be set.
pub const RULES: &[Rule] = &[
    without_nik(&codes::NIK_MISSING),
    without_nik(&codes::NIK_LENGTH),
    without_nik(&codes::NIK_NUMBER_CELL),
    without_nik(&codes::NIK_DATE),
    without_nik(&codes::NIK_SERIAL),
    warned(&codes::NIK_PROVINCE_UNKNOWN),
    warned(&codes::NIK_BIRTH_DATE_DIFFERS),
    warned(&codes::NIK_SEX_DIFFERS),
    warned(&codes::NISN_PADDED),
    warned(&codes::PHONE_FORMAT),
    warned(&codes::PHONE_PADDED),
    warned(&codes::PARTICIPANT_NAMESAKE),
    warned(&codes::ROW_NAMESAKE),
    Rule { code: &codes::NPSN_MISSING, usual: Setting::Error, may_be_off: false },
    warned(&codes::PARTNER_SAME_NAME),
    Rule { code: &codes::EXAM_RESULT_DIFFERS, usual: Setting::Warning, may_be_off: false },
    Rule { code: &codes::EXAM_TEST_DAY, usual: Setting::Warning, may_be_off: true },
    Rule { code: &codes::EXAM_VALID_LONG, usual: Setting::Warning, may_be_off: true },
    Rule { code: &codes::EXAM_NUMBER_TAKEN, usual: Setting::Warning, may_be_off: false },
];

/// The settings of one province, by code; a rule that is not among them is as usual.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings(pub(super) BTreeMap<String, Setting>);

impl Settings {
    /// How grave the province takes the rule.
    pub fn of(&self, rule: &Rule) -> Setting {
        self.0.get(rule.code.name).copied().unwrap_or(rule.usual)
    }

    /// The findings as the province takes them.
    pub(super) fn weigh(&self, findings: &mut Vec<Finding>) {
        if self.0.is_empty() {
            return;
        }
        findings.retain_mut(|finding| {
            match self.0.get(finding.code.name) {
                Some(Setting::Off) => return false,
                Some(Setting::Error) => finding.severity = Severity::Error,
                Some(Setting::Warning) => finding.severity = Severity::Warning,
                None => {}
            }
            true
        });
    }
}

/// The province whose settings the actor sees: the one they belong to.
pub(super) fn province_of(actor: &Actor, named: Option<ProvinceCode>) -> Result<ProvinceCode> {
    match actor.scope() {
        Scope::Everything => named.ok_or_else(|| Error::field("/province", &codes::FIELD_REQUIRED)),
        Scope::Province(own)
        | Scope::Regency(own, _)
        | Scope::Partner(own, _)
        | Scope::School(own, _)
        | Scope::Instructor(own, _) => match named {
            Some(named) if named != *own => Err(Error::new(&codes::NOT_FOUND)),
            _ => Ok(own.clone()),
        },
    }
}

/// The settings of the actor's province, or of the named one.
pub fn settings(tx: &mut Tx<'_>, actor: &Actor, province: Option<ProvinceCode>) -> Result<Settings> {
    actor.may(Operation::ImportRuleRead)?;
    let province = province_of(actor, province)?;
    store::settings(tx, &province)
}

/// Sets how grave a province takes a rule, for every plan that is made from now on.
///
/// # Errors
/// `resource.not_found` for a rule that cannot be set, `field.unknown_value` where it cannot be turned off.
pub fn set(
    tx: &mut Tx<'_>,
    actor: &Actor,
    province: Option<ProvinceCode>,
    code: &str,
    setting: Setting,
) -> Result<Settings> {
    actor.may(Operation::ImportRuleWrite)?;
    let province = province_of(actor, province)?;
    let rule = RULES.iter().find(|rule| rule.code.name == code).ok_or_else(|| Error::new(&codes::NOT_FOUND))?;
    if setting == Setting::Off && !rule.may_be_off {
        let problem = FieldProblem::new("/severity", &codes::FIELD_UNKNOWN_VALUE);
        return Err(Error::fields(vec![problem.fact("allowed", "error, warning")]));
    }
    let before = store::settings(tx, &province)?.of(rule);
    store::set(tx, &province, code, setting)?;
    audit::record(
        tx,
        actor,
        "import_rule.set",
        // A rule has its code for a name.
        Subject::import_rule(Id::default()),
        Some(&province),
        &serde_json::json!({ "code": code, "before": before, "after": setting }),
    )?;
    store::settings(tx, &province)
}
