//! What a store gives.

use serde::de::DeserializeOwned;

use crate::error::Error;
use crate::json::{number, read};
use crate::time::{MAX_MOMENT, Ms};

/// Reads JSON text; what does not fit is an invalid argument of that name.
pub(super) fn from_json<T: DeserializeOwned>(argument: &str, text: &str) -> Result<T, Error> {
    read(text).map_err(|error| Error::malformed(argument, error))
}

/// Takes a moment as JavaScript has it.
pub(super) fn moment(name: &str, ms: f64) -> Result<Ms, Error> {
    match ms.abs() <= MAX_MOMENT as f64 {
        true => Ok(ms.round() as Ms),
        false => Err(Error::invalid(name, number(ms), "milliseconds since 1970")),
    }
}
