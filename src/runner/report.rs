use super::acts::Acts;
use super::core::{Core, State};
use super::live::Live;
use super::platform::{AnyValue, Shared};
use crate::engine::{Key, Now};
use crate::task::{Command, Failure, LostReason, Run};

/// What tasks are told that nobody will run.
const RUNTIME_GONE: &str = "the runtime of the runner is gone";

/// What became of an execution.
pub(super) enum Report {
    /// Its code came to an end.
    Outcome(Result<AnyValue, Failure>),
    /// Its code was dropped because it was to end.
    Stopped,
    /// Its runtime dropped it while it ran.
    Lost,
    /// Its runtime dropped it before anything of it was called: it runs nothing any more.
    NeverBegan,
    /// Nobody waits for it.
    Nothing,
}

impl Core {
    pub(super) fn report(self: &Shared<Self>, key: Key, live: &Live, report: Report) {
        if matches!(report, Report::Nothing) {
            return;
        }
        let aborted = live.abort.get().is_some();
        self.end(|state, acts, now| {
            let run = live.run();
            match report {
                Report::Outcome(Ok(value)) => state.succeed(key, run, value, acts, now),
                Report::Outcome(Err(failure)) if aborted && failure.is_aborted() => state.stop(key, run, now),
                Report::Outcome(Err(failure)) => state.fail(key, run, failure, now),
                Report::Stopped => state.stop(key, run, now),
                Report::Lost => state.lose(key, run, now),
                Report::NeverBegan => state.never_began(key, run, now),
                Report::Nothing => {}
            }
        });
    }
}

// The engine refuses reports of executions that never were, and no other ones; so there is nobody to tell.
impl State {
    fn succeed(&mut self, key: Key, run: Run, value: AnyValue, acts: &mut Acts, now: Now) {
        match self.job(key) {
            Some(job) => job.result = Some(value),
            None => acts.discard(value),
        }
        let _ = self.engine.succeed(key, run, now);
        // It is taken when the engine answers that the task ended by this. Else it came too late.
        self.effects(acts);
        if let Some(late) = self.job(key).and_then(|job| job.result.take()) {
            acts.discard(late);
        }
    }

    fn fail(&mut self, key: Key, run: Run, failure: Failure, now: Now) {
        let _ = self.engine.fail(key, run, failure.reportable(), now);
    }

    fn stop(&mut self, key: Key, run: Run, now: Now) {
        let _ = self.engine.stopped(key, run, now);
    }

    fn lose(&mut self, key: Key, run: Run, now: Now) {
        let Run { attempt, epoch } = run;
        let lose = Command::Lose { attempt, epoch, reason: LostReason::WorkerGone, stopped: true };
        let _ = self.engine.tell(key, lose, now);
    }

    /// Nothing of it ran, so it is neither lost nor retried: it ends as what waits does.
    fn never_began(&mut self, key: Key, run: Run, now: Now) {
        self.runtime_gone(now);
        self.engine.cancel(key, Some(RUNTIME_GONE.into()), now);
        let _ = self.engine.stopped(key, run, now);
    }

    /// The runtime drops what it is given: nobody would start what waits, and nobody tell the time.
    pub(super) fn runtime_gone(&mut self, now: Now) {
        self.gone = true;
        self.engine.close(RUNTIME_GONE, now);
    }
}
