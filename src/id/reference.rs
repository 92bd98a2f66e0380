use super::{PREFIX, TaskId, is_hex};
use crate::error::Error;
use crate::json::quoted;

const SHORTEST: usize = 4;
const FULL: usize = 32;
const EXPECTED: &str = "a task id, or the first 4 or more hex digits of one, with or without \"task_\"";

/// What a person typed to mean a task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reference {
    /// A full id.
    Id(TaskId),
    /// How the id begins, `task_` included.
    Prefix(String),
}

/// Reads a full id, or a prefix of at least 4 hex digits, with or without `task_`; capitals are taken too.
///
/// Says nothing about whether such a task exists, or how many do.
///
/// # Errors
/// `invalid_argument` when it is too short, too long or not hex.
///
/// ```
/// use offstage_core::id::{Reference, parse_reference};
///
/// assert_eq!(parse_reference("9F1C")?, Reference::Prefix("task_9f1c".into()));
/// assert!(parse_reference("9f1").is_err());
/// # Ok::<(), offstage_core::error::Error>(())
/// ```
pub fn parse_reference(text: &str) -> Result<Reference, Error> {
    let lower = text.trim().to_ascii_lowercase();
    let hex = lower.strip_prefix(PREFIX).unwrap_or(&lower);
    if !(SHORTEST..=FULL).contains(&hex.len()) || !is_hex(hex) {
        return Err(Error::invalid("id", quoted(text), EXPECTED));
    }
    let id = format!("{PREFIX}{hex}");
    match hex.len() {
        FULL => TaskId::parse(&id, "id").map(Reference::Id),
        _ => Ok(Reference::Prefix(id)),
    }
}
