//! What happened to a task: immutable facts.

use serde::{Deserialize, Serialize};

use super::{Record, Used};
use crate::error::Error;
use crate::json::{quoted, read, write};
use crate::time::Ms;

pub mod body;

use body::*;

/// One fact about a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Counts from 1 without a gap. This is the order of events, never `at`.
    pub seq: u64,
    /// When, in wall time.
    pub at: Ms,
    /// What.
    pub body: Body,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// The task was accepted; the data is its first record.
    Submitted(Box<Record>),
    /// An execution began.
    Started(Started),
    /// It found other code than it knew.
    Code(Code),
    /// Somebody changed how it goes on.
    Updated(Updated),
    /// How far it is.
    Progress(Progress),
    /// A line of its log.
    Log(Log),
    /// A part of its output.
    Output(Output),
    /// A step's result was stored.
    Step(Step),
    /// It has used models.
    Usage(Used),
    /// A model's tool was used.
    Tool(Tool),
    /// Something is not as it should be, and it goes on all the same.
    Warning(Warning),
    /// It asked a person.
    InputRequested(InputRequested),
    /// A person answered.
    InputAnswered(InputAnswered),
    /// An attempt failed or was lost, and another will follow.
    RetryScheduled(RetryScheduled),
    /// Its worker has no right to it any more.
    LeaseLost(LeaseLost),
    /// An operator took the attempt away.
    Recovered(Recovered),
    /// Terminal: it has a result.
    Completed(Completed),
    /// Terminal: it has an error.
    Failed(Failed),
    /// Terminal: it was cancelled.
    Cancelled(Cancelled),
    /// The work has really ended.
    Stopped(Ended),
    /// The work was given up, without knowing whether it ended.
    Abandoned(Ended),
    /// An outcome came too late; it is kept here and nowhere else.
    LateResult(LateResult),
    /// Somebody was told of it.
    Delivered(Delivery),
    /// Somebody was not told of it, and it is not tried again.
    DeliveryFailed(Delivery),
}

impl Body {
    /// The kind as it is stored and shown.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Submitted(_) => "submitted",
            Self::Started(_) => "started",
            Self::Code(_) => "code",
            Self::Updated(_) => "updated",
            Self::Progress(_) => "progress",
            Self::Log(_) => "log",
            Self::Output(_) => "output",
            Self::Step(_) => "step",
            Self::Usage(_) => "usage",
            Self::Tool(_) => "tool",
            Self::Warning(_) => "warning",
            Self::InputRequested(_) => "input_requested",
            Self::InputAnswered(_) => "input_answered",
            Self::RetryScheduled(_) => "retry_scheduled",
            Self::LeaseLost(_) => "lease_lost",
            Self::Recovered(_) => "recovered",
            Self::Completed(_) => "completed",
            Self::Failed(_) => "failed",
            Self::Cancelled(_) => "cancelled",
            Self::Stopped(_) => "stopped",
            Self::Abandoned(_) => "abandoned",
            Self::LateResult(_) => "late_result",
            Self::Delivered(_) => "delivered",
            Self::DeliveryFailed(_) => "delivery_failed",
        }
    }

    /// The data as JSON text.
    pub fn data(&self) -> String {
        match self {
            Self::Submitted(data) => data.to_json(),
            Self::Started(data) => text(data),
            Self::Code(data) => text(data),
            Self::Updated(data) => text(data),
            Self::Progress(data) => text(data),
            Self::Log(data) => text(data),
            Self::Output(data) => text(data),
            Self::Step(data) => text(data),
            Self::Usage(data) => text(data),
            Self::Tool(data) => text(data),
            Self::Warning(data) => text(data),
            Self::InputRequested(data) => text(data),
            Self::InputAnswered(data) => text(data),
            Self::RetryScheduled(data) => text(data),
            Self::LeaseLost(data) => text(data),
            Self::Recovered(data) => text(data),
            Self::Completed(data) => text(data),
            Self::Failed(data) => text(data),
            Self::Cancelled(data) => text(data),
            Self::Stopped(data) | Self::Abandoned(data) => text(data),
            Self::LateResult(data) => text(data),
            Self::Delivered(data) | Self::DeliveryFailed(data) => text(data),
        }
    }

    /// Reads what [`kind`](Self::kind) and [`data`](Self::data) wrote.
    ///
    /// # Errors
    /// `unreadable` when there is no such kind, or the data is not of it.
    pub fn parse(kind: &str, data: &str) -> Result<Self, Error> {
        read(&format!("{{{}:{data}}}", quoted(kind))).map_err(Error::unreadable)
    }

    /// Whether the task is terminal from here on. A task has at most one such event.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Completed(_) | Self::Failed(_) | Self::Cancelled(_))
    }
}

fn text(data: &impl Serialize) -> String {
    // Plain structs with text keys and finite numbers: this cannot fail.
    write(data).unwrap_or_default()
}

impl Event {
    /// The first record of the task, when this is its first event.
    pub fn submitted(&self) -> Option<&Record> {
        match &self.body {
            Body::Submitted(record) => Some(record),
            _ => None,
        }
    }
}
