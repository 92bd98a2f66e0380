use js_sys::{Object, Reflect};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{from_js, thrown};
use crate::error::Error;
use crate::id::{self, Reference};
use crate::time;

/// Makes one task id out of each 16 random bytes.
#[wasm_bindgen(js_name = taskIds)]
pub fn task_ids(random: &[u8]) -> Vec<String> {
    random.as_chunks().0.iter().map(|bytes| id::task_id(*bytes).to_string()).collect()
}

/// Makes a session's id out of 4 random bytes.
#[wasm_bindgen(js_name = sessionId)]
pub fn session_id(random: &[u8]) -> Result<String, JsValue> {
    match <[u8; 4]>::try_from(random) {
        Ok(bytes) => Ok(id::session_id(bytes)),
        Err(_) => Err(thrown(Error::invalid("random", format_args!("{} bytes", random.len()), "4 bytes"))),
    }
}

/// Reads an id or the beginning of one: `{ id }` or `{ prefix }`.
#[wasm_bindgen(js_name = parseReference)]
pub fn parse_reference(text: &str) -> Result<JsValue, JsValue> {
    let (key, value) = match id::parse_reference(text).map_err(thrown)? {
        Reference::Id(id) => ("id", id.to_string()),
        Reference::Prefix(prefix) => ("prefix", prefix),
    };
    let object = Object::new();
    Reflect::set(&object, &key.into(), &value.into())?;
    Ok(object.into())
}

/// Reads a number of seconds, or a text such as `"90s"`; answers in seconds.
#[wasm_bindgen(js_name = parseDuration)]
pub fn parse_duration(value: JsValue, option: &str) -> Result<f64, JsValue> {
    let seconds = match value.as_f64() {
        Some(seconds) => time::check_seconds(seconds, option),
        None => time::parse_duration(&from_js::<String>(option, value)?, option),
    };
    seconds.map_err(thrown)
}
