use js_sys::Promise;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::future_to_promise;

use super::bound::Runner;
use super::waits::Wanted;

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

    /// Has JavaScript told when so many milliseconds are over that somebody waits for a task, by that number; answers with the
    /// moment.
    #[wasm_bindgen(js_name = tellAfter)]
    pub fn tell_after(&self, id: u32, ms: f64, mono: f64) -> f64 {
        self.change(mono, |state, now, link| {
            let until = now.mono.saturating_add((ms * 1_000.0) as i64);
            state.times.add(id, until);
            link.tell();
            until as f64
        })
    }

    /// Nobody waits any more until that moment.
    #[wasm_bindgen(js_name = tellNot)]
    pub fn tell_not(&self, id: u32, until: f64) {
        self.core.state.borrow_mut().times.remove(id, until as i64);
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
