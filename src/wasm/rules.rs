use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::to_json;
use super::stored::{from_json, moment};
use crate::error::Error;
use crate::rules::{attention as rule, duration as length, retention};
use crate::task::{Record, Usage};

/// What a reader derives from a record. One call for both: parsing the record is what costs.
#[derive(Serialize)]
struct View {
    attention: rule::TaskStatus,
    duration: Option<f64>,
}

/// What an operator should know and do next (`unknown` when the record cannot be read), and the seconds since the first
/// start (null before it).
#[wasm_bindgen]
pub fn view(record: &str, facts: &str, now: f64) -> Result<String, Error> {
    let facts: rule::Facts = from_json("facts", facts)?;
    let now = moment("now", now)?;
    let view = match Record::parse(record) {
        Ok(record) => {
            let duration = length::duration(&record, now);
            View { attention: rule::attention(&record, &facts, now), duration }
        }
        Err(_) => View { attention: rule::attention_unreadable(), duration: None },
    };
    Ok(to_json(&view))
}

/// When the record may go; undefined: not yet.
#[wasm_bindgen(js_name = dropAt)]
pub fn drop_at(record: &str, seen_at: Option<f64>) -> Result<Option<f64>, Error> {
    let record = Record::parse(record)?;
    let seen_at = seen_at.map(|at| moment("seen_at", at)).transpose()?;
    Ok(retention::drop_at(&record, seen_at).map(|at| at as f64))
}

/// The sum of what several tasks have used: of a JSON array of what their records hold.
#[wasm_bindgen(js_name = usageTotal)]
pub fn usage_total(usages: &str) -> Result<String, Error> {
    let mut total = Usage::default();
    for usage in from_json::<Vec<Usage>>("usages", usages)? {
        total.add(&usage);
    }
    Ok(to_json(&total))
}
