use super::Seen;
use crate::error::Error;
use crate::task::body::Started;
use crate::task::{Body, OtherCode, Record, Status};
use crate::time::Ms;

/// A worker takes the next attempt, or goes on with the one that waited for a person.
pub(super) fn start(record: &Record, worker: String, digest: Option<String>, now: Ms) -> Result<Vec<Body>, Error> {
    check_startable(record, &worker, now)?;
    Ok(vec![Body::Started(Started {
        worker,
        attempt: record.attempt + u32::from(!record.resume),
        epoch: record.epoch + 1,
        resume: record.resume,
        digest,
    })])
}

fn check_startable(record: &Record, worker: &str, now: Ms) -> Result<(), Error> {
    if record.status != Status::Pending {
        return Err(refused(record, format_args!("it is {}, expected pending", record.status)));
    }
    if let Some(hold) = &record.hold
        && !(record.resume && hold.worker == worker)
    {
        // Two executions must not overlap; only the one that waited for the answer may go on where it is.
        return Err(refused(record, format_args!("attempt {} has not stopped yet", hold.attempt)));
    }
    if let Some(OtherCode { version, .. }) = &record.held {
        return Err(refused(record, format_args!("its code is version {version} now, which is not its own")));
    }
    if record.run_at.is_some_and(|at| now < at) {
        return Err(refused(record, "it is not due yet"));
    }
    if record.expires_at().is_some_and(|at| now >= at) {
        return Err(refused(record, "its time to start is over"));
    }
    Ok(())
}

fn refused(record: &Record, why: impl std::fmt::Display) -> Error {
    Error::conflict(format!("task {} cannot start: {why}", record.task_id), &Seen { status: record.status })
}
