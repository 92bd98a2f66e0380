use wasm_bindgen::prelude::wasm_bindgen;

use super::bound::Runner;
use super::link::Link;
use super::spec::{RunnerSpec, on_conflict, spec};
use super::state::State;
use crate::engine::{Plain, Submission};
use crate::error::Error;
use crate::time::Ms;

/// The entry of a task that was there before is told with this much more.
const DEDUPLICATED: f64 = 4_294_967_296.0;

#[wasm_bindgen]
impl Runner {
    /// Remembers a name for plain submits; answers with its number.
    pub fn name(&self, name: &str) -> u32 {
        let names = &mut self.core.state.borrow_mut().names;
        names.push(name.into());
        names.len() as u32 - 1
    }

    /// Replaces the name of that number.
    pub fn rename(&self, number: u32, name: &str) {
        self.core.state.borrow_mut().names[number as usize] = name.into();
    }

    /// Adds a plain task; answers with its entry, or -1 when it was refused. A timeout of 0 is none.
    pub fn submit(&self, name: u32, priority: i32, timeout_ms: f64, mono: f64) -> f64 {
        self.change(mono, |state, now, link| {
            let timeout_ms = (timeout_ms > 0.0).then_some(timeout_ms as Ms);
            let plain = Plain { name: state.names[name as usize].clone(), priority, timeout_ms };
            match state.engine.submit_plain(plain, now) {
                Ok(key) => {
                    state.added(link);
                    key.slot.into()
                }
                Err(error) => {
                    state.refusal = Some(error);
                    -1.0
                }
            }
        })
    }

    /// Throws why the last plain submit, or the last result, was refused.
    pub fn refuse(&self) -> Result<(), Error> {
        self.core.state.borrow_mut().refusal.take().map_or(Ok(()), Err)
    }

    /// Adds a task; answers with its entry, and with 2^32 more when it was there before. What else it means has to be
    /// [taken](Self::take).
    #[wasm_bindgen(js_name = submitSpec)]
    pub fn submit_spec(&self, given: &RunnerSpec, mono: f64) -> Result<f64, Error> {
        let (spec, on_conflict) = (spec(given)?, on_conflict(given)?);
        let (parent, keyed, fingerprint) = (given.parent(), given.keyed(), given.fingerprint());
        self.change(mono, |state, now, link| {
            let parent = parent.map(|slot| state.key(slot)).transpose()?;
            let submission = Submission { spec, on_conflict, parent, keyed, fingerprint };
            let submitted = state.engine.submit(submission, now)?;
            state.added(link);
            let slot = f64::from(submitted.key.slot);
            Ok(if submitted.deduplicated { slot + DEDUPLICATED } else { slot })
        })
    }
}

impl State {
    /// A task was added: JavaScript keeps the runner from here on. Its function is not called within the submit, nor are those
    /// who listen.
    fn added(&self, link: &Link) {
        let (busy, holds) = link.kept.get();
        if !busy || self.has_more() || self.engine.effects() > 0 {
            link.kept.set((true, holds));
            link.tell();
        }
    }
}
