use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::error::{Error, number};
use crate::task::{Json, read};
use crate::time::{MAX_MOMENT, Ms};

/// Reads JSON text; what does not fit is an invalid argument of that name.
pub(super) fn from_json<T: DeserializeOwned>(argument: &str, text: &str) -> Result<T, Error> {
    read(text).map_err(|error| Error::malformed(argument, error))
}

/// Makes JSON text.
pub(super) fn to_json(value: &impl Serialize) -> String {
    // Plain structs with text keys and finite numbers: this cannot fail.
    serde_json::to_string(value).unwrap_or_default()
}

/// Takes a moment as JavaScript has it.
pub(super) fn moment(name: &str, ms: f64) -> Result<Ms, Error> {
    match ms.abs() <= MAX_MOMENT as f64 {
        true => Ok(ms.round() as Ms),
        false => Err(Error::invalid(name, number(ms), "milliseconds since 1970")),
    }
}

/// What JavaScript throws: JSON text with `code`, `message` and `details`. `js/core` makes an error of it.
impl From<Error> for JsValue {
    fn from(error: Error) -> Self {
        let (code, message) = (error.code(), error.message());
        let details = Json::parse(error.details_json(), "details").ok();
        to_json(&Thrown { code, message, details }).into()
    }
}

#[derive(Serialize)]
struct Thrown<'a> {
    code: &'a str,
    message: &'a str,
    details: Option<Json>,
}
