//! What the engine asks for, done.

use super::acts::Acts;
use super::attempt::Attempt;
use super::core::{Core, State};
use super::ended::Ended;
use super::job::Outcome;
use super::live::Live;
use super::platform::Shared;
use crate::engine::{Dropped, Effect, Key, Started, Why};
use crate::task::{Failure, Status};

impl State {
    pub(super) fn effect(&mut self, effect: Effect, acts: &mut Acts) {
        match effect {
            Effect::Abort { key, why } => self.abort(key, why, acts),
            Effect::Ended { key, status, stopped } => self.ended(key, status, stopped, acts),
            Effect::Stopped { key, abandoned } => self.stopped(key, abandoned, acts),
            Effect::Restored { key } => self.restored(key, acts),
            Effect::Dropped { key, task } => self.dropped(key, task, acts),
            Effect::Event { key, event } => self.streams.tell(key, event, acts),
        }
    }

    /// Begins an execution, or lets one go on that waited for an answer.
    pub(super) fn start(&mut self, core: &Shared<Core>, started: Started, acts: &mut Acts) {
        let Started { key, run, resume } = started;
        if resume {
            return self.resume(started, acts);
        }
        let Some(job) = self.job(key) else { return };
        let Some(work) = job.work.clone() else { return };
        let live = Shared::new(Live::new(run));
        job.live = Some(live.clone());
        acts.spawn(Box::pin(Attempt::new(core.clone(), key, live, work, job.nature.bare)));
    }

    fn resume(&mut self, started: Started, acts: &mut Acts) {
        let record = self.engine.record(started.key);
        let (Some(job), Some(record)) = (self.job(started.key), record) else { return };
        if let Some(live) = &job.live {
            live.set_run(started.run);
        }
        for (key, gate) in std::mem::take(&mut job.asks) {
            if let Some(answer) = record.requests.get(&key).and_then(|request| request.answer.clone()) {
                gate.open(answer, acts);
            }
        }
    }

    fn abort(&mut self, key: Key, why: Why, acts: &mut Acts) {
        if let Some(live) = self.job(key).and_then(|job| job.live.as_ref()) {
            live.abort.open(why, acts);
        }
    }

    fn ended(&mut self, key: Key, status: Status, stopped: bool, acts: &mut Acts) {
        let Some(outcome) = self.outcome(key, status) else { return };
        let Some(job) = self.job(key) else { return };
        let entry = job.entry();
        entry.outcome.open(outcome, acts);
        acts.discard((job.work.take(), std::mem::take(&mut job.steps), entry));
        self.reclaim_for(key);
        if stopped {
            self.work_ended(key, acts);
        }
    }

    fn outcome(&mut self, key: Key, status: Status) -> Option<Outcome> {
        if status == Status::Completed {
            return self.job(key)?.result.take().map(Ok);
        }
        let events = self.engine.events(key, 0);
        let told = events.iter().rev().find_map(|event| Ended::told_by(event));
        // The engine keeps terminal events as long as their task.
        Some(Err(told.unwrap_or_else(|| Ended::Failed(Failure::new("the task ended")))))
    }

    fn stopped(&mut self, key: Key, abandoned: bool, acts: &mut Acts) {
        let terminal = self.engine.status(key).is_none_or(Status::is_terminal);
        let Some(job) = self.job(key) else { return };
        if let Some(live) = job.live.take()
            && abandoned
        {
            live.given_up.open((), acts);
        }
        if terminal {
            self.work_ended(key, acts);
        }
    }

    /// Nothing happens to it any more.
    fn work_ended(&mut self, key: Key, acts: &mut Acts) {
        let Some(job) = self.job(key) else { return };
        job.live = None;
        job.parent = None;
        let entry = job.entry();
        entry.stopped.open((), acts);
        acts.discard((std::mem::take(&mut job.children), job.let_go(), entry));
        self.streams.end(key, acts);
    }

    fn restored(&mut self, key: Key, acts: &mut Acts) {
        if let Some(live) = self.job(key).and_then(|job| job.live.as_ref()) {
            live.restored().open((), acts);
        }
    }

    fn dropped(&mut self, key: Key, task: Dropped, acts: &mut Acts) {
        let Some(job) = self.jobs.remove(&key.order) else { return };
        let entry = job.held();
        if let Some(entry) = &entry {
            *entry.dropped.lock() = Some(task);
        }
        acts.discard((job, entry));
    }
}
