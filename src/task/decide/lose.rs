use crate::task::body::{Ended, Failed, LeaseLost, RetryScheduled};
use crate::task::{Body, Failure, Hold, LostReason, OnLost, Record, Run, Status};

/// The execution's worker is gone. Nothing when it does not hold the task.
pub(super) fn lose(record: &Record, run: Run, reason: LostReason, stopped: bool) -> Vec<Body> {
    let Some(hold) = record.hold.as_ref().filter(|hold| hold.run() == run) else {
        return Vec::new();
    };
    if record.status == Status::Running {
        return lose_running(record, hold, reason, stopped);
    }
    if record.is_underway() {
        // It waits for a person, or has an answer: there is no running work to lose.
        return vec![lease_lost(hold, reason, stopped, true)];
    }
    vec![end_of_work(run, stopped)]
}

fn lose_running(record: &Record, hold: &Hold, reason: LostReason, stopped: bool) -> Vec<Body> {
    let counted = reason != LostReason::Shutdown;
    let uncounted = record.uncounted + u32::from(!counted);
    let retry = record.on_lost == OnLost::Retry && record.has_attempts_left(uncounted);
    vec![
        lease_lost(hold, reason, stopped, false),
        take_away(hold.run(), reason, retry.then_some(counted)),
        end_of_work(hold.run(), stopped),
    ]
}

fn lease_lost(hold: &Hold, reason: LostReason, stopped: bool, parked: bool) -> Body {
    let Run { attempt, epoch } = hold.run();
    Body::LeaseLost(LeaseLost { worker: hold.worker.clone(), attempt, epoch, reason, stopped, parked })
}

/// Ends a running attempt without its word: another follows at once (told whether this one counts), or the task fails.
pub(super) fn take_away(run: Run, reason: LostReason, retry: Option<bool>) -> Body {
    let Run { attempt, epoch } = run;
    let error = Failure::lost(reason);
    match retry {
        Some(counted) => Body::RetryScheduled(RetryScheduled {
            attempt,
            epoch,
            error,
            run_at: None,
            settled: false,
            counted,
            begun: true,
        }),
        None => Body::Failed(Failed { attempt, epoch, error, settled: false }),
    }
}

/// What is known about the code of an execution that will not report any more.
pub(super) fn end_of_work(run: Run, stopped: bool) -> Body {
    let Run { attempt, epoch } = run;
    match stopped {
        true => Body::Stopped(Ended { attempt, epoch }),
        false => Body::Abandoned(Ended { attempt, epoch }),
    }
}
