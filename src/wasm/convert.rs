use serde::Serialize;
use wasm_bindgen::JsValue;

use crate::error::Error;
use crate::json::{quoted, write};

/// Makes JSON text.
pub(super) fn to_json(value: &impl Serialize) -> String {
    // Plain structs with text keys and finite numbers: this cannot fail.
    write(value).unwrap_or_default()
}

/// What JavaScript throws: JSON text with `code`, `message` and `details`. `js/core` makes an error of it.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        refusal(&error).into()
    }
}

/// JSON of an error.
pub(super) fn refusal(error: &Error) -> String {
    let (code, message, details) = (error.code(), quoted(error.message()), error.details_json());
    format!(r#"{{"code":"{code}","message":{message},"details":{details}}}"#)
}
