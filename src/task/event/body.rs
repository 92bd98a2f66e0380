//! The data of each kind of event.

use serde::{Deserialize, Serialize};

use crate::task::json::some;
use crate::task::{Action, CancelledBy, Failure, Json, LostReason, Outcome};
use crate::time::Ms;

/// Data of `started`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// Who runs it.
    pub worker: String,
    /// From 1.
    pub attempt: u32,
    /// One higher with each start.
    pub epoch: u64,
    /// Goes on after an answer, with the attempt unchanged.
    pub resume: bool,
    /// What the code was when it started, if that is not what it was at submit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// Data of `code`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Code {
    /// The attempt that found it.
    pub attempt: u32,
    /// Its epoch.
    pub epoch: u64,
    /// Of the code that it runs; when it is held, of the code that is there.
    pub version: String,
    /// What that code is; none: not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// The code was not begun: the task is as it was before the start, and is not started again.
    pub held: bool,
}

/// Data of `updated`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Updated {
    /// Which code it goes on with.
    pub code: WhichCode,
}

/// Which code a task goes on with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhichCode {
    /// Whatever is there when it starts next.
    Current,
    /// What a worker has found since it was held; another start decides whether that will do.
    Found,
}

/// Data of `progress`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// From 0 to 1.
    pub fraction: f64,
    /// What was said with it.
    pub message: Option<String>,
    /// What else programs are to know of it, up to 16 KiB; none: what was told last in this attempt stays.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    pub data: Option<Json>,
}

/// Data of `log`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Log {
    /// Up to 64 KiB.
    pub line: String,
}

/// Data of `output`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Output {
    /// As it was given.
    pub chunk: Json,
}

/// Data of `step`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Which step is done.
    pub key: String,
}

/// Data of `tool`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tool {
    /// The step of the work that uses it: 1 to 200 characters.
    pub step: String,
    /// Which call of the step: 1 to 200 characters.
    pub call: String,
    /// The tool: 1 to 200 characters.
    pub name: String,
    /// Whether it did what it was asked to.
    pub ok: bool,
    /// How long that took, in milliseconds.
    pub ms: f64,
}

/// Data of `warning`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// A word that programs judge by: 1 to 200 characters.
    pub reason: String,
    /// What people read; cut at 64 KiB.
    pub message: String,
}

/// Data of `input_requested`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputRequested {
    /// Which request.
    pub key: String,
    /// What the person reads.
    pub message: String,
    /// JSON Schema of the content that is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<Json>,
    /// From this moment on it cannot be answered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Ms>,
}

/// Data of `input_answered`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputAnswered {
    /// Which request.
    pub key: String,
    /// How.
    pub action: Action,
    /// With what.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<Json>,
}

/// Data of `retry_scheduled`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RetryScheduled {
    /// The attempt that failed or was lost.
    pub attempt: u32,
    /// Its epoch.
    pub epoch: u64,
    /// Why.
    pub error: Failure,
    /// When the next one may start; none: at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_at: Option<Ms>,
    /// Whether the attempt's code has ended.
    pub settled: bool,
    /// Whether the attempt counts.
    pub counted: bool,
    /// Whether the execution began. If not, the task is as it was before the start.
    #[serde(default = "yes", skip_serializing_if = "is_true")]
    pub begun: bool,
}

fn yes() -> bool {
    true
}

fn is_true(flag: &bool) -> bool {
    *flag
}

/// Data of `lease_lost`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeaseLost {
    /// Who held it.
    pub worker: String,
    /// The attempt.
    pub attempt: u32,
    /// Its epoch.
    pub epoch: u64,
    /// How.
    pub reason: LostReason,
    /// Whether its code is known to have ended.
    pub stopped: bool,
    /// It waited for a person, or to go on after an answer: nothing is lost, the next run starts from the top.
    pub parked: bool,
}

/// Data of `recovered`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recovered {
    /// The attempt that was taken away.
    pub attempt: u32,
    /// Its epoch.
    pub epoch: u64,
    /// Whether it was not overdue.
    pub forced: bool,
}

/// Data of `completed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Completed {
    /// The attempt that succeeded.
    pub attempt: u32,
    /// Its epoch.
    pub epoch: u64,
}

/// Data of `failed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failed {
    /// The last attempt; 0 when there was none.
    pub attempt: u32,
    /// Its epoch; 0 when there was none.
    pub epoch: u64,
    /// Why.
    pub error: Failure,
    /// Whether the attempt's code has ended.
    pub settled: bool,
}

/// Data of `cancelled`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Who cancelled.
    pub by: CancelledBy,
    /// Why, if that was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// Data of `stopped` and `abandoned`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    /// The attempt.
    pub attempt: u32,
    /// Its epoch.
    pub epoch: u64,
}

/// Data of `late_result`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LateResult {
    /// The attempt that reported.
    pub attempt: u32,
    /// Its epoch.
    pub epoch: u64,
    /// What it reported.
    pub outcome: Outcome,
    /// Its error, when it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// Data of `delivered` and `delivery_failed`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// Who was to be told.
    pub address: String,
    /// The same at each repeat.
    pub id: String,
    /// How often it was tried.
    pub attempts: u32,
}
