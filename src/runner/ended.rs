use std::fmt;

use crate::task::{Body, CancelledBy, Event, Failure};

/// How a task ended that has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum Ended {
    /// It failed, or its time was over: the code says which.
    Failed(Failure),
    /// It was cancelled.
    Cancelled {
        /// By whom.
        by: CancelledBy,
        /// Why, if that was said.
        reason: Option<String>,
    },
}

impl Ended {
    /// Why it failed, if it did.
    pub fn failure(&self) -> Option<&Failure> {
        match self {
            Self::Failed(failure) => Some(failure),
            Self::Cancelled { .. } => None,
        }
    }

    /// Whether it was cancelled.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled { .. })
    }

    /// What its terminal event says; none for a completed one.
    pub(super) fn told_by(event: &Event) -> Option<Self> {
        match &event.body {
            Body::Failed(data) => Some(Self::Failed(data.error.clone())),
            Body::Cancelled(data) => Some(Self::Cancelled { by: data.by, reason: data.reason.clone() }),
            _ => None,
        }
    }
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(failure) => write!(f, "the task failed: {}", failure.message),
            Self::Cancelled { reason: Some(reason), .. } => write!(f, "the task was cancelled: {reason}"),
            Self::Cancelled { reason: None, .. } => f.write_str("the task was cancelled"),
        }
    }
}

impl std::error::Error for Ended {}
