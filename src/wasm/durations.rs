use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Error;
use crate::time;

/// Reads a text such as `"90s"`; answers in seconds.
#[wasm_bindgen(js_name = parseDuration)]
pub fn parse_duration(text: &str, option: &str) -> Result<f64, Error> {
    time::parse_duration(text, option)
}

/// Takes a number of seconds that is in range.
#[wasm_bindgen(js_name = checkSeconds)]
pub fn check_seconds(seconds: f64, option: &str) -> Result<f64, Error> {
    time::check_seconds(seconds, option)
}
