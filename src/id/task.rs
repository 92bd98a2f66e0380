use std::fmt;

use serde::{Deserialize, Serialize};

use super::{PREFIX, is_hex};
use crate::error::Error;
use crate::json::quoted;

/// The id of a task: `task_` and 32 lowercase hex digits.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct TaskId(String);

impl TryFrom<String> for TaskId {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        Self::check(&text, "task_id")?;
        Ok(Self(text))
    }
}

/// How many heads there are.
pub const HEADS: u8 = 64;

/// Makes a task's id out of 16 bytes, of which 122 bits stay random: the first six are those of `head`, counted round from 0
/// to `HEADS`.
///
/// Ids with one head are neighbours where ids are sorted: a store that inserts many at once writes few pages of its index
/// when they have it in common. As unique as the bytes are: the caller brings them from a cryptographic source.
///
/// ```
/// let id = offstage_core::id::task_id(1, [0xab; 16]);
/// assert_eq!(id.as_str(), "task_07ababababababababababababababab");
/// ```
pub fn task_id(head: u8, mut random: [u8; 16]) -> TaskId {
    random[0] = head << 2 | random[0] & 3;
    TaskId(format!("{PREFIX}{:032x}", u128::from_be_bytes(random)))
}

impl TaskId {
    /// Takes a full id as it is written.
    ///
    /// # Errors
    /// `invalid_argument`, naming `option`, when it is not `task_` and 32 lowercase hex digits.
    pub fn parse(text: &str, option: &str) -> Result<Self, Error> {
        Self::check(text, option)?;
        Ok(Self(text.to_owned()))
    }

    fn check(text: &str, option: &str) -> Result<(), Error> {
        match text.strip_prefix(PREFIX) {
            Some(hex) if hex.len() == 32 && is_hex(hex) => Ok(()),
            _ => Err(Error::invalid(option, quoted(text), "\"task_\" and 32 lowercase hex digits")),
        }
    }

    /// Stands where an id is still to be read.
    pub(crate) fn unread() -> Self {
        Self(String::new())
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TaskId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
