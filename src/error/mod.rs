//! The one error of this crate.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::json::write;

/// Why something was refused.
///
/// Opaque: ask [`code`](Error::code), or the `is_*` predicates. The code is stable and crosses the boundary to JavaScript,
/// which picks the class by it; the message is for people and may change.
///
/// ```
/// use offstage_core::error::Error;
///
/// let error = Error::invalid("retries", -1, "a whole number from 0 to 1000");
/// assert!(error.is_invalid_argument());
/// assert_eq!(error.message(), "retries: got -1, expected a whole number from 0 to 1000");
/// ```
#[derive(Clone, PartialEq)]
pub struct Error(Box<Inner>);

#[derive(Clone, PartialEq)]
struct Inner {
    code: Code,
    message: String,
    details: String,
}

#[derive(Clone, Copy, PartialEq)]
enum Code {
    InvalidArgument,
    Conflict,
    QueueFull,
    Unreadable,
}

/// Details of an argument that cannot be used.
#[derive(Serialize)]
struct Argument<'a> {
    option: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<&'a str>,
}

/// Details of a full queue.
#[derive(Serialize)]
struct Full {
    limit: usize,
    max_queued: usize,
}

impl Error {
    /// Says that `option` got `value` where `expected` was expected: code `invalid_argument`.
    pub fn invalid(option: &str, value: impl fmt::Display, expected: &str) -> Self {
        let message = format!("{option}: got {value}, expected {expected}");
        Self::new(Code::InvalidArgument, message, &Argument { option, expected: Some(expected) })
    }

    /// Says that an argument does not have the form it must have: code `invalid_argument`.
    pub fn malformed(argument: &str, problem: impl fmt::Display) -> Self {
        let message = format!("{argument}: {problem}");
        Self::new(Code::InvalidArgument, message, &Argument { option: argument, expected: None })
    }

    /// Says that what was asked clashes with the task's state: code `conflict`. Nothing changes then.
    pub fn conflict(message: impl Into<String>, details: &impl Serialize) -> Self {
        Self::new(Code::Conflict, message.into(), details)
    }

    /// Says that no more tasks are taken: code `queue_full`.
    pub fn queue_full(limit: usize, max_queued: usize) -> Self {
        let message = match max_queued {
            0 => format!("max concurrent tasks reached ({limit})"),
            _ => format!("max queued tasks reached ({max_queued})"),
        };
        Self::new(Code::QueueFull, message, &Full { limit, max_queued })
    }

    /// Says that a stored record cannot be read: code `unreadable`.
    pub fn unreadable(problem: impl fmt::Display) -> Self {
        Self::new(Code::Unreadable, format!("the stored record cannot be read: {problem}"), &())
    }

    fn new(code: Code, message: String, details: &impl Serialize) -> Self {
        let details = write(details).unwrap_or_else(|_| "null".into());
        Self(Box::new(Inner { code, message, details }))
    }

    /// The stable code: `invalid_argument`, `conflict`, `queue_full` or `unreadable`.
    pub fn code(&self) -> &'static str {
        match self.0.code {
            Code::InvalidArgument => "invalid_argument",
            Code::Conflict => "conflict",
            Code::QueueFull => "queue_full",
            Code::Unreadable => "unreadable",
        }
    }

    /// What people read.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What programs may want to know besides the code; null when there is nothing.
    pub fn details(&self) -> Value {
        serde_json::from_str(&self.0.details).unwrap_or_default()
    }

    /// The details as JSON text.
    pub fn details_json(&self) -> &str {
        &self.0.details
    }

    /// Whether an option or value cannot be used.
    pub fn is_invalid_argument(&self) -> bool {
        self.0.code == Code::InvalidArgument
    }

    /// Whether what was asked clashes with the task's state.
    pub fn is_conflict(&self) -> bool {
        self.0.code == Code::Conflict
    }

    /// Whether no more tasks are taken.
    pub fn is_queue_full(&self) -> bool {
        self.0.code == Code::QueueFull
    }

    /// Whether a stored record cannot be read.
    pub fn is_unreadable(&self) -> bool {
        self.0.code == Code::Unreadable
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({}: {})", self.code(), self.0.message)
    }
}

impl std::error::Error for Error {}
