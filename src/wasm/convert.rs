use js_sys::{Error as JsError, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use crate::error::Error;
use crate::time::{MAX_MOMENT, Ms};

/// Reads a JavaScript object; what does not fit is an invalid argument of that name.
pub(super) fn from_js<T: DeserializeOwned>(argument: &str, value: JsValue) -> Result<T, JsValue> {
    serde_wasm_bindgen::from_value(value).map_err(|error| thrown(Error::malformed(argument, error)))
}

/// Makes a plain JavaScript object, with null for what is missing.
pub(super) fn to_js(value: &impl Serialize) -> Result<JsValue, JsValue> {
    value.serialize(&Serializer::json_compatible()).map_err(JsValue::from)
}

/// Takes a moment as JavaScript has it.
pub(super) fn moment(name: &str, ms: f64) -> Result<Ms, JsValue> {
    match ms.abs() <= MAX_MOMENT as f64 {
        true => Ok(ms.round() as Ms),
        false => Err(thrown(Error::invalid(name, ms, "milliseconds since 1970"))),
    }
}

/// The error as JavaScript throws it: an `Error` with `code` and `details`.
pub(super) fn thrown(error: Error) -> JsValue {
    let thrown = JsError::new(error.message());
    // Setting a property of a fresh object cannot fail.
    let _ = Reflect::set(&thrown, &"code".into(), &error.code().into());
    let _ = Reflect::set(&thrown, &"details".into(), &to_js(error.details()).unwrap_or(JsValue::NULL));
    thrown.into()
}
