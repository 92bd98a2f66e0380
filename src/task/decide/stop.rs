use super::Seen;
use super::lose::end_of_work;
use crate::error::Error;
use crate::task::{Body, Record, Run};

/// The code of an execution that was to end has ended.
pub(super) fn stopped(record: &Record, run: Run) -> Result<Vec<Body>, Error> {
    end(record, run, true)
}

/// The code of an execution that was to end is given up.
pub(super) fn abandon(record: &Record, run: Run) -> Result<Vec<Body>, Error> {
    end(record, run, false)
}

fn end(record: &Record, run: Run, stopped: bool) -> Result<Vec<Body>, Error> {
    if !record.is_held_by(run) {
        return Ok(Vec::new());
    }
    if record.is_underway() {
        // Without an outcome the task would be left running with nobody running it.
        let message =
            format!("task {} is {}: its attempt must succeed, fail or be lost", record.task_id, record.status);
        return Err(Error::conflict(message, &Seen { status: record.status }));
    }
    Ok(vec![end_of_work(run, stopped)])
}
