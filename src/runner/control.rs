//! What concerns all tasks of a runner.

use std::future::Future;
use std::time::Duration;

use super::background::BackgroundRunner;
use super::events::AllEvents;
use super::gate::Gate;
use super::task::Task;
use crate::engine::Counts;
use crate::task::Status;
use crate::time::Ms;

impl<R> BackgroundRunner<R> {
    /// How many tasks there are and were.
    pub fn counts(&self) -> Counts {
        self.core.look(|state| state.engine.counts())
    }

    /// The tasks whose records are kept, in the order of creation.
    pub fn tasks(&self) -> Vec<Task> {
        self.core.look(|state| {
            let keys = state.engine.keys_where(|_| true).into_iter();
            let found = keys.filter_map(|key| Some((key, state.job(key)?.entry())));
            found.map(|(key, entry)| Task { core: self.core.clone(), key, entry }).collect()
        })
    }

    /// What happens to all tasks from now on.
    pub fn events(&self) -> AllEvents {
        AllEvents::of(&self.core)
    }

    /// Cancels every live task; answers how many.
    pub fn cancel_all(&self, reason: Option<&str>) -> usize {
        self.core.change(|state, _, now| state.engine.cancel_all(reason, now))
    }

    /// Starts nothing until [`resume`](Self::resume). What runs goes on.
    pub fn pause(&self) {
        self.core.change(|state, _, _| state.engine.pause());
    }

    /// Starts tasks again.
    pub fn resume(&self) {
        self.core.change(|state, _, _| state.engine.resume());
    }

    /// From now on at most so many tasks run at once. Those that run go on; with 0 nothing starts.
    pub fn set_concurrency(&self, limit: usize) {
        self.core.change(|state, _, _| state.engine.set_limit(limit));
    }

    /// Drops the records of tasks that have ended; answers how many. Handles keep their outcomes.
    pub fn clear(&self) -> usize {
        self.core.change(|state, _, _| {
            let ended = state.engine.keys_where(Status::is_terminal).into_iter();
            ended.filter(|&key| state.engine.drop(key)).count()
        })
    }

    /// Waits until no task lives. Those whose code has not ended yet may still be stopping.
    ///
    /// # Cancel safety
    /// Dropped, it is forgotten, and nothing else happens.
    pub async fn wait_all(&self) -> Counts {
        let gate = self.core.change(|state, _, _| state.all_ended.get_or_insert_with(Gate::new).clone());
        gate.wait().await
    }

    /// Takes no more tasks from now on, cancels those that do not run, and after `drain` those that do. The future is
    /// ready when all have stopped or were given up; the stop does not depend on it.
    ///
    /// # Cancel safety
    /// Dropped, it is forgotten: the runner stops all the same.
    pub fn stop(&self, drain: Duration) -> impl Future<Output = Counts> + use<R> {
        let drain_ms = Ms::try_from(drain.as_millis()).unwrap_or(Ms::MAX);
        let gate = self.core.change(|state, _, now| {
            state.engine.stop(drain_ms, now);
            state.idle.get_or_insert_with(Gate::new).clone()
        });
        gate.wait()
    }
}
