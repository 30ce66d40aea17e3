//! Files of every format and layout, each with what is to come of it: `fixtures/imports/expected.json`.

use std::fs;

use crate::harness::path::text;
use crate::harness::{Answer, App, Staff, Value, given, json};
use crate::tidy::root;

/// The rows of the table, one a file.
fn cases() -> Vec<Value> {
    let table = fs::read_to_string(root().join("fixtures/imports/expected.json")).unwrap();
    serde_json::from_str(&table).unwrap()
}

/// A coordinator of the school whose class stands in the files.
fn coordinator(app: &App) -> Staff<'_> {
    app.coordinator(&app.partner(given::school(1).with("npsn", "10809001")))
}

/// Brings a file as a browser would call it.
fn bring(staff: &Staff<'_>, file: &str) -> Answer {
    let kind = match file.rsplit('.').next().unwrap() {
        "xlsx" => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "xls" => "application/vnd.ms-excel",
        "ods" => "application/vnd.oasis.opendocument.spreadsheet",
        "csv" => "text/csv",
        "tsv" => "text/tab-separated-values",
        _ => "application/octet-stream",
    };
    staff.upload("/imports", kind, &fs::read(root().join("fixtures/imports").join(file)).unwrap())
}

/// What was found: cell, code, severity.
fn found(planned: &Value) -> Vec<Value> {
    let findings = planned["findings"].as_array().unwrap();
    findings.iter().map(|finding| json!([finding["cell"], finding["code"], finding["severity"]])).collect()
}

/// Without their order, which is that of the rules.
fn sorted(findings: &[Value]) -> Vec<String> {
    let mut sorted: Vec<String> = findings.iter().map(Value::to_string).collect();
    sorted.sort();
    sorted
}

both! {
    fn every_file_comes_to_what_its_row_says(app: &App) {
        let coordinator = coordinator(app);
        for case in cases() {
            let file = text(&case["file"]);
            let answer = bring(&coordinator, file);
            let body = answer.json();
            if let Some(code) = case["refused"].as_str() {
                assert_eq!((answer.status, &body["code"]), (422, &json!(code)), "{file}: {body}");
                if let Some(limit) = case.get("limit") {
                    assert_eq!(body["facts"], json!({ "limit": limit.to_string() }), "{file}");
                    assert!(text(&body["title"]).contains(&limit.to_string()), "{file}: {body}");
                }
                continue;
            }
            assert_eq!(answer.status, 201, "{file}: {body}");
            assert_eq!(sorted(&found(&body)), sorted(case["findings"].as_array().unwrap()), "{file}");
            assert_eq!(body["summary"]["rows"], 3, "{file}");
        }
        assert_eq!(app.count("participants"), 0);
    }

    fn one_class_is_the_same_people_in_every_file(app: &App) {
        let coordinator = coordinator(app);
        let planned = bring(&coordinator, "dapodik.xlsx").created();
        let address = format!("{}/application", planned.location());
        let applied = coordinator.post_change(&address, &planned.etag(), json!({ "confirm": [] })).ok().json();
        assert_eq!(applied["registered"], 3);
        let class = cases().into_iter().filter(|case| case["findings"].as_array().is_some_and(Vec::is_empty));
        let files: Vec<String> = class.map(|case| text(&case["file"]).to_owned()).collect();
        assert!(files.len() > 30, "{files:?}");
        for file in files {
            let planned = bring(&coordinator, &file).created().json();
            assert_eq!(planned["summary"]["same"], 3, "{file}: {planned}");
        }
    }
}
