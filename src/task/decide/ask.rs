use super::Seen;
use super::note::{check_key, check_size};
use crate::error::Error;
use crate::task::body::{Cancelled, InputAnswered, InputRequested};
use crate::task::{Action, Body, CancelledBy, Json, Record, Run};
use crate::time::Ms;

/// What a person is asked.
pub(super) struct Question {
    pub(super) message: String,
    pub(super) schema: Option<Json>,
    pub(super) expires_at: Option<Ms>,
}

/// The execution asks. A key that was asked before is the same question: its request and answer are in the record.
pub(super) fn ask(record: &Record, run: Run, key: String, question: Question) -> Result<Vec<Body>, Error> {
    check_key(&key)?;
    check_size("message", question.message.len())?;
    check_size("schema", question.schema.as_ref().map_or(0, |schema| schema.as_str().len()))?;
    if !record.is_held_by(run) || !record.is_underway() {
        let message = format!("task {}: attempt {} no longer runs and cannot ask", record.task_id, run.attempt);
        return Err(Error::conflict(message, &Seen { status: record.status }));
    }
    if record.requests.get(&key).is_some() {
        return Ok(Vec::new());
    }
    let Question { message, schema, expires_at } = question;
    Ok(vec![Body::InputRequested(InputRequested { key, message, schema, expires_at })])
}

/// A person answers. The first commit wins between answer, cancel and expiry.
pub(super) fn answer(
    record: &Record,
    key: String,
    action: Action,
    content: Option<Json>,
    now: Ms,
) -> Result<Vec<Body>, Error> {
    check_size("content", content.as_ref().map_or(0, |content| content.as_str().len()))?;
    if let Some(problem) = unanswerable(record, &key, now) {
        let message = format!("task {}: request '{key}' {problem}", record.task_id);
        return Err(Error::conflict(message, &Seen { status: record.status }));
    }
    let mut bodies = vec![Body::InputAnswered(InputAnswered { key, action, content })];
    if action == Action::Cancel {
        bodies.push(Body::Cancelled(Cancelled { by: CancelledBy::Answer, reason: None }));
    }
    Ok(bodies)
}

fn unanswerable(record: &Record, key: &str, now: Ms) -> Option<&'static str> {
    match record.requests.get(key) {
        _ if record.status.is_terminal() => Some("is closed, the task has ended"),
        None => Some("is not asked"),
        Some(request) if !request.is_open() => Some("is answered already"),
        Some(request) if request.is_over(now) => Some("is closed, its time is over"),
        Some(_) => None,
    }
}
