use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::error::Error;
use crate::json::{read, write};

/// JSON text that is carried along and never looked into, so that nothing of it changes: no order of keys, no digit.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Json(Box<RawValue>);

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
        read(text).map_err(|error| Error::malformed(option, error))
    }

    /// The JSON of plain data with text keys; null when it cannot be JSON.
    pub fn of(data: &impl Serialize) -> Self {
        serde_json::value::to_raw_value(data).map_or_else(|_| Self::null(), Self)
    }

    /// The JSON of one of the crate's own types.
    pub(crate) fn own(data: &impl Serialize) -> Self {
        write(data).ok().and_then(|text| read(&text).ok()).unwrap_or_else(Self::null)
    }

    /// The JSON `null`.
    pub fn null() -> Self {
        Self(RawValue::NULL.to_owned())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        self.0.get()
    }
}

/// The same text.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}
