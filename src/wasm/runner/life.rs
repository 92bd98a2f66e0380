//! What happens to tasks. Every answer is a number of words.

use wasm_bindgen::prelude::wasm_bindgen;

use super::bound::Runner;
use super::link::Link;
use super::state::State;
use crate::engine::{Key, Now};
use crate::error::Error;
use crate::task::{Failure, FailureCode, Run};
use crate::time::Ms;

/// Effects that are gathered before they are told: about as many as there are words for.
const CANCELS: usize = 160;

#[wasm_bindgen]
impl Runner {
    /// An execution has a result; -1: refused. The next task starts with the same call, unless somebody awaits this one: he is
    /// told first.
    ///
    /// One number is answered because a `Result` would cost an array a call.
    pub fn succeed(&self, slot: u32, attempt: u32, epoch: f64, awaited: bool, mono: f64) -> f64 {
        self.change(mono, |state, now, link| {
            if let Some(key) = state.engine.key_in(slot)
                && let Err(error) = state.engine.succeed(key, Run { attempt, epoch: epoch as u64 }, now)
            {
                state.refusal = Some(error);
                return -1.0;
            }
            state.ended(awaited, now, link) as f64
        })
    }

    /// An execution has an error; `budget`: of what it may use being used up. Its details stay with what was thrown. What
    /// starts next is as for [`succeed`](Self::succeed).
    #[allow(clippy::too_many_arguments)] // words are cheaper than an object
    pub fn fail(
        &self,
        slot: u32,
        attempt: u32,
        epoch: f64,
        name: String,
        message: String,
        retryable: bool,
        budget: bool,
        awaited: bool,
        mono: f64,
    ) -> Result<usize, Error> {
        let code = if budget { FailureCode::BudgetExceeded } else { FailureCode::Failed };
        let error = Failure { code, name, message, retryable, details: None };
        self.end(slot, awaited, mono, |state, key, now| {
            state.engine.fail(key, Run { attempt, epoch: epoch as u64 }, error, now)
        })
    }

    /// An execution ended because it was told to.
    pub fn stopped(&self, slot: u32, attempt: u32, epoch: f64, awaited: bool, mono: f64) -> Result<usize, Error> {
        self.end(slot, awaited, mono, |state, key, now| {
            state.engine.stopped(key, Run { attempt, epoch: epoch as u64 }, now)
        })
    }

    fn end<T>(
        &self,
        slot: u32,
        awaited: bool,
        mono: f64,
        end: impl FnOnce(&mut State, Key, Now) -> Result<T, Error>,
    ) -> Result<usize, Error> {
        self.change(mono, |state, now, link| {
            if let Some(key) = state.engine.key_in(slot) {
                end(state, key, now)?;
            }
            Ok(state.ended(awaited, now, link))
        })
    }

    /// Cancels a task; -1: it had ended.
    pub fn cancel(&self, slot: u32, reason: Option<String>, mono: f64) -> f64 {
        self.change(mono, |state, now, link| {
            match state.engine.key_in(slot).is_some_and(|key| state.engine.cancel(key, reason, now)) {
                true => state.report(None, now, link) as f64,
                false => -1.0,
            }
        })
    }

    /// Begins to cancel every task that lives now; answers how many. [`cancel_next`](Self::cancel_next) does it.
    #[wasm_bindgen(js_name = cancelAll)]
    pub fn cancel_all(&self) -> usize {
        let state = &mut *self.core.state.borrow_mut();
        state.cancelling = state.engine.keys_where(|status| !status.is_terminal());
        state.cancelling.reverse();
        state.engine.counts().live()
    }

    /// Cancels as many of them as there is room for in the words; only those at the head: all are cancelled and told.
    #[wasm_bindgen(js_name = cancelNext)]
    pub fn cancel_next(&self, reason: Option<String>, mono: f64) -> usize {
        self.change(mono, |state, now, link| {
            while state.engine.effects() < CANCELS
                && let Some(key) = state.cancelling.pop()
            {
                state.engine.cancel(key, reason.clone(), now);
            }
            state.report(None, now, link)
        })
    }

    /// Drops an ended task; false when it has not ended. What it means has to be [taken](Self::take).
    pub fn drop(&self, slot: u32) -> bool {
        let state = &mut *self.core.state.borrow_mut();
        state.engine.key_in(slot).is_some_and(|key| state.engine.drop(key))
    }

    /// Takes no more tasks, and cancels the running ones after so many milliseconds.
    pub fn stop(&self, drain_ms: f64, mono: f64) -> usize {
        self.change(mono, |state, now, link| {
            state.engine.stop(drain_ms as Ms, now);
            state.report(None, now, link)
        })
    }

    /// Starts nothing until it is resumed.
    pub fn pause(&self, paused: bool) {
        let engine = &mut self.core.state.borrow_mut().engine;
        if paused {
            engine.pause()
        } else {
            engine.resume()
        }
        self.core.link.tell();
    }

    /// How many executions may hold a slot from now on.
    #[wasm_bindgen(js_name = setLimit)]
    pub fn set_limit(&self, limit: f64) {
        self.core.state.borrow_mut().engine.set_limit(limit as usize);
        self.core.link.tell();
    }

    /// Whether every event is told.
    pub fn observe(&self, observed: bool) {
        self.core.state.borrow_mut().engine.observe(observed);
    }
}

impl State {
    /// After the end of an execution.
    fn ended(&mut self, awaited: bool, now: Now, link: &Link) -> usize {
        if awaited { self.report(None, now, link) } else { self.go_on(now, link) }
    }
}
