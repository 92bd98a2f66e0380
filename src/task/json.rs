use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};
use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::error::Error;
use crate::json::{RAW, verbatim, write};

/// JSON text that is carried along and never looked into, so that nothing of it changes: no order of keys, no digit.
///
/// To serde it says that it is serde_json's `RawValue`, which would bring a reader for each place that holds one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json(Box<str>);

impl Json {
    /// Takes JSON text.
    ///
    /// # Errors
    /// `invalid_argument`, naming `option`, when it is not JSON.
    ///
    /// ```
    /// let json = offstage_core::task::Json::parse(r#"{"b":1.50,"a":2}"#, "content")?;
    /// assert_eq!(json.as_str(), r#"{"b":1.50,"a":2}"#);
    /// # Ok::<(), offstage_core::error::Error>(())
    /// ```
    pub fn parse(text: &str, option: &str) -> Result<Self, Error> {
        match verbatim(text) {
            Ok(value) => Ok(Self(value.into())),
            Err(error) => Err(Error::malformed(option, error)),
        }
    }

    /// The JSON of plain data with text keys; null when it cannot be JSON.
    pub fn of(data: &impl Serialize) -> Self {
        serde_json::to_string(data).map_or_else(|_| Self::null(), |text| Self(text.into()))
    }

    /// The JSON of one of the crate's own types.
    pub(crate) fn own(data: &impl Serialize) -> Self {
        write(data).map_or_else(|_| Self::null(), |text| Self(text.into()))
    }

    /// The JSON `null`.
    pub fn null() -> Self {
        Self("null".into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut raw = serializer.serialize_struct(RAW, 1)?;
        raw.serialize_field(RAW, self.as_str())?;
        raw.end()
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(RAW, Verbatim)
    }
}

/// Reads a field that is null as one: serde takes it for one that is not there.
pub(super) fn some<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

struct Verbatim;

impl<'de> Visitor<'de> for Verbatim {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    /// The text is the only entry.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let text = map.next_entry::<IgnoredAny, String>()?;
        Ok(text.map_or_else(Json::null, |(_, text)| Json(text.into())))
    }
}
