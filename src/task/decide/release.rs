use super::Seen;
use super::lose::end_of_work;
use crate::error::Error;
use crate::task::body::RetryScheduled;
use crate::task::{Body, Failure, Record, Run, Status};

/// The execution never began. Nothing when it does not hold the task.
pub(super) fn release(record: &Record, run: Run, reason: String) -> Result<Vec<Body>, Error> {
    if !record.is_held_by(run) {
        return Ok(Vec::new());
    }
    if !record.is_underway() {
        return Ok(vec![end_of_work(run, true)]);
    }
    if record.status != Status::Running {
        // It has asked, so its code has run.
        let message = format!("task {} is {}: its attempt has begun", record.task_id, record.status);
        return Err(Error::conflict(message, &Seen { status: record.status }));
    }
    let Run { attempt, epoch } = run;
    let error = Failure::not_begun(reason).clipped();
    let scheduled = RetryScheduled { attempt, epoch, error, run_at: None, settled: true, counted: false, begun: false };
    Ok(vec![Body::RetryScheduled(scheduled)])
}
