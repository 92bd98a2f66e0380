use super::record::{cleanup_delay_ms, keep_failed_ms, keep_keyed_ms, kill_grace_ms};
use super::spec::{checked_id, checked_span};
use super::{Body, Event, Record, Requests, Spec, State, Status};
use crate::error::Error;
use crate::id::TaskId;
use crate::time::Ms;

/// Creates a task: its first record, and the `submitted` event that says the same.
///
/// # Errors
/// `invalid_argument`, naming the option, its value and what was expected. Nothing was created then.
///
/// ```
/// use offstage_core::{id, task::{Spec, submit}};
///
/// let spec = Spec { delay_ms: Some(500.0), ..Spec::new("report") };
/// let (record, event) = submit(spec, id::task_id(0, [1; 16]), 1_000)?;
/// assert_eq!(record.run_at, Some(1_500));
/// assert_eq!((event.seq, event.body.kind()), (1, "submitted"));
/// # Ok::<(), offstage_core::error::Error>(())
/// ```
pub fn submit(spec: Spec, task_id: TaskId, now: Ms) -> Result<(Record, Event), Error> {
    let record = Record(first(spec, task_id, now)?);
    let event = Event { seq: 1, at: now, body: Body::Submitted(Box::new(record.clone())) };
    Ok((record, event))
}

fn first(spec: Spec, task_id: TaskId, now: Ms) -> Result<State, Error> {
    spec.check_texts()?;
    Ok(State {
        task_id,
        status: Status::Pending,
        parent_id: checked_id("parent_id", spec.parent_id.as_deref())?,
        retried_from: checked_id("retried_from", spec.retried_from.as_deref())?,
        priority: spec.checked_priority()?,
        max_attempts: spec.max_attempts()?,
        on_lost: spec.on_lost.unwrap_or_default(),
        backoff: spec.checked_backoff()?,
        run_at: spec.starts_at(now)?,
        timeout_ms: checked_span("timeout_ms", spec.timeout_ms)?.filter(|&timeout| timeout > 0),
        ttl_ms: checked_span("ttl_ms", spec.ttl_ms)?,
        kill_grace_ms: checked_span("kill_grace_ms", spec.kill_grace_ms)?.unwrap_or_else(kill_grace_ms),
        cleanup_delay_ms: checked_span("cleanup_delay_ms", spec.cleanup_delay_ms)?.unwrap_or_else(cleanup_delay_ms),
        keep_failed_ms: checked_span("keep_failed_ms", spec.keep_failed_ms)?.unwrap_or_else(keep_failed_ms),
        keep_keyed_ms: checked_span("keep_keyed_ms", spec.keep_keyed_ms)?.unwrap_or_else(keep_keyed_ms),
        name: spec.name,
        recipe: spec.recipe,
        session_id: spec.session_id,
        idempotency_key: spec.idempotency_key,
        version: spec.version,
        digest: spec.digest,
        on_code_change: spec.on_code_change,
        source: spec.source,
        carried: spec.carried,
        created_at: now,
        updated_at: now,
        seq: 1,
        attempt: 0,
        uncounted: 0,
        epoch: 0,
        progress: 0.0,
        progress_message: None,
        started_at: None,
        completed_at: None,
        stopped_at: None,
        deadline_at: None,
        running_since: None,
        ran_ms: 0,
        resume: false,
        hold: None,
        error: None,
        requests: Requests::default(),
        stepped: false,
        held: None,
        code_changed: false,
        recovered: false,
        abandoned: false,
        late: Vec::new(),
        usage: None,
    })
}
