use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::error::{Error, number, quoted};
use crate::task::Json;

/// Makes JSON text.
pub(super) fn to_json(value: &impl Serialize) -> String {
    // Plain structs with text keys and finite numbers: this cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// A number of seconds as JSON. serde_json's way of writing fractions would add 10 KB of tables.
pub(super) fn seconds(value: f64) -> Option<Json> {
    Json::parse(&number(value), "seconds").ok()
}

/// What JavaScript throws: JSON text with `code`, `message` and `details`. `js/core` makes an error of it.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let (code, message, details) = (error.code(), quoted(error.message()), error.details_json());
        format!(r#"{{"code":"{code}","message":{message},"details":{details}}}"#).into()
    }
}
