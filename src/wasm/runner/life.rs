//! What happens to tasks. Every answer is a number of words.

use wasm_bindgen::prelude::wasm_bindgen;

use super::Runner;
use crate::error::Error;
use crate::task::{Failure, FailureCode, Json, Run};
use crate::time::Ms;

/// Effects that are gathered before they are told: about as many as there are words for.
const CANCELS: usize = 160;

#[wasm_bindgen]
impl Runner {
    /// An execution has a result; -1: refused. `start`: the next task starts with the same call.
    ///
    /// One number is answered because a `Result` would cost an array a call.
    pub fn succeed(&mut self, slot: u32, attempt: u32, epoch: f64, start: bool, mono: f64) -> f64 {
        let now = self.now(mono);
        if let Some(key) = self.engine.key_in(slot)
            && let Err(error) = self.engine.succeed(key, Run { attempt, epoch: epoch as u64 }, now)
        {
            self.refusal = Some(error);
            return -1.0;
        }
        let started = if start { self.engine.next(now) } else { None };
        self.report(started, now) as f64
    }

    /// An execution has an error. `details`: JSON text.
    #[allow(clippy::too_many_arguments)] // words are cheaper than an object
    pub fn fail(
        &mut self,
        slot: u32,
        attempt: u32,
        epoch: f64,
        name: String,
        message: String,
        retryable: bool,
        details: Option<String>,
        mono: f64,
    ) -> Result<usize, Error> {
        if let Some(key) = self.engine.key_in(slot) {
            let details = details.map(|text| Json::parse(&text, "details")).transpose()?;
            let error = Failure { code: FailureCode::Failed, name, message, retryable, details };
            self.engine.fail(key, Run { attempt, epoch: epoch as u64 }, error, self.now(mono))?;
        }
        Ok(self.take(mono))
    }

    /// An execution ended because it was told to.
    pub fn stopped(&mut self, slot: u32, attempt: u32, epoch: f64, mono: f64) -> Result<usize, Error> {
        if let Some(key) = self.engine.key_in(slot) {
            self.engine.stopped(key, Run { attempt, epoch: epoch as u64 }, self.now(mono))?;
        }
        Ok(self.take(mono))
    }

    /// Cancels a task; -1: it had ended.
    pub fn cancel(&mut self, slot: u32, reason: Option<String>, mono: f64) -> f64 {
        let now = self.now(mono);
        match self.engine.key_in(slot).is_some_and(|key| self.engine.cancel(key, reason, now)) {
            true => self.take(mono) as f64,
            false => -1.0,
        }
    }

    /// Begins to cancel every task that lives now; answers how many. [`cancel_next`](Self::cancel_next) does it.
    #[wasm_bindgen(js_name = cancelAll)]
    pub fn cancel_all(&mut self) -> usize {
        self.cancelling = self.engine.keys_where(|status| !status.is_terminal());
        self.cancelling.reverse();
        self.engine.counts().live()
    }

    /// Cancels as many of them as there is room for in the words; only those at the head: all are cancelled and told.
    #[wasm_bindgen(js_name = cancelNext)]
    pub fn cancel_next(&mut self, reason: Option<String>, mono: f64) -> usize {
        let now = self.now(mono);
        while self.engine.effects() < CANCELS
            && let Some(key) = self.cancelling.pop()
        {
            self.engine.cancel(key, reason.clone(), now);
        }
        self.take(mono)
    }

    /// Drops an ended task; false when it has not ended. What it means has to be [taken](Self::take).
    pub fn drop(&mut self, slot: u32) -> bool {
        self.engine.key_in(slot).is_some_and(|key| self.engine.drop(key))
    }

    /// Decides what is due.
    pub fn tick(&mut self, mono: f64) -> usize {
        self.engine.tick(self.now(mono));
        self.take(mono)
    }

    /// Takes no more tasks, and cancels the running ones after so many milliseconds.
    pub fn stop(&mut self, drain_ms: f64, mono: f64) -> usize {
        self.engine.stop(drain_ms as Ms, self.now(mono));
        self.take(mono)
    }

    /// Starts nothing until it is resumed.
    pub fn pause(&mut self, paused: bool) {
        if paused { self.engine.pause() } else { self.engine.resume() }
    }

    /// How many executions may hold a slot from now on.
    #[wasm_bindgen(js_name = setLimit)]
    pub fn set_limit(&mut self, limit: f64) {
        self.engine.set_limit(limit as usize);
    }

    /// Whether every event is told.
    pub fn observe(&mut self, observed: bool) {
        self.engine.observe(observed);
    }
}
