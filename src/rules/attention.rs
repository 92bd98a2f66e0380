//! What an operator should know and do next.

use serde::{Deserialize, Serialize};

use crate::task::{FailureCode, Record, Status};
use crate::time::Ms;

/// An attempt is overdue this long after its deadline and `kill_grace_ms`.
pub const SLACK: Ms = 5_000;

/// What the record alone cannot tell.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Whether the worker that holds the task lives.
    #[serde(default)]
    pub owner: Owner,
    /// Until when that worker has its lease.
    #[serde(default)]
    pub lease_until: Option<Ms>,
    /// Whether some living worker can run the task.
    #[serde(default)]
    pub runnable: bool,
    /// For long somebody was to be told of the task, and was not.
    #[serde(default)]
    pub undelivered: bool,
    /// The record could not be read.
    #[serde(default)]
    pub unreadable: bool,
    /// Its agents may not use all of the tools that they name as they like.
    #[serde(default)]
    pub tools_narrowed: bool,
}

/// Whether a worker lives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// It does.
    Alive,
    /// Its process is no more.
    Gone,
    /// There is none, or it cannot be seen from here.
    #[default]
    Unknown,
}

/// What an operator should know and do next. Derived on read, never stored.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TaskStatus {
    /// The task's status; `unknown` for an unreadable record.
    pub status: &'static str,
    /// The same, finer.
    pub kind: &'static str,
    /// The kind as it is shown: with `(recovered)` after an attempt was taken away.
    pub display: String,
    /// It does not go on by itself.
    pub blocked: bool,
    /// It never changes again.
    pub terminal: bool,
    /// Somebody should look.
    pub needs_attention: bool,
    /// The verb to use next, or `none`.
    pub next_action: &'static str,
    /// An attempt was taken away by `recover`.
    pub recovered: bool,
    /// Everything that is so, in a fixed order.
    pub signals: Vec<&'static str>,
}

/// One row of the table: kind, next action, needs attention, blocked.
struct Row(&'static str, &'static str, bool, bool);

/// Says what an operator should know and do next.
///
/// ```
/// use offstage_core::{id, rules::attention::{Facts, attention}, task::{Spec, submit}};
///
/// let (record, _) = submit(Spec::new("report"), id::task_id(0, [1; 16]), 0)?;
/// let view = attention(&record, &Facts { runnable: true, ..Facts::default() }, 10);
/// assert_eq!((view.kind, view.next_action), ("queued", "wait"));
///
/// let nobody = attention(&record, &Facts::default(), 10);
/// assert_eq!((nobody.next_action, nobody.signals), ("worker", vec!["no_worker"]));
/// # Ok::<(), offstage_core::error::Error>(())
/// ```
pub fn attention(record: &Record, facts: &Facts, now: Ms) -> TaskStatus {
    if facts.unreadable {
        return attention_unreadable();
    }
    let row = first_match(record, facts, now);
    let signals = signals(record, facts, row.0, row.1);
    view(record.status.as_str(), &told(row, facts), record.recovered, signals)
}

/// The same for a record that cannot be read.
pub fn attention_unreadable() -> TaskStatus {
    view("unknown", &Row("unknown", "status", false, false), false, Vec::new())
}

fn first_match(record: &Record, facts: &Facts, now: Ms) -> Row {
    match record.status {
        Status::Cancelled => Row("cancelled", "none", false, false),
        Status::Completed => Row("completed", "result", false, false),
        Status::Failed => match record.error.as_ref().map(|error| error.code) {
            Some(FailureCode::Timeout) => Row("timed_out", "retry", true, false),
            Some(FailureCode::Lost) => Row("lost", "retry", true, false),
            _ => Row("failed", "events", true, false),
        },
        Status::InputRequired => Row("input_required", "respond", true, true),
        Status::Running if is_overdue(record, facts, now) => Row("overdue", "recover", true, true),
        Status::Running => Row("running", "wait", false, false),
        Status::Pending => waiting(record, facts, now),
    }
}

/// Where nothing else has to be done, who was not told is seen to.
fn told(row: Row, facts: &Facts) -> Row {
    match row {
        Row(kind, _, false, blocked) if facts.undelivered => Row(kind, "notify", true, blocked),
        _ => row,
    }
}

fn waiting(record: &Record, facts: &Facts, now: Ms) -> Row {
    if record.held.is_some() {
        return Row("code_changed", "retry", true, true);
    }
    match record.run_at.is_some_and(|at| now < at) {
        true if record.attempt > 0 => Row("retrying", "wait", false, false),
        true => Row("scheduled", "wait", false, false),
        false if facts.runnable => Row("queued", "wait", false, false),
        false => Row("queued", "worker", true, true),
    }
}

/// Whether a running attempt should have ended or changed hands by now.
pub fn is_overdue(record: &Record, facts: &Facts, now: Ms) -> bool {
    let latest = record.deadline_at.map(|at| at.saturating_add(record.kill_grace_ms).saturating_add(SLACK));
    record.status == Status::Running
        && (facts.owner == Owner::Gone
            || facts.lease_until.is_some_and(|until| now > until)
            || latest.is_some_and(|latest| now > latest))
}

fn signals(record: &Record, facts: &Facts, kind: &str, next_action: &str) -> Vec<&'static str> {
    let all = [
        (kind == "input_required", "input_required"),
        (kind == "overdue", "overdue"),
        (record.is_stopping(), "stopping"),
        (record.abandoned, "abandoned"),
        (kind == "lost", "lost"),
        (kind == "code_changed" || record.code_changed, "code_changed"),
        (kind == "retrying", "retrying"),
        (kind == "scheduled", "scheduled"),
        (next_action == "worker", "no_worker"),
        (facts.undelivered, "undelivered"),
        (facts.tools_narrowed, "tools_narrowed"),
        (record.recovered, "recovered"),
        (record.status.is_terminal(), "terminal"),
    ];
    all.iter().filter(|(is, _)| *is).map(|(_, signal)| *signal).collect()
}

fn view(status: &'static str, row: &Row, recovered: bool, signals: Vec<&'static str>) -> TaskStatus {
    let Row(kind, next_action, needs_attention, blocked) = *row;
    TaskStatus {
        status,
        kind,
        display: if recovered { format!("{kind} (recovered)") } else { kind.to_owned() },
        blocked,
        terminal: signals.contains(&"terminal"),
        needs_attention,
        next_action,
        recovered,
        signals,
    }
}
