use super::Seen;
use crate::error::Error;
use crate::task::body::{Completed, Ended, Failed, LateResult, RetryScheduled};
use crate::task::{Body, Failure, Json, Outcome, Record, Run};
use crate::time::Ms;

/// The execution has a result.
pub(super) fn succeed(record: &Record, run: Run) -> Result<Vec<Body>, Error> {
    let Run { attempt, epoch } = run;
    match goes_on(record, run) {
        true => Ok(vec![Body::Completed(Completed { attempt, epoch })]),
        false => late(record, run, Outcome::Succeeded, None, true),
    }
}

/// The execution has an error, or its time is over.
pub(super) fn fail(record: &Record, run: Run, error: Failure, settled: bool, retry_at: Ms) -> Result<Vec<Body>, Error> {
    if !error.is_reportable() {
        let expected = "failed, timeout, unserializable or budget_exceeded";
        return Err(Error::invalid("error.code", Json::own(&error.code).as_str(), expected));
    }
    let error = error.clipped();
    if !goes_on(record, run) {
        return late(record, run, Outcome::Failed, Some(error), settled);
    }
    let retry = error.may_retry() && record.has_attempts_left(record.uncounted);
    let Run { attempt, epoch } = run;
    Ok(vec![match retry {
        true => {
            let run_at = Some(retry_at);
            Body::RetryScheduled(RetryScheduled { attempt, epoch, error, run_at, settled, counted: true, begun: true })
        }
        false => Body::Failed(Failed { attempt, epoch, error, settled }),
    }])
}

/// Whether this execution holds the task and the task waits for its end.
///
/// An answered task waits to go on while its code is alive: should that code end by itself first, its outcome counts.
/// To refuse it would mean to run the work again.
fn goes_on(record: &Record, run: Run) -> bool {
    record.is_held_by(run) && record.is_underway()
}

/// Keeps an outcome that came too late, once for each execution, and notes that its code has ended.
fn late(
    record: &Record,
    run: Run,
    outcome: Outcome,
    error: Option<Failure>,
    settled: bool,
) -> Result<Vec<Body>, Error> {
    let Run { attempt, epoch } = run;
    let known = (1..=record.attempt).contains(&attempt) && (1..=record.epoch).contains(&epoch);
    if !known {
        let message = format!("task {} never started attempt {attempt} with epoch {epoch}", record.task_id);
        return Err(Error::conflict(message, &Seen { status: record.status }));
    }
    let mut bodies = Vec::new();
    if !record.late.contains(&run) {
        bodies.push(Body::LateResult(LateResult { attempt, epoch, outcome, error }));
    }
    if settled && record.is_held_by(run) {
        bodies.push(Body::Stopped(Ended { attempt, epoch }));
    }
    Ok(bodies)
}
