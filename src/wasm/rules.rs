use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{from_js, moment, thrown, to_js};
use crate::rules::{attention as rule, duration as length, retention};
use crate::task::Record;

/// What an operator should know and do next; `unknown` when the record cannot be read.
#[wasm_bindgen]
pub fn attention(record: &str, facts: JsValue, now: f64) -> Result<JsValue, JsValue> {
    let facts: rule::Facts = from_js("facts", facts)?;
    match Record::parse(record) {
        Ok(record) => to_js(&rule::attention(&record, &facts, moment("now", now)?)),
        Err(_) => attention_unreadable(),
    }
}

/// What an operator should know of a record that cannot be read.
#[wasm_bindgen(js_name = attentionUnreadable)]
pub fn attention_unreadable() -> Result<JsValue, JsValue> {
    to_js(&rule::attention_unreadable())
}

/// Seconds since the first start; null before it.
#[wasm_bindgen]
pub fn duration(record: &str, now: f64) -> Result<JsValue, JsValue> {
    let record = Record::parse(record).map_err(thrown)?;
    to_js(&length::duration(&record, moment("now", now)?))
}

/// When the record may go; null: not yet.
#[wasm_bindgen(js_name = dropAt)]
pub fn drop_at(record: &str, seen_at: Option<f64>) -> Result<JsValue, JsValue> {
    let record = Record::parse(record).map_err(thrown)?;
    let seen_at = seen_at.map(|at| moment("seen_at", at)).transpose()?;
    to_js(&retention::drop_at(&record, seen_at))
}
