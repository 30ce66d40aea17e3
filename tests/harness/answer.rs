//! What came back, and the things a story says about it.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::Value;
use ureq::http::{HeaderMap, StatusCode};

/// An answer of the server. Whatever a story asks, every answer keeps the promises checked in [`Answer::new`].
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub bytes: Vec<u8>,
    asked: String,
}

impl Answer {
    #[track_caller]
    pub(super) fn new(asked: String, status: StatusCode, headers: HeaderMap, bytes: Vec<u8>) -> Self {
        let answer = Self { status: status.as_u16(), headers, bytes, asked };
        answer.keeps_its_promises();
        answer
    }

    /// Headers protect; every failure is a problem document whose sentences have no holes.
    #[track_caller]
    fn keeps_its_promises(&self) {
        for name in ["x-content-type-options", "x-frame-options", "content-security-policy", "x-request-id"] {
            assert!(self.headers.contains_key(name), "no {name}: {self}");
        }
        let kind = self.header("content-type").unwrap_or_default();
        if self.status < 400 || kind.starts_with("text/html") || self.bytes.is_empty() && self.asked.starts_with("HEAD")
        {
            return;
        }
        assert_eq!(kind, "application/problem+json", "{self}");
        let problem = self.json();
        assert_eq!(problem["status"], self.status, "{self}");
        let code = problem["code"].as_str().unwrap_or_default();
        assert!(problem["type"].as_str().is_some_and(|kind| kind.ends_with(&format!("#{code}"))), "{self}");
        let fields = problem["errors"].as_array().cloned().unwrap_or_default();
        for sentence in fields.iter().map(|field| &field["detail"]).chain([&problem["title"]]) {
            let sentence = sentence.as_str().unwrap_or_default();
            assert!(!sentence.is_empty() && !sentence.contains('{'), "a sentence with a hole: {sentence}\n{self}");
        }
    }

    /// 200.
    #[track_caller]
    pub fn ok(self) -> Self {
        self.status(200)
    }

    /// 201, with an address and a version.
    #[track_caller]
    pub fn created(self) -> Self {
        assert!(self.header("location").is_some() || self.status != 201, "no Location: {self}");
        assert!(self.header("etag").is_some() || self.status != 201, "no ETag: {self}");
        self.status(201)
    }

    /// 204.
    #[track_caller]
    pub fn no_content(self) -> Self {
        self.status(204)
    }

    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self}");
        self
    }

    /// A failure with this code.
    #[track_caller]
    pub fn refused(self, code: &str) -> Self {
        assert!(self.status >= 400, "{self}");
        assert_eq!(self.json()["code"], code, "{self}");
        self
    }

    /// 422 with exactly these wrong fields, as `(pointer, code)`.
    #[track_caller]
    pub fn invalid(self, fields: &[(&str, &str)]) -> Self {
        let problem = self.json();
        let empty = Vec::new();
        let mut found: Vec<(&str, &str)> = problem["errors"]
            .as_array()
            .unwrap_or(&empty)
            .iter()
            .map(|field| (field["pointer"].as_str().unwrap_or_default(), field["code"].as_str().unwrap_or_default()))
            .collect();
        let mut expected = fields.to_vec();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected, "{self}");
        self.status(422).refused("input.invalid")
    }

    /// 404, as for a thing that was never there.
    #[track_caller]
    pub fn not_there(self) -> Self {
        self.status(404).refused("resource.not_found")
    }

    /// 403.
    #[track_caller]
    pub fn denied(self) -> Self {
        self.status(403).refused("access.denied")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|error| panic!("not JSON ({error}): {self}"))
    }

    pub fn text(&self) -> String {
        let mut text = String::new();
        if self.header("content-encoding") == Some("gzip") {
            GzDecoder::new(self.bytes.as_slice()).read_to_string(&mut text).expect("gzip of a text");
        } else {
            text.push_str(&String::from_utf8_lossy(&self.bytes));
        }
        text
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The id of the thing in the body.
    #[track_caller]
    pub fn id(&self) -> String {
        self.field("id")
    }

    /// A text member of the body.
    #[track_caller]
    pub fn field(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {self}")).to_owned()
    }

    /// The rows of a page.
    #[track_caller]
    pub fn items(&self) -> Vec<Value> {
        self.json()["items"].as_array().unwrap_or_else(|| panic!("no page: {self}")).clone()
    }

    #[track_caller]
    pub fn etag(&self) -> String {
        self.header("etag").unwrap_or_else(|| panic!("no ETag: {self}")).to_owned()
    }

    /// The address that was asked.
    pub fn address(&self) -> String {
        self.asked.split_once(' ').map(|(_, path)| path.to_owned()).unwrap_or_default()
    }

    #[track_caller]
    pub fn location(&self) -> String {
        self.header("location").unwrap_or_else(|| panic!("no Location: {self}")).to_owned()
    }

    /// The address of the next page in the Link header.
    #[track_caller]
    pub fn next_page(&self) -> Option<String> {
        let link = self.header("link")?;
        let address = link.strip_prefix('<').and_then(|rest| rest.strip_suffix(">; rel=\"next\""));
        Some(address.unwrap_or_else(|| panic!("an unknown Link: {self}")).to_owned())
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let text: String = self.text().chars().take(4000).collect();
        write!(f, "{} → {}\n{text}", self.asked, self.status)
    }
}
