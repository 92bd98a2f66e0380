//! Questions to a person.

use serde::{Deserialize, Serialize};

use super::Json;
use crate::time::Ms;

/// A question that an execution asked; open until it has an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// What the person reads.
    pub message: String,
    /// JSON Schema of the content that is expected. Not checked here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Json>,
    /// From this moment on it cannot be answered; the task fails with `input_expired`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Ms>,
    /// When it was asked.
    pub requested_at: Ms,
    /// What the person said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Answer>,
}

impl Request {
    /// Whether nobody has answered it.
    pub fn is_open(&self) -> bool {
        self.answer.is_none()
    }

    /// Whether its time is over.
    pub fn is_over(&self, now: Ms) -> bool {
        self.expires_at.is_some_and(|at| now >= at)
    }
}

/// What a person said to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Yes, no, or stop it all.
    pub action: Action,
    /// What goes with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Json>,
}

/// How a person answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// The task goes on with the content.
    Accept,
    /// The task goes on without.
    Decline,
    /// The task is cancelled.
    Cancel,
}
