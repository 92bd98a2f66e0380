//! How errors of tasks become what is stored.

use std::any::{Any, type_name};

use crate::engine::Why;
use crate::task::{Failure, FailureCode};

/// The name of the failure that says: it ended because it was told to.
const ABORTED: &str = "AbortError";

/// Any error becomes a failure that may be retried. `?` does it in a task that returns `Result<_, Failure>`.
impl<E: std::error::Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::named(short(type_name::<E>()), error.to_string())
    }
}

impl Failure {
    /// The failure of a task that says why itself. Another attempt may do better; see [`for_good`](Self::for_good).
    pub fn new(message: impl Into<String>) -> Self {
        Self::named("Error", message.into())
    }

    /// No other attempt follows, however many are left.
    #[must_use]
    pub fn for_good(self) -> Self {
        Self { retryable: false, ..self }
    }

    fn named(name: &str, message: String) -> Self {
        Self { code: FailureCode::Failed, name: name.into(), message, retryable: true, details: None }
    }

    /// What an execution answers that ends because it was told to. It is not an outcome.
    pub(super) fn aborted(why: Why) -> Self {
        let message = match why {
            Why::Cancelled => "the task was cancelled",
            Why::TimedOut => "the attempt's time is over",
            Why::InputExpired => "nobody answered in time",
        };
        Self::named(ABORTED, message.into())
    }

    pub(super) fn is_aborted(&self) -> bool {
        self.name == ABORTED
    }

    pub(super) fn panicked(payload: &(dyn Any + Send)) -> Self {
        let text = payload.downcast_ref::<&str>().copied();
        let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        Self::named("PanicError", text.unwrap_or("the task panicked").into())
    }

    /// The other codes are the engine's to give.
    pub(super) fn reportable(self) -> Self {
        let code = match self.code {
            own @ (FailureCode::Unserializable | FailureCode::BudgetExceeded) => own,
            _ => FailureCode::Failed,
        };
        Self { code, ..self }
    }
}

/// `IoError` of `some::path::IoError<T>`.
fn short(path: &str) -> &str {
    let path = path.split('<').next().unwrap_or(path);
    path.rsplit("::").next().unwrap_or(path)
}
