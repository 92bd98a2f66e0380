//! Effects as words.

use wasm_bindgen::prelude::wasm_bindgen;

use super::bound::Runner;
use super::link::Link;
use super::read::event_text;
use super::state::State;
use super::words::{
    ABORT, CAPACITY, DROPPED, DROPPED_RECORD, ENDED, EVENT, HEAD, KEEP, OVER, RESTORED, START, STOPPED, buffer, code,
    flag, reason,
};
use crate::engine::{Dropped, Effect, Noted, Now, Stage, Started};

#[wasm_bindgen]
impl Runner {
    /// Where the words of every runner are: to be copied before any of them is called again.
    pub fn words() -> *const f64 {
        buffer()
    }

    /// How many words may be there.
    pub fn capacity() -> usize {
        CAPACITY
    }

    /// Writes what is to be done; answers how many words are there, those at the head included.
    ///
    /// The head says whether [`next`](Self::next) has something to do. What does not fit is written by the next call.
    pub fn take(&self, mono: f64) -> usize {
        self.change(mono, |state, now, link| state.report(None, now, link))
    }

    /// The function that was started has not ended at once: starts the next task, if there is one and a slot, unless others are
    /// to have their turn first; answers as [`take`](Self::take).
    pub fn next(&self, mono: f64) -> usize {
        self.change(mono, State::go_on)
    }

    /// Takes the texts that belong to the words, in their order, with two NULs between them: JSON holds none.
    pub fn texts(&self) -> String {
        self.core.state.borrow_mut().words.texts.drain(..).collect::<Vec<_>>().join("\0\0")
    }
}

impl State {
    /// Effects, then a start.
    pub(super) fn report(&mut self, started: Option<Started>, now: Now, link: &Link) -> usize {
        self.words.used = HEAD;
        while self.words.has_room()
            && let Some(effect) = self.engine.take_effect()
        {
            self.put(effect);
        }
        while self.words.has_room()
            && let Some(id) = self.times.take_over(now.mono)
        {
            self.words.put([OVER, id.into()]);
        }
        if let Some(Started { key, run, resume }) = started {
            self.words.put([START, key.slot.into(), run.attempt.into(), run.epoch as f64, flag(resume)]);
        }
        self.keep(link);
        let more = self.has_more();
        self.call_driver(more, now, link);
        self.words.put_head(more);
        self.words.used
    }

    /// Says whether there is something to do, so that the runner must not go, and whether the timer keeps the process.
    fn keep(&mut self, link: &Link) {
        let busy = !self.engine.is_idle();
        let kept = (busy, busy && self.holds);
        if link.kept.replace(kept) != kept {
            self.words.put([KEEP, flag(kept.0), flag(kept.1)]);
        }
    }

    fn put(&mut self, effect: Effect) {
        match effect {
            Effect::Abort { key, why } => self.words.put([ABORT, key.slot.into(), reason(why)]),
            Effect::Ended { key, status, stopped } => {
                self.words.put([ENDED, key.slot.into(), code(status), flag(stopped)]);
            }
            Effect::Stopped { key, abandoned } => self.words.put([STOPPED, key.slot.into(), flag(abandoned)]),
            Effect::Restored { key } => self.words.put([RESTORED, key.slot.into()]),
            Effect::Dropped { key, task: Dropped::Noted(noted) } => self.put_noted(key.slot, &noted),
            Effect::Dropped { key, task: Dropped::Record(record) } => {
                let text = self.record_text(&record, record.updated_at);
                self.words.texts.push(text);
                self.words.put([DROPPED_RECORD, key.slot.into()]);
            }
            Effect::Event { key, event } => {
                self.words.texts.push(event_text(&event));
                self.words.put([EVENT, key.slot.into()]);
            }
        }
    }

    fn put_noted(&mut self, slot: u32, noted: &Noted) {
        let Noted { plain, stage, created_at, started_at, ended_at } = noted;
        let priority = plain.priority.into();
        let timeout = plain.timeout_ms.unwrap_or_default() as f64;
        let completed = flag(*stage == Stage::Completed);
        let times = [*created_at as f64, *started_at as f64, *ended_at as f64];
        self.words.put([DROPPED, slot.into(), completed, priority, timeout, times[0], times[1], times[2]]);
    }
}
