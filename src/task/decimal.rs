//! Fractions that are the same number after they were written as JSON and read again, with any parser: six decimals.

use serde::ser::{Error, Serialize, Serializer};

use super::Json;
use crate::error::number;

/// Rounds to six decimals.
pub(super) fn millionths(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// Writes a finite number of six decimals.
pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    Json::parse(&number(*value), "number").map_err(S::Error::custom)?.serialize(serializer)
}
