//! Those who wait for the runner, not for one task. What they wait for is looked at once all that could be done is done: what
//! the callback of the last task submits, they wait for as well.

use futures::channel::oneshot::{self, Receiver, Sender};
use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use super::Runner;
use crate::engine::Engine;

#[wasm_bindgen]
impl Runner {
    /// Resolves with true when no task lives; with false when so many milliseconds are over first.
    #[wasm_bindgen(js_name = allEnded)]
    pub fn all_ended(&self, ms: f64, mono: f64) -> Promise {
        self.wait(Wanted::AllEnded, ms, mono)
    }

    /// Resolves when no task lives and all code has ended or was given up.
    pub fn idle(&self, mono: f64) -> Promise {
        self.wait(Wanted::Idle, f64::INFINITY, mono)
    }

    /// Resolves when fewer than so many tasks wait to start.
    pub fn room(&self, below: f64, mono: f64) -> Promise {
        self.wait(Wanted::Room(below), f64::INFINITY, mono)
    }

    /// One future for all of them, as an `async` export each would be 2 KB of wasm.
    fn wait(&self, wanted: Wanted, ms: f64, mono: f64) -> Promise {
        let core = self.core.clone(); // somebody waits for it
        let told = self.change(mono, |state, now, link| {
            link.tell();
            let until = now.mono.saturating_add((ms * 1_000.0) as i64);
            state.waits.add(wanted, until)
        });
        future_to_promise(async move {
            let is_so = told.await.unwrap_or_default();
            drop(core);
            Ok(is_so.into())
        })
    }
}

/// What somebody waits for.
enum Wanted {
    AllEnded,
    Idle,
    Room(f64),
}

struct Waiting {
    wanted: Wanted,
    /// When the wait is over, in microseconds of the monotonic clock.
    until: i64,
    told: Sender<bool>,
}

#[derive(Default)]
pub(super) struct Waits(Vec<Waiting>);

impl Waits {
    fn add(&mut self, wanted: Wanted, until: i64) -> Receiver<bool> {
        let (told, answer) = oneshot::channel();
        self.0.push(Waiting { wanted, until, told });
        answer
    }

    /// When the first of them is over.
    pub(super) fn until(&self) -> Option<i64> {
        self.0.iter().map(|waiting| waiting.until).min().filter(|&until| until != i64::MAX)
    }

    /// Whether one of them has what it waits for.
    pub(super) fn has_some_for(&self, engine: &Engine) -> bool {
        self.0.iter().any(|waiting| waiting.wanted.is_so(engine))
    }

    /// Tells those who have what they wait for, and those whose time is over.
    pub(super) fn serve(&mut self, engine: &Engine, mono: i64) {
        for waiting in self.0.extract_if(.., |waiting| waiting.until <= mono || waiting.wanted.is_so(engine)) {
            let is_so = waiting.wanted.is_so(engine);
            let _ = waiting.told.send(is_so); // who waited may be gone
        }
    }
}

impl Wanted {
    fn is_so(&self, engine: &Engine) -> bool {
        match self {
            Self::AllEnded => engine.counts().live() == 0,
            Self::Idle => engine.is_idle(),
            Self::Room(below) => (engine.counts().pending as f64) < *below,
        }
    }
}
