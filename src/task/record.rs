//! A task as it is stored.

use std::ops::Deref;

use serde::{Deserialize, Serialize};

use super::{Backoff, Event, Failure, Hold, Json, OnCodeChange, OnLost, OtherCode, Requests, Run, Status, Usage};
use crate::error::Error;
use crate::id::TaskId;
use crate::json::{read, write};
use crate::time::Ms;

/// The truth about one task: small, stored as JSON text.
///
/// Reads like a [`State`]; only [`apply`](Record::apply) changes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Record(pub(super) State);

/// The fields of a [`Record`]. Moments are milliseconds since the epoch, spans end in `_ms`. `read.rs` reads them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct State {
    /// Who it is.
    pub task_id: TaskId,
    /// What people call it.
    pub name: String,
    /// What it runs; empty for plain functions.
    pub recipe: String,
    /// Where it is in its life.
    pub status: Status,
    /// The session it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session_id: Option<String>,
    /// The task that submitted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parent_id: Option<TaskId>,
    /// Higher first.
    #[serde(skip_serializing_if = "is_default")]
    pub priority: i32,
    /// The attempt that runs or ran last; 0 before the first.
    pub attempt: u32,
    /// How many of the attempts do not count against `max_attempts`.
    #[serde(skip_serializing_if = "is_default")]
    pub uncounted: u32,
    /// How many attempts it may have.
    pub max_attempts: u32,
    /// What becomes of it when its worker is gone.
    #[serde(skip_serializing_if = "is_default")]
    pub on_lost: OnLost,
    /// How long to wait between attempts.
    #[serde(skip_serializing_if = "is_default")]
    pub backoff: Backoff,
    /// From 0 to 1, of the attempt that runs or ran last; 1 once completed.
    #[serde(skip_serializing_if = "is_default")]
    pub progress: f64,
    /// What was said with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub progress_message: Option<String>,
    /// When it was submitted.
    pub created_at: Ms,
    /// It does not start before this moment.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub run_at: Option<Ms>,
    /// When it started for the first time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_at: Option<Ms>,
    /// When it became terminal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<Ms>,
    /// When the work of the terminal task had really ended; none while it stops, and for ever when it was abandoned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped_at: Option<Ms>,
    /// When its last event was.
    pub updated_at: Ms,
    /// When the running attempt's time is over. Moves with the time that it waits for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline_at: Option<Ms>,
    /// Run time of one attempt; none: no limit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<Ms>,
    /// How long it may wait for its first start once it is due; none: for ever.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ttl_ms: Option<Ms>,
    /// How long cancelled or timed-out work gets to end by itself.
    pub kill_grace_ms: Ms,
    /// How long the record of a completed task is kept after its outcome was first read.
    pub cleanup_delay_ms: Ms,
    /// The same for one that failed or was cancelled.
    #[serde(skip_serializing_if = "is_keep_failed")]
    pub keep_failed_ms: Ms,
    /// How long after its end the record of a task with an idempotency key is kept at least.
    #[serde(skip_serializing_if = "is_keep_keyed")]
    pub keep_keyed_ms: Ms,
    /// Unique per recipe while the task is live or completed; kept by the store.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub idempotency_key: Option<String>,
    /// The task that this one repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retried_from: Option<TaskId>,
    /// Pending after an answer: goes on with the same attempt, before others of its priority.
    #[serde(skip_serializing_if = "is_default")]
    pub resume: bool,
    /// The `seq` of its last event.
    pub seq: u64,
    /// How many times it was started.
    pub epoch: u64,
    /// The execution that has not reported its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Since when the running attempt's clock runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub running_since: Option<Ms>,
    /// How long the attempt ran before it last waited for a person.
    #[serde(skip_serializing_if = "is_default")]
    pub ran_ms: Ms,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
    /// What it asked: open requests, and answered ones for a later run to read.
    #[serde(skip_serializing_if = "Requests::is_empty")]
    pub requests: Requests,
    /// An attempt was taken away by `recover`.
    #[serde(skip_serializing_if = "is_default")]
    pub recovered: bool,
    /// An execution was given up without knowing whether it ended.
    #[serde(skip_serializing_if = "is_default")]
    pub abandoned: bool,
    /// The executions whose refused outcome was kept.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub late: Vec<Run>,
    /// Of its recipe: that of the submit, or of the code that it ran last; none: whatever is there when it starts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// What that code is; none: not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// What becomes of it when its code is of another version; none: it runs that, unless it has stored steps or answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on_code_change: Option<OnCodeChange>,
    /// The result of a step is stored.
    #[serde(skip_serializing_if = "is_default")]
    pub stepped: bool,
    /// Pending, but not started: this is its code, and not its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub held: Option<OtherCode>,
    /// It goes on with stored steps or answers of other code.
    #[serde(skip_serializing_if = "is_default")]
    pub code_changed: bool,
    /// Where the code comes from, as the submitter gave it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<Json>,
    /// What telemetry, deliveries and schedules gave it, for them to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub carried: Option<Json>,
    /// What its code has used, over all attempts; none: it has told nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage: Option<Box<Usage>>,
}

