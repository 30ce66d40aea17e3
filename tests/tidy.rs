//! The house rules that a machine can keep, read from the source text itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use vokasi_core::error::codes;

/// Core's features in rank order: each uses only itself and those on lines before its own.
const RANKS: &[&[&str]] = &[
    &["values", "error", "time", "id", "page", "entropy", "keys", "spreadsheet", "print"],
    &["db"],
    // An act is somebody's, every act is recorded, and some are told to whom they concern: the three know each other.
    &["access", "audit", "notify"],
    &["partner"],
    &["calendar"],
    &["hold"],
    &["participant"],
    &["exam"],
    &["program"],
    &["consent"],
    &["agreement"],
    &["outreach"],
    &["cohort"],
    &["class"],
    &["enrollment"],
    &["opening"],
    &["documents"],
    &["session"],
    &["feed"],
    &["attendance"],
    &["assessment"],
    &["completion"],
    &["issuer"],
    &["certificate"],
    &["paper"],
    &["placement"],
    &["report"],
    &["import"],
    &["job"],
    // What is sealed lies in every feature's tables.
    &["privacy"],
    &["rotation"],
];

#[test]
fn the_framework_stays_in_the_api() {
    for source in sources("crates/core") {
        for word in ["actix", "actix_web", "utoipa", "validator", "clap", "ureq"] {
            source.has_no_word(word, "core knows no HTTP");
        }
    }
}

#[test]
fn diesel_stays_in_stores_and_the_dialect() {
    for source in sources("crates/core").into_iter().filter(|source| !source.is_store() && !source.is_in("db")) {
        source.has_no_word("diesel", "only db and stores talk to tables");
    }
    for source in sources("crates/api") {
        source.has_no_word("diesel", "only core talks to tables");
    }
}

#[test]
fn rules_are_pure() {
    for source in sources("crates/core").into_iter().filter(|source| source.path.ends_with("rules.rs")) {
        for word in ["db", "Tx", "store", "Db"] {
            source.has_no_word(word, "a rule is a function of its arguments");
        }
    }
}

#[test]
fn databases_are_told_apart_in_one_place() {
    let names = ["Sqlite", "Postgres", "PgConnection", "SqliteConnection", "MultiConnection", "AnsiTransactionManager"];
    let places = ["db/any.rs", "db/dialect.rs", "db/migrate.rs", "db/mod.rs", "db/writer.rs"];
    for source in all_sources().into_iter().filter(|source| !places.iter().any(|place| source.path.ends_with(place))) {
        for word in names {
            source.has_no_word(word, "the rest of the program does not know which database it stands on");
        }
    }
}

#[test]
fn a_store_is_private_to_its_feature() {
    for source in all_sources() {
        for text in ["pub mod store", "pub(crate) mod store", "pub(super) mod store"] {
            source.has_no_text(text, "a store is private");
        }
    }
}

#[test]
fn clock_randomness_and_environment_are_parameters() {
    for source in all_sources() {
        let may_read_the_clock = source.path.ends_with("crates/api/src/state.rs");
        for text in ["Utc::now", "Local::now", "SystemTime::now", "Instant::now(", "UNIX_EPOCH"] {
            if !may_read_the_clock {
                source.has_no_text(text, "the clock is a parameter");
            }
        }
        for text in ["rand::random", "rand::rng(", "thread_rng", "ThreadRng"] {
            source.has_no_text(text, "randomness is a parameter");
        }
        if !source.path.ends_with("crates/api/src/config.rs") {
            for text in ["env::var", "env::args", "env::current_dir", "env::temp_dir"] {
                source.has_no_text(text, "settings are read in one place");
            }
        }
    }
}

#[test]
fn nothing_panics_on_purpose() {
    for source in all_sources() {
        for text in [".unwrap()", ".expect(", "panic!(", "todo!(", "unimplemented!(", "unreachable!("] {
            source.has_no_text(text, "an error is a value");
        }
    }
}

