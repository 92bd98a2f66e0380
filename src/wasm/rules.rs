use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{from_json, moment, to_json};
use crate::error::Error;
use crate::rules::{attention as rule, duration as length, retention};
use crate::task::Record;

/// What an operator should know and do next; `unknown` when the record cannot be read.
#[wasm_bindgen]
pub fn attention(record: &str, facts: &str, now: f64) -> Result<String, Error> {
    let facts: rule::Facts = from_json("facts", facts)?;
    match Record::parse(record) {
        Ok(record) => Ok(to_json(&rule::attention(&record, &facts, moment("now", now)?))),
        Err(_) => Ok(attention_unreadable()),
    }
}

/// What an operator should know of a record that cannot be read.
#[wasm_bindgen(js_name = attentionUnreadable)]
pub fn attention_unreadable() -> String {
    to_json(&rule::attention_unreadable())
}

/// Seconds since the first start; undefined before it.
#[wasm_bindgen]
pub fn duration(record: &str, now: f64) -> Result<Option<f64>, Error> {
    let record = Record::parse(record)?;
    Ok(length::duration(&record, moment("now", now)?))
}

/// When the record may go; undefined: not yet.
#[wasm_bindgen(js_name = dropAt)]
pub fn drop_at(record: &str, seen_at: Option<f64>) -> Result<Option<f64>, Error> {
    let record = Record::parse(record)?;
    let seen_at = seen_at.map(|at| moment("seen_at", at)).transpose()?;
    Ok(retention::drop_at(&record, seen_at).map(|at| at as f64))
}
