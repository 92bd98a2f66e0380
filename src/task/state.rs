//! The small words that records, commands and events share.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Where a task is in its life. The last three are terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits to start: for its time, for a slot, for a worker, or to go on after an answer.
    Pending,
    /// Somebody runs it.
    Running,
    /// Waits for a person to answer.
    InputRequired,
    /// Ended with a result.
    Completed,
    /// Ended with an error.
    Failed,
    /// Was cancelled.
    Cancelled,
}

impl Status {
    /// Whether it never changes again.
    pub fn is_terminal(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Cancelled)
    }

    /// The status as it is stored and shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::InputRequired => "input_required",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of a task whose worker died or shut down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnLost {
    /// It fails with `lost`: costly work is not run again silently.
    #[default]
    Fail,
    /// It runs again while attempts are left.
    Retry,
}

/// What becomes of a task whose code is of another version when it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnCodeChange {
    /// It runs the code that is there.
    Run,
    /// It does not start until it is told to, or its own code is there again.
    Hold,
    /// It fails.
    Fail,
}

/// Code that is there, and that a task must not run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherCode {
    /// Of that code.
    pub version: String,
    /// What it is; none: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// How an attempt was lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LostReason {
    /// Its worker's process is gone.
    WorkerGone,
    /// Its worker cannot be looked at, and did not renew its lease in time.
    LeaseExpired,
    /// Its worker ended in order. Does not count as an attempt when the task runs again.
    Shutdown,
    /// Its worker lives, or nobody can tell: an operator took the attempt away by `recover`.
    Recovered,
}

/// Who cancelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelledBy {
    /// Somebody who asked for this task.
    #[default]
    Caller,
    /// Its parent was cancelled or failed.
    Parent,
    /// A newcomer interrupted its session.
    Session,
    /// `clear` removes it.
    Clear,
    /// A person answered a request of it with `cancel`.
    Answer,
}

/// How an execution ended, as it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// With a result.
    Succeeded,
    /// With an error.
    Failed,
}

/// One execution: no two of a task have the same epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// From 1.
    pub attempt: u32,
    /// From 1, one higher with each start.
    pub epoch: u64,
}

/// An execution that has not reported its end; it may outlive the task's terminal event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Who runs it.
    pub worker: String,
    /// The attempt it runs.
    pub attempt: u32,
    /// The epoch of its start.
    pub epoch: u64,
    /// It went on after an answer.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resume: bool,
}

impl Hold {
    /// The execution that holds.
    pub fn run(&self) -> Run {
        Run { attempt: self.attempt, epoch: self.epoch }
    }
}
