//! What can be asked of a task.

mod fields;

use fields::Fields;
use serde::Deserialize;

use super::event::body::Delivery;
use super::{Action, CancelledBy, Failure, Json, LostReason, Used};
use crate::time::Ms;

/// What can be asked of a task. In JSON `command` says which, in `snake_case`; the other keys are the fields.
///
/// `attempt` and `epoch` say which execution reports.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(try_from = "Fields")]
pub enum Command {
    /// A worker begins to run it. Refused unless it is pending, due and not held.
    Start {
        /// Who runs it.
        worker: String,
        /// What the code is now, if that is not what it was at submit.
        digest: Option<String>,
    },
    /// The execution has found the code that it is to run, and has not begun it. Decides whether it may: of another
    /// version, for a task with stored steps or answers, it is held as if it had never started. Nothing when the code is
    /// as the task knows it, and when the execution does not hold the task.
    Code {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Of the code that is there.
        version: String,
        /// What that code is; none: not known.
        digest: Option<String>,
        /// That code also holds what tasks of this one's version run.
        serves: bool,
    },
    /// What a held task's code is now. It is let go when that is its own again, and tried anew when it is other code than
    /// it was held for. Nothing when it is not held.
    Found {
        /// Of the code that is there.
        version: String,
        /// What that code is; none: not known.
        digest: Option<String>,
        /// That code also holds what tasks of this one's version run.
        serves: bool,
    },
    /// The task goes on with whatever code is there when it starts next. Refused when it is terminal.
    Update {},
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
        settled: bool,
        /// How long the next attempt has to wait, if there is one; none: not at all.
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
        stopped: bool,
    },
    /// The execution never began, since its worker could not begin it. The task is as it was before the start, whatever
    /// `on_lost` says: no attempt is used up. Nothing when it does not hold the task.
    Release {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Why it could not begin; cut at 64 KiB.
        reason: String,
    },
    /// End it now. Nothing when it is terminal.
    Cancel {
        /// Why.
        reason: Option<String>,
        /// Who wants that.
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
        schema: Option<Json>,
        /// From this moment on it cannot be answered.
        expires_at: Option<Ms>,
    },
    /// A person answers. Refused unless the request is open and its time is not over.
    Answer {
        /// Which request.
        key: String,
        /// How.
        action: Action,
        /// With what.
        content: Option<Json>,
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
    /// How far the execution is. Nothing when it does not hold the task, as with the next six.
    Progress {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// Clamped to 0..1; `NaN` keeps the last one.
        fraction: f64,
        /// What is said with it; none with `NaN`: what was said last.
        message: Option<String>,
        /// What else programs are to know, up to 16 KiB of JSON, in place of what was told before in this attempt; none: that
        /// stays.
        data: Option<Json>,
    },
    /// The execution has used models.
    Usage {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// What.
        used: Used,
    },
    /// The execution has used a tool of a model.
    Tool {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// The step of the work that uses it.
        step: String,
        /// Which call of the step.
        call: String,
        /// The tool.
        name: String,
        /// Whether it did what it was asked to.
        ok: bool,
        /// How long that took, in milliseconds.
        ms: f64,
    },
    /// The execution says that something is not as it should be.
    Warning {
        /// Which execution.
        attempt: u32,
        /// Which execution.
        epoch: u64,
        /// A word that programs judge by.
        reason: String,
        /// What people read; cut at 64 KiB.
        message: String,
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
        chunk: Json,
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
    /// Somebody was told of the task, or will not be: a fact, whatever the task is.
    Tell {
        /// Who was to be told, and how often that was tried.
        delivery: Delivery,
        /// It is not tried again.
        failed: bool,
    },
    /// Take a running attempt away now. Refused unless it runs, and is overdue or `force` is set.
    Recover {
        /// Also an attempt that is not overdue.
        force: bool,
        /// Back to pending whatever `on_lost` says; the attempt does not count then.
        retry: bool,
        /// Whether the facts say that it is overdue.
        overdue: bool,
        /// What became of its worker; `Recovered` (the default in JSON) unless that is known to be dead.
        reason: LostReason,
        /// Whether its code is known to have ended.
        stopped: bool,
    },
}
