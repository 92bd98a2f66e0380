//! What can be asked of a task.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Action, CancelledBy, Failure, LostReason};
use crate::time::Ms;

/// What can be asked of a task. `attempt` and `epoch` say which execution reports.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// A worker begins to run it. Refused unless it is pending, due and not held.
    Start {
        /// Who runs it.
        worker: String,
        /// What the code is now, if that is not what it was at submit.
        #[serde(default)]
        digest: Option<String>,
    },
    /// The execution ended with a result.
    Succeed {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
    },
    /// The execution ended with an error, or its time is over.
    Fail {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Why.
        error: Failure,
        /// Whether its code has ended; false for a timeout.
        #[serde(default = "settled")]
        settled: bool,
        /// How long the next attempt has to wait, if there is one; none: not at all.
        #[serde(default)]
        retry_in_ms: Option<Ms>,
    },
    /// The execution's worker died, lost its lease or was shut down. Nothing when it does not hold the task.
    Lose {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// How it was lost.
        reason: LostReason,
        /// Whether its code is known to have ended.
        #[serde(default)]
        stopped: bool,
    },
    /// End it now. Nothing when it is terminal.
    Cancel {
        /// Why.
        #[serde(default)]
        reason: Option<String>,
        /// Who wants that.
        #[serde(default)]
        by: CancelledBy,
    },
    /// The execution asks a person. Nothing when this key was asked before: the record holds the request and its answer.
    Ask {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Which request.
        key: String,
        /// What the person reads.
        message: String,
        /// JSON Schema of the content that is expected.
        #[serde(default)]
        schema: Option<Value>,
        /// From this moment on it cannot be answered.
        #[serde(default)]
        expires_at: Option<Ms>,
    },
    /// A person answers. Refused unless the request is open and its time is not over.
    Answer {
        /// Which request.
        key: String,
        /// How.
        action: Action,
        /// With what.
        #[serde(default)]
        content: Option<Value>,
    },
    /// Decide what is due: a `ttl` or a request whose time is over.
    Due {},
    /// The execution that was to end has ended.
    Stopped {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
    },
    /// The execution that was to end is given up.
    Abandon {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
    },
    /// How far the execution is. Nothing when it does not hold the task, as with the next three.
    Progress {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Clamped to 0..1; `NaN` keeps the last one.
        fraction: f64,
        /// What is said with it.
        #[serde(default)]
        message: Option<String>,
    },
    /// A line of the execution's log.
    Log {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Cut at 64 KiB.
        line: String,
    },
    /// A part of the execution's output.
    Output {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Up to 64 KiB of JSON.
        chunk: Value,
    },
    /// A step of the execution is done and its result stored.
    Step {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Which step.
        key: String,
    },
    /// Take a running attempt away now. Refused unless it runs, and is overdue or `force` is set.
    Recover {
        /// Also an attempt that is not overdue.
        #[serde(default)]
        force: bool,
        /// Back to pending whatever `on_lost` says; the attempt does not count then.
        #[serde(default)]
        retry: bool,
        /// Whether the facts say that it is overdue.
        #[serde(default)]
        overdue: bool,
        /// Whether its code is known to have ended.
        #[serde(default)]
        stopped: bool,
    },
}

fn settled() -> bool {
    true
}