#[test]
fn every_package_keeps_the_lints() {
    for manifest in files_under("", &["toml"]).into_iter().filter(|path| path.ends_with("Cargo.toml")) {
        let text = read(&manifest);
        assert!(
            text.contains("[workspace]") || text.contains("[lints]\nworkspace = true"),
            "{} does not take the workspace's lints",
            manifest.display()
        );
    }
    for source in all_sources() {
        for (number, line) in source.code.lines().enumerate().filter(|(_, line)| line.contains("allow(")) {
            // A generated file may have nothing to allow on the day it is made.
            let generated = line.contains("reason = \"generated");
            assert!(generated, "{}:{} allows; #[expect] notices when it is over", source.path.display(), number + 1);
        }
    }
}

#[test]
fn a_feature_uses_only_earlier_ones() {
    let rank_of = |name: &str| RANKS.iter().position(|rank| rank.contains(&name));
    let mut wrong = Vec::new();
    for source in sources("crates/core") {
        let Some(own) = source.feature().filter(|name| *name != "lib") else { continue };
        let own_rank = rank_of(own).unwrap_or_else(|| panic!("{own} has no rank: put it into RANKS"));
        for used in source.features_used() {
            match rank_of(&used) {
                Some(rank) if rank < own_rank || RANKS[own_rank].contains(&used.as_str()) => {}
                // The base knows how its values are stored, and the database what its failures mean.
                Some(rank) if own_rank == 0 && rank == 1 => {}
                Some(_) => wrong.push(format!("{} uses {used}, which comes later", source.path.display())),
                None => wrong.push(format!("{} uses {used}, which has no rank", source.path.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn pages_and_rest_do_not_know_each_other() {
    for source in sources("crates/api") {
        let path = source.path.to_string_lossy().into_owned();
        if path.contains("/pages/") {
            source.has_no_text("rest::", "pages call core");
        }
        if path.contains("/rest/") {
            source.has_no_text("pages::", "handlers call core");
        }
    }
}

#[test]
fn every_code_is_provoked() {
    let speaks_of_codes = |path: &PathBuf| path.ends_with("tidy.rs") || path.ends_with("harness/given.rs");
    let mut tests: Vec<String> =
        files_under("tests", &["rs"]).iter().filter(|path| !speaks_of_codes(path)).map(|path| read(path)).collect();
    for path in files_under("crates", &["rs"]) {
        let text = read(&path);
        if path.ends_with("tests.rs") {
            tests.push(text);
        } else if let Some(at) = text.find("#[cfg(test)]") {
            tests.push(text[at..].to_owned());
        }
    }
    // What a workbook is expected to be told stands beside it.
    let expected = read(&root().join("fixtures/workbooks/dapodik-mixed.expected.csv"));
    let constants = constants_of_codes();
    let named = |name: &str| {
        if expected.lines().any(|line| line.ends_with(&format!(",{name}"))) {
            return true;
        }
        let constant = constants.get(name).unwrap_or_else(|| panic!("{name} is not in codes.rs"));
        let (quoted, constant) = (format!("\"{name}\""), format!("codes::{constant}"));
        tests.iter().any(|text| text.contains(&quoted) || has_word_path(text, &constant))
    };
    let missing: Vec<&str> = codes::ALL.iter().map(|code| code.name).filter(|name| !named(name)).collect();
    assert!(missing.is_empty(), "no test provokes these codes:\n    \"{}\",", missing.join("\",\n    \""));
}

#[test]
fn every_code_is_used() {
    let sources = all_sources();
    let used = |name: &str, constant: &str| {
        let (quoted, path) = (format!("\"{name}\""), format!("codes::{constant}"));
        let elsewhere = sources.iter().filter(|source| !source.path.ends_with("codes.rs"));
        elsewhere.into_iter().any(|source| source.code.contains(&quoted) || has_word_path(&source.code, &path))
    };
    let unused: Vec<String> = constants_of_codes()
        .into_iter()
        .filter(|(name, constant)| !used(name, constant))
        .map(|(name, _)| name)
        .collect();
    assert!(unused.is_empty(), "no source uses these codes: {unused:?}");
}

#[test]
fn every_code_is_said_in_both_languages() {
    let mut names = BTreeSet::new();
    for code in codes::ALL {
        assert!(names.insert(code.name), "{} is registered twice", code.name);
        let formed = code.name.split_once('.').is_some_and(|(feature, reason)| {
            [feature, reason].iter().all(|part| {
                !part.is_empty()
                    && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_' || byte.is_ascii_digit())
            })
        });
        assert!(formed, "{} is not feature.reason", code.name);
        assert_eq!(holes(code.id), holes(code.en), "{} needs the same facts in both languages", code.name);
        for sentence in [code.id, code.en] {
            assert!(sentence.ends_with('.'), "{}: {sentence}", code.name);
            assert!(sentence.starts_with(char::is_uppercase) || sentence.starts_with('{'), "{}: {sentence}", code.name);
        }
    }
}

#[test]
fn every_constraint_has_its_sentence() {
    let dialect = read(&root().join("crates/core/src/db/dialect.rs"));
    let migrations: String = files_under("migrations", &["sql"]).iter().map(|path| read(path)).collect();
    let words: BTreeSet<&str> = words_of(&migrations).collect();
    let table = dialect.split_once("const CONSTRAINTS").expect("the look-up table").1;
    let known: BTreeSet<&str> = table
        .split('"')
        .filter(|text| {
            ["_key", "_pkey", "_check", "_excl"].iter().any(|end| text.ends_with(end)) && !text.contains([' ', '.'])
        })
        .collect();
    for name in &known {
        assert!(words.contains(name), "{name} is explained and does not exist");
    }
    let unexplained: Vec<&&str> = words
        .iter()
        .filter(|word| {
            (word.ends_with("_key") || word.ends_with("_excl"))
                && **word != "idempotency_key"
                && !known.contains(**word)
        })
        .collect();
    // Two of these can only be broken by a random number drawn twice; two are of earlier steps, and gone.
    let (drawn, gone) =
        (["certificates_code_key", "certificates_sequence_key"], ["sessions_instructor_key", "sessions_time_key"]);
    assert_eq!(
        unexplained.into_iter().copied().collect::<Vec<_>>(),
        [drawn, gone].concat(),
        "these constraints have no sentence"
    );
}

#[test]
fn the_text_speaks_of_the_program_and_of_nothing_else() {
    let words = ["issue #", "/work/", "subagent", "claude", "copilot", "fixme", "todo:", "xxx:", "lorem ipsum"];
    let kinds = ["rs", "md", "toml", "sql", "json", "csv", "sh", "yml", "html", "css"];
    let mut paths = files_under("", &kinds);
    paths.extend(files_under("scripts", &[""]));
    paths.push(root().join(".ci/run"));
    for path in paths.iter().filter(|path| !path.ends_with("tests/tidy.rs")) {
        let text = read(path).to_lowercase();
        for word in words {
            assert!(!text.contains(word), "{} says {word:?}", path.display());
        }
    }
}

#[test]
fn what_the_documentation_cites_exists() {
    let text = read(&root().join("docs/security.md"));
    let mut wrong = Vec::new();
    let mut tests = 0;
    // Every other piece stands between backticks: `tests/access.rs::name`, or a path alone.
    for cited in text.split('`').skip(1).step_by(2) {
        let (path, name) = cited.split_once("::").unwrap_or((cited, ""));
        if Path::new(path).extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        tests += usize::from(path.starts_with("tests/"));
        let source = fs::read_to_string(root().join(path)).unwrap_or_default();
        if source.is_empty() || !(name.is_empty() || has_word_path(&source, &format!("fn {name}"))) {
            wrong.push(cited);
        }
    }
    assert!(tests > 100, "{tests} tests are cited");
    assert!(wrong.is_empty(), "docs/security.md cites what does not exist:\n    {}", wrong.join("\n    "));
}

/// One file of the program without its tests and comments.
struct Source {
    path: PathBuf,
    code: String,
}

impl Source {
    fn of(path: PathBuf) -> Self {
        let text = read(&path);
        let before_tests = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code: Vec<&str> =
            before_tests.lines().map(|line| if line.trim_start().starts_with("//") { "" } else { line }).collect();
        Self { path, code: code.join("\n") }
    }

    fn is_store(&self) -> bool {
        self.path.ends_with("store.rs")
    }

    fn is_in(&self, feature: &str) -> bool {
        self.feature() == Some(feature)
    }

    /// The room of core the file stands in.
    fn feature(&self) -> Option<&str> {
        let inside = self.path.strip_prefix(root().join("crates/core/src")).ok()?;
        let first = inside.components().next()?.as_os_str().to_str()?;
        Some(first.trim_end_matches(".rs"))
    }

    /// Every `name` of `crate::name` and of `crate::{name, …}`.
    fn features_used(&self) -> BTreeSet<String> {
        let mut used = BTreeSet::new();
        for (at, _) in self.code.match_indices("crate::") {
            let rest = &self.code[at + "crate::".len()..];
            if let Some(list) = rest.strip_prefix('{') {
                let list = list.split('}').next().unwrap_or_default();
                used.extend(list.split(',').filter_map(|item| words_of(item).next()).map(str::to_owned));
            } else {
                used.extend(words_of(rest).next().map(str::to_owned));
            }
        }
        used
    }

    fn has_no_word(&self, word: &str, because: &str) {
        for (number, line) in self.code.lines().enumerate() {
            assert!(
                !words_of(line).any(|found| found == word),
                "{}:{} names {word}: {because}",
                self.path.display(),
                number + 1
            );
        }
    }

    fn has_no_text(&self, text: &str, because: &str) {
        for (number, line) in self.code.lines().enumerate() {
            assert!(!line.contains(text), "{}:{} has {text}: {because}", self.path.display(), number + 1);
        }
    }
}

fn sources(package: &str) -> Vec<Source> {
    let is_test = |path: &PathBuf| path.ends_with("tests.rs");
    files_under(&format!("{package}/src"), &["rs"]).into_iter().filter(|path| !is_test(path)).map(Source::of).collect()
}

fn all_sources() -> Vec<Source> {
    ["crates/core", "crates/api"].into_iter().flat_map(sources).collect()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the tests lie in the workspace").to_path_buf()
}

/// Files below a folder of the workspace with one of these endings, in order; not what Git ignores.
fn files_under(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let name = entry.file_name().to_string_lossy().into_owned();
            if path.is_dir() {
                if !["target", ".git", "vokasi-data"].contains(&name.as_str()) {
                    folders.push(path);
                }
            } else if endings.contains(&path.extension().and_then(|ending| ending.to_str()).unwrap_or_default()) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').filter(|word| !word.is_empty())
}

/// Whether a path like `codes::STALE` stands there as a whole.
fn has_word_path(text: &str, path: &str) -> bool {
    text.match_indices(path)
        .any(|(at, _)| !text[at + path.len()..].starts_with(|next: char| next.is_alphanumeric() || next == '_'))
}

/// Constants of the registry by the name of their code.
fn constants_of_codes() -> BTreeMap<String, String> {
    let registry = read(&root().join("crates/core/src/error/codes.rs"));
    registry
        .lines()
        .filter_map(|line| {
            let (constant, rest) = line.trim().split_once(" = ")?;
            Some((rest.split('"').nth(1)?.to_owned(), constant.to_owned()))
        })
        .filter(|(name, constant)| name.contains('.') && constant.bytes().all(|byte| !byte.is_ascii_lowercase()))
        .collect()
}

fn holes(sentence: &str) -> BTreeSet<&str> {
    sentence.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect()
}
