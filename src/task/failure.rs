//! Why a task failed, as it is stored.

use serde::{Deserialize, Serialize};

use super::{Json, LostReason};
use crate::json::number;

/// An error's message and its details are stored up to this size each, in bytes.
const LIMIT: usize = 64 * 1024;

/// The kind of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// The code threw.
    Failed,
    /// The attempt ran longer than it may.
    Timeout,
    /// Its worker died or shut down, or `recover` took the attempt away.
    Lost,
    /// It did not start in time.
    Expired,
    /// Nobody answered in time.
    InputExpired,
    /// Its result cannot be stored.
    Unserializable,
    /// What it may use is used up.
    BudgetExceeded,
}

/// Why a task failed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// The kind of failure.
    pub code: FailureCode,
    /// The name of the error that was thrown.
    pub name: String,
    /// The message of the error that was thrown.
    pub message: String,
    /// Whether another attempt may do better.
    #[serde(default = "yes")]
    pub retryable: bool,
    /// More about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Json>,
}

#[derive(Serialize)]
struct Lost {
    reason: LostReason,
}

#[derive(Serialize)]
struct InputExpired<'a> {
    key: &'a str,
}

fn yes() -> bool {
    true
}

impl Failure {
    /// Whether another attempt is allowed at all, however many are left.
    pub fn may_retry(&self) -> bool {
        use FailureCode::{Failed, Lost, Timeout};
        self.retryable && matches!(self.code, Failed | Timeout | Lost)
    }

    /// Whether an execution can report it; the other codes are for `decide` to give.
    pub(super) fn is_reportable(&self) -> bool {
        use FailureCode::{BudgetExceeded, Failed, Timeout, Unserializable};
        matches!(self.code, Failed | Timeout | Unserializable | BudgetExceeded)
    }

    /// Cuts what is too long for an event: an execution's end must not be refused for the size of its error.
    pub(super) fn clipped(mut self) -> Self {
        clip(&mut self.name);
        clip(&mut self.message);
        self.details = self.details.filter(|details| details.as_str().len() <= LIMIT);
        self
    }

    pub(super) fn lost(reason: LostReason) -> Self {
        let message = match reason {
            LostReason::WorkerGone => "the worker that ran it is gone",
            LostReason::LeaseExpired => "the worker that ran it lost its lease",
            LostReason::Shutdown => "the worker that ran it was shut down",
            LostReason::Recovered => "the attempt was taken away by recover",
        };
        let details = Json::own(&Lost { reason });
        Self::decided(FailureCode::Lost, "LostError", message.into(), true, Some(details))
    }

    /// The worker could not begin the attempt.
    pub(super) fn not_begun(reason: String) -> Self {
        Self::decided(FailureCode::Lost, "NotBegunError", reason, true, None)
    }

    /// Its code is of another version, and it must not run that.
    pub(super) fn code_changed(own: &str, found: &str) -> Self {
        let message = format!("its code is version {found} now; it was submitted for version {own}");
        Self::decided(FailureCode::Failed, "CodeChangedError", message, false, None)
    }

    /// An attempt ran longer than its timeout.
    pub fn timed_out(timeout_ms: i64) -> Self {
        let message = format!("timed out after {}s", number(timeout_ms as f64 / 1000.0));
        Self::decided(FailureCode::Timeout, "TimeoutError", message, true, None)
    }

    pub(super) fn expired(ttl_ms: i64) -> Self {
        let message = format!("did not start within {} s after it was due", number(ttl_ms as f64 / 1000.0));
        Self::decided(FailureCode::Expired, "ExpiredError", message, false, None)
    }

    pub(super) fn input_expired(key: &str) -> Self {
        let message = format!("request '{key}' was not answered in time");
        Self::decided(
            FailureCode::InputExpired,
            "InputExpiredError",
            message,
            false,
            Some(Json::own(&InputExpired { key })),
        )
    }

    fn decided(code: FailureCode, name: &str, message: String, retryable: bool, details: Option<Json>) -> Self {
        Self { code, name: name.into(), message, retryable, details }
    }
}

/// Cuts a text at the limit, never within a character.
pub(super) fn clip(text: &mut String) {
    if text.len() > LIMIT {
        let end = (0..=LIMIT - '…'.len_utf8()).rev().find(|&end| text.is_char_boundary(end)).unwrap_or(0);
        text.truncate(end);
        text.push('…');
    }
}