pub(super) fn kill_grace_ms() -> Ms {
    5_000
}

pub(super) fn cleanup_delay_ms() -> Ms {
    3_600_000
}

pub(super) fn keep_failed_ms() -> Ms {
    7 * 24 * 3_600_000
}

pub(super) fn keep_keyed_ms() -> Ms {
    24 * 3_600_000
}

fn is_keep_failed(ms: &Ms) -> bool {
    *ms == keep_failed_ms()
}

fn is_keep_keyed(ms: &Ms) -> bool {
    *ms == keep_keyed_ms()
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Deref for Record {
    type Target = State;

    fn deref(&self) -> &State {
        &self.0
    }
}

impl Record {
    /// Reads a stored record.
    ///
    /// # Errors
    /// `unreadable` when the text is not a record.
    pub fn parse(text: &str) -> Result<Self, Error> {
        read(text).map_err(Error::unreadable)
    }

    /// The record as it is stored.
    pub fn to_json(&self) -> String {
        // Every map has text keys and every number is finite, so this cannot fail.
        write(self).unwrap_or_default()
    }

    /// Rebuilds a record from all of its events, the first of which is `submitted`; none for no events.
    ///
    /// ```
    /// use offstage_core::{id, task::{Record, Spec, submit}};
    ///
    /// let (record, submitted) = submit(Spec::new("report"), id::task_id(0, [1; 16]), 5)?;
    /// assert_eq!(Record::replay(&[submitted]), Some(record));
    /// # Ok::<(), offstage_core::error::Error>(())
    /// ```
    pub fn replay(events: &[Event]) -> Option<Self> {
        let (first, rest) = events.split_first()?;
        let mut record = first.submitted()?.clone();
        for event in rest {
            record.apply(event);
        }
        Some(record)
    }
}

impl State {
    /// Whether this execution holds the task.
    pub fn is_held_by(&self, run: Run) -> bool {
        self.hold.as_ref().is_some_and(|hold| hold.run() == run)
    }

    /// Whether the attempt goes on: it runs, waits for a person, or waits to go on after an answer.
    pub fn is_underway(&self) -> bool {
        matches!(self.status, Status::Running | Status::InputRequired) || self.resume
    }

    /// Whether code has left something for a later run of it to read: results of steps, or answers.
    pub fn has_memory(&self) -> bool {
        self.stepped || self.requests.iter().any(|(_, request)| !request.is_open())
    }

    /// Whether an execution that the task no longer waits for has not reported its end.
    pub fn is_stopping(&self) -> bool {
        self.hold.is_some() && !self.is_underway()
    }

    /// Whether another attempt may follow, when `uncounted` ones do not count.
    pub(super) fn has_attempts_left(&self, uncounted: u32) -> bool {
        self.attempt.saturating_sub(uncounted) < self.max_attempts
    }

    /// When its wait for a first start is over.
    pub fn expires_at(&self) -> Option<Ms> {
        let waits = self.status == Status::Pending && self.started_at.is_none();
        let ttl = self.ttl_ms.filter(|_| waits)?;
        Some(self.run_at.unwrap_or(self.created_at).saturating_add(ttl))
    }
}
