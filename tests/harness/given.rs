//! Bodies with sensible defaults. A story names what matters to it: `given::school(1).with("npsn", "10809001")`.

use serde_json::{Value, json};

use super::App;

/// The body of a request, to be varied.
#[derive(Debug, Clone)]
pub struct Body(Value);

impl Body {
    /// With this member, in place of the default.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0[name] = value.into();
        self
    }

    /// Without this member.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.0.as_object_mut().expect("a body is an object").remove(name);
        self
    }
}

impl From<Body> for Value {
    fn from(body: Body) -> Self {
        body.0
    }
}

/// Any body, for what has no builder.
pub fn body(value: Value) -> Body {
    Body(value)
}

/// A state vocational school in Lampung Timur.
pub fn school(number: u32) -> Body {
    Body(json!({
        "kind": "school_smk",
        "name": format!("SMKN {number} Way Harapan"),
        "regency": "18.07",
        "npsn": format!("108{number:05}"),
        "state_owned": true,
        "valid_from": "2020-07-01",
        "head": head(),
    }))
}

/// A private training institution in Bandar Lampung.
pub fn lpk(number: u32) -> Body {
    Body(json!({
        "kind": "lpk",
        "name": format!("LPK Cahaya Selatan {number}"),
        "regency": "18.71",
        "vin": format!("VIN-{number:04}"),
        "valid_from": "2019-01-01",
        "head": head(),
    }))
}

/// Somebody who signs.
pub fn head() -> Value {
    json!({ "name": "Rohmat Wirya", "title": "Kepala", "nip": "197805172005011003" })
}

impl App {
    /// The id of a school that was entered before the story begins.
    pub fn school(&self, regency: &str) -> String {
        self.partner(school(u32::try_from(self.number()).expect("a small number")).with("regency", regency))
    }

    /// The id of a training institution that was entered before the story begins.
    pub fn lpk(&self, regency: &str) -> String {
        self.partner(lpk(u32::try_from(self.number()).expect("a small number")).with("regency", regency))
    }

    /// The id of a partner that was entered before the story begins.
    pub fn partner(&self, body: Body) -> String {
        let province = body.0["regency"].as_str().expect("a regency")[..2].to_owned();
        self.office(&province).post("/partners", body).created().id()
    }
}
