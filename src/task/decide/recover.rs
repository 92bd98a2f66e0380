use super::Seen;
use super::lose::{end_of_work, take_away};
use crate::error::Error;
use crate::task::body::Recovered;
use crate::task::{Body, LostReason, OnLost, Record, Status};

/// How an attempt is to be taken away.
pub(super) struct Recovery {
    pub(super) force: bool,
    pub(super) retry: bool,
    pub(super) overdue: bool,
    pub(super) reason: LostReason,
    pub(super) stopped: bool,
}

/// An operator decides now what waiting would decide later.
pub(super) fn recover(record: &Record, how: Recovery) -> Result<Vec<Body>, Error> {
    let hold = record.hold.as_ref().filter(|_| record.status == Status::Running);
    let Some(hold) = hold else {
        return Err(refused(record, format_args!("it is {}, expected running", record.status)));
    };
    if !how.overdue && !how.force {
        return Err(refused(record, "its attempt is not overdue; force takes any running one"));
    }
    let run = hold.run();
    let on_lost = record.on_lost == OnLost::Retry && record.has_attempts_left(record.uncounted);
    // What the operator asks for is not paid from the task's own attempts.
    let retry = if how.retry { Some(false) } else { on_lost.then_some(true) };
    Ok(vec![
        Body::Recovered(Recovered { attempt: run.attempt, epoch: run.epoch, forced: !how.overdue }),
        take_away(run, how.reason, retry),
        end_of_work(run, how.stopped),
    ])
}

fn refused(record: &Record, why: impl std::fmt::Display) -> Error {
    let details = &Seen { status: record.status };
    Error::conflict(format!("task {} cannot be recovered: {why}", record.task_id), details)
}
