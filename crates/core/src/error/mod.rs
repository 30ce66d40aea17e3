//! The one error type: six kinds, a stable dotted code, typed facts, and every field problem at once.
//!
//! A cause (a database message, an I/O error) stays inside for the log and never reaches a client.

pub mod codes;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use serde::{Deserialize, Serialize};

/// What every operation returns.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The six kinds of failure; each has one HTTP status in the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The input is wrong; every wrong field is named (422).
    Invalid,
    /// The actor may not do this (403), or is not known (401).
    Denied,
    /// There is no such thing for this actor (404).
    NotFound,
    /// A rule or a state says no (409).
    Refused,
    /// The thing has changed since it was read (412).
    Stale,
    /// The database could not do it (503), or is broken (500).
    Storage,
}

/// One entry of the registry in [`codes`]: a code is `feature.reason`, registered once and never reused.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The dotted code clients rely on.
    pub name: &'static str,
    /// Which kind of failure it is.
    pub kind: Kind,
    /// The Indonesian sentence; `{fact}` is replaced by the fact of that name, or by `fact_id` and `fact_en` where it is told
    /// in words of the language.
    pub id: &'static str,
    /// The English sentence.
    pub en: &'static str,
}

/// A language a sentence can be said in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Language {
    /// Bahasa Indonesia, the first language of every page.
    #[default]
    Indonesian,
    /// English.
    English,
}

impl Code {
    /// The sentence for a person, with the facts filled in.
    pub fn sentence(&self, language: Language, facts: &[Fact]) -> String {
        let (pattern, tongue) = match language {
            Language::Indonesian => (self.id, "_id"),
            Language::English => (self.en, "_en"),
        };
        let mut sentence = pattern.to_owned();
        for fact in facts {
            let name = fact.name.strip_suffix(tongue).unwrap_or(&fact.name);
            sentence = sentence.replace(&format!("{{{name}}}"), &fact.value);
        }
        sentence
    }
}

/// A named value that explains a refusal, e.g. `seats = 30`. Never personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its name, as the sentence and the JSON member use it.
    pub name: Cow<'static, str>,
    /// Its value as shown.
    pub value: String,
}

impl Fact {
    /// A value under its name.
    pub fn new(name: &'static str, value: impl fmt::Display) -> Self {
        Self { name: Cow::Borrowed(name), value: value.to_string() }
    }
}

/// One field that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// JSON pointer to the field, e.g. `/nisn` or `/marks/3/mark`.
    pub pointer: String,
    /// What is wrong.
    pub code: &'static Code,
    /// Facts for the sentence.
    pub facts: Vec<Fact>,
}

impl FieldProblem {
    /// What is wrong, or doubtful, at a field.
    pub fn new(pointer: impl Into<String>, code: &'static Code) -> Self {
        Self { pointer: pointer.into(), code, facts: Vec::new() }
    }

    /// Adds a fact for the sentence.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.facts.push(Fact::new(name, value));
        self
    }
}

/// Passes once a person has confirmed every doubt by its code.
///
/// # Errors
/// `input.confirmation_required` with the doubts that are open, each at its field and with its sentence.
pub fn confirmed(doubts: Vec<FieldProblem>, confirm: &[String]) -> Result<()> {
    let open: Vec<FieldProblem> =
        doubts.into_iter().filter(|doubt| !confirm.iter().any(|code| code == doubt.code.name)).collect();
    if open.is_empty() {
        return Ok(());
    }
    let names = open.iter().map(|doubt| doubt.code.name).collect::<Vec<_>>().join(", ");
    Err(Error { fields: open, ..Error::new(&codes::CONFIRMATION_REQUIRED).fact("warnings", names) })
}

/// Why an operation did not happen. Nothing was written.
#[derive(Debug)]
pub struct Error {
    /// What happened.
    pub code: &'static Code,
    /// Values that explain it.
    pub facts: Vec<Fact>,
    /// Every wrong field where the input was wrong; every doubtful one where it needs confirming.
    pub fields: Vec<FieldProblem>,
    /// The technical cause, for the log only.
    pub cause: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of the code's kind.
    pub fn new(code: &'static Code) -> Self {
        Self { code, facts: Vec::new(), fields: Vec::new(), cause: None }
    }

    /// Wrong input at one field.
    pub fn field(pointer: impl Into<String>, code: &'static Code) -> Self {
        Self::fields(vec![FieldProblem::new(pointer, code)])
    }

    /// Wrong input at several fields.
    pub fn fields(fields: Vec<FieldProblem>) -> Self {
        Self { fields, ..Self::new(&codes::INPUT_INVALID) }
    }

    /// A storage failure with its cause.
    pub fn storage(cause: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..Self::new(&codes::STORAGE_FAILED) }
    }

    /// At a field that names another thing: what is not there for this actor is a wrong reference, not a wrong address.
    #[must_use]
    pub fn at(self, pointer: &str) -> Self {
        let unknown = self.is(&codes::NOT_FOUND) || self.is(&codes::REFERENCE_UNKNOWN);
        if unknown { Self::field(pointer, &codes::REFERENCE_UNKNOWN) } else { self }
    }

    /// Adds a fact.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.facts.push(Fact::new(name, value));
        self
    }

    /// The kind of the code.
    pub fn kind(&self) -> Kind {
        self.code.kind
    }

    /// Whether this is exactly that code.
    pub fn is(&self, code: &'static Code) -> bool {
        self.code.name == code.name
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name, self.code.sentence(Language::English, &self.facts))?;
        for field in &self.fields {
            write!(f, "; {} {}", field.pointer, field.code.name)?;
        }
        Ok(())
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as _)
    }
}
