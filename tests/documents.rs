//! What is published: the OpenAPI document, the list of errors, and the pages that show them.
//!
//! `UPDATE=1 cargo test -p acceptance documents` writes the files anew.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;

use vokasi_core::certificate::CertificateState;
use vokasi_core::class::ClassState;
use vokasi_core::cohort::CohortState;
use vokasi_core::enrollment::EnrollmentState;
use vokasi_core::job::JobState;
use vokasi_core::values::Words;

use crate::harness::{App, Value};
use crate::tidy::root;

const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

#[test]
fn the_committed_openapi_document_is_the_programs() {
    let mut document = serde_json::to_string_pretty(&vokasi_api::server::document()).unwrap();
    document.push('\n');
    committed("docs/openapi.json", &document);
}

#[test]
fn the_committed_list_of_errors_is_the_programs() {
    committed("docs/errors.md", &vokasi_api::error_list());
}

#[test]
fn the_committed_state_diagrams_are_the_programs() {
    let mut made = String::from("# States\n\nDrawn from the code; a test compares.\n");
    made += &diagram("Cohort", CohortState::Draft, CohortState::next);
    made += &diagram("Class", ClassState::Planned, ClassState::next);
    made += &diagram("Enrollment", EnrollmentState::Applied, EnrollmentState::next);
    made += &diagram("Certificate", CertificateState::Valid, CertificateState::next);
    made += &diagram("Job", JobState::Queued, JobState::next);
    committed("docs/states.md", &made);
}

fn diagram<S: Words>(name: &str, first: S, next: fn(S) -> &'static [S]) -> String {
    let mut text = format!("\n## {name}\n\n```mermaid\nstateDiagram-v2\n    [*] --> {}\n", first.word());
    for state in S::ALL {
        for to in next(*state) {
            writeln!(text, "    {} --> {}", state.word(), to.word()).unwrap();
        }
        if next(*state).is_empty() {
            writeln!(text, "    {} --> [*]", state.word()).unwrap();
        }
    }
    text + "```\n"
}

/// Compares a committed file with what the program makes, or writes it when asked to.
fn committed(path: &str, made: &str) {
    let file = root().join(path);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, made).unwrap();
    }
    let found = fs::read_to_string(&file).unwrap_or_default();
    let first = found.lines().zip(made.lines()).position(|(found, made)| found != made);
    let line = first.map_or_else(|| "the length".to_owned(), |at| format!("line {}", at + 1));
    assert!(found == made, "{path} differs at {line}; write it anew: UPDATE=1 cargo test -p acceptance documents");
}

#[test]
fn the_openapi_document_holds_together() {
    let document = serde_json::to_value(vokasi_api::server::document()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    every_reference_leads_somewhere(&document, &document);
    let mut ids = BTreeSet::new();
    for (path, method, operation) in operations(&document) {
        let id = operation["operationId"].as_str().unwrap_or_default();
        assert!(ids.insert(id.to_owned()), "{method} {path}: two operations are called {id:?}");
        let says = |name: &str| operation[name].as_str().is_some_and(|text| !text.trim().is_empty());
        assert!(says("summary"), "{method} {path} has no summary");
        assert_eq!(operation["tags"].as_array().map(Vec::len), Some(1), "{method} {path} belongs to one noun");
        let declared: BTreeSet<&str> = operation["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|parameter| parameter["in"] == "path")
            .map(|parameter| parameter["name"].as_str().unwrap())
            .collect();
        let written: BTreeSet<&str> = path.split('{').skip(1).map(|rest| rest.split('}').next().unwrap()).collect();
        assert_eq!(declared, written, "{method} {path}");
        let responses = operation["responses"].as_object().unwrap();
        assert!(responses.keys().any(|status| status.starts_with('2')), "{method} {path} never succeeds");
        for (status, response) in responses {
            let problem = response["content"]["application/problem+json"].is_object();
            assert_eq!(problem, !status.starts_with('2'), "{method} {path} {status}");
        }
        if let Some(schema) = operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].as_str() {
            let body = document.pointer(schema.trim_start_matches('#')).unwrap();
            let shown = body["example"].is_object()
                || body["properties"].as_object().unwrap().values().all(|property| !property["example"].is_null())
                || body["properties"].as_object().unwrap().values().any(|property| property["$ref"].is_string())
                || body["properties"].as_object().unwrap().len() <= 2;
            assert!(shown, "{schema} has no example");
        }
    }
    assert!(ids.len() > 10);
}

pub fn operations(document: &Value) -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in METHODS {
            if item[method].is_object() {
                found.push((path.clone(), method.to_uppercase(), item[method].clone()));
            }
        }
    }
    found
}

fn every_reference_leads_somewhere(document: &Value, part: &Value) {
    match part {
        Value::Object(members) => {
            if let Some(Value::String(reference)) = members.get("$ref") {
                assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference} leads nowhere");
            }
            members.values().for_each(|member| every_reference_leads_somewhere(document, member));
        }
        Value::Array(items) => items.iter().for_each(|item| every_reference_leads_somewhere(document, item)),
        _ => {}
    }
}

both! {
    fn the_document_is_served_as_it_is_committed(app: &App) {
        let served = app.call("GET", "/openapi.json").send().ok();
        assert_eq!(served.header("content-type"), Some("application/json"));
        let file: Value = serde_json::from_slice(&fs::read(root().join("docs/openapi.json")).unwrap()).unwrap();
        // It is compiled in, so the program of this run has the one from before it was written anew.
        let is_new = std::env::var_os("UPDATE").is_some();
        assert!(is_new || served.json() == file, "it is not the committed one");
    }

    fn the_document_can_be_browsed_without_the_internet(app: &App) {
        let moved = app.call("GET", "/docs").send();
        assert!((300..400).contains(&moved.status), "{moved}");
        assert_eq!(moved.location(), "/docs/");
        let page = app.call("GET", "/docs/").send().ok();
        assert!(page.header("content-type").unwrap().starts_with("text/html"), "{page}");
        let text = page.text();
        let mut checked = 0;
        for attribute in ["src=\"", "href=\""] {
            for rest in text.split(attribute).skip(1) {
                let address = rest.split('"').next().unwrap();
                assert!(!address.contains("//"), "the page needs {address}");
                let path = format!("/docs/{}", address.trim_start_matches("./").trim_start_matches("/docs/"));
                assert!(!app.call("GET", &path).send().ok().bytes.is_empty(), "{path}");
                checked += 1;
            }
        }
        assert!(checked >= 4, "{text}");
        let start = app.call("GET", "/docs/swagger-initializer.js").send().ok().text();
        assert!(start.contains("\"/openapi.json\"") && !start.contains("https://"), "{start}");
        // A script in the page itself would not be let through.
        assert!(!text.contains("<script>"), "{text}");
    }

    fn a_problems_type_leads_to_its_explanation(app: &App) {
        let problem = app.call("GET", "/nothing").send().not_there().json();
        let (path, code) = problem["type"].as_str().unwrap().split_once('#').unwrap();
        let page = app.call("GET", path).send().ok();
        assert!(page.header("content-type").unwrap().starts_with("text/html"));
        assert!(page.text().contains(&format!("id=\"{code}\"")), "{page}");
        assert!(page.text().contains("Tidak ditemukan."));
        assert!(app.call("GET", path).language("en").send().ok().text().contains("Not found."));
    }
}
