//! What JavaScript asks for.

use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::bound::Runner;
use super::state::State;
use super::words::code;
use crate::engine::{Key, Noted, Plain, Stage};
use crate::error::Error;
use crate::rules::attention::{Facts, Owner, attention};
use crate::rules::duration::duration;
use crate::task::{Event, Record};
use crate::time::Ms;
use crate::wasm::convert::to_json;

#[wasm_bindgen]
impl Runner {
    /// The id of the task with that number, whether or not it was dropped.
    pub fn id(&self, order: f64) -> String {
        self.core.state.borrow().engine.id(Key { order: order as u64, slot: 0 }).to_string()
    }

    /// The number of the task in that entry; 0: there is none.
    pub fn order(&self, slot: u32) -> f64 {
        self.core.state.borrow().engine.key_in(slot).map_or(0.0, |key| key.order as f64)
    }

    /// The status of the task in that entry, as a number; -1: there is none.
    pub fn status(&self, slot: u32) -> f64 {
        let engine = &self.core.state.borrow().engine;
        engine.key_in(slot).and_then(|key| engine.status(key)).map_or(-1.0, code)
    }

    /// The record and what a reader derives from it, as two JSON texts with a NUL between them.
    pub fn record(&self, slot: u32, mono: f64) -> Option<String> {
        self.change(mono, |state, now, _| {
            let record = state.engine.key_in(slot).and_then(|key| state.engine.record(key))?;
            Some(state.record_text(&record, now.wall))
        })
    }

    /// The same for a plain task that was dropped, out of the words that were told then.
    #[allow(clippy::too_many_arguments)] // words are cheaper than an object
    #[wasm_bindgen(js_name = droppedRecord)]
    pub fn dropped_record(
        &self,
        order: f64,
        name: &str,
        completed: bool,
        priority: i32,
        timeout_ms: f64,
        created_at: f64,
        started_at: f64,
        ended_at: f64,
    ) -> Result<String, Error> {
        let timeout_ms = (timeout_ms > 0.0).then_some(timeout_ms as Ms);
        let noted = Noted {
            plain: Plain { name: name.into(), priority, timeout_ms },
            stage: if completed { Stage::Completed } else { Stage::Cancelled },
            created_at: created_at as Ms,
            started_at: started_at as Ms,
            ended_at: ended_at as Ms,
        };
        let state = self.core.state.borrow();
        let record = state.engine.record_of(Key { order: order as u64, slot: 0 }, &noted)?;
        Ok(state.record_text(&record, record.updated_at))
    }

    /// What happened to a task after that `seq`, as JSON texts with a NUL between them.
    pub fn events(&self, slot: u32, after: f64) -> String {
        let engine = &self.core.state.borrow().engine;
        let events = engine.key_in(slot).map(|key| engine.events(key, after as u64));
        let texts: Vec<String> = events.iter().flatten().map(|event| event_text(event)).collect();
        texts.join("\0")
    }

    /// The entries of the live tasks, or of the ended ones, or of all, in the order of creation.
    pub fn slots(&self, live: bool, ended: bool) -> Vec<u32> {
        let keys = self.core.state.borrow().engine.keys_where(|status| if status.is_terminal() { ended } else { live });
        keys.into_iter().map(|key| key.slot).collect()
    }

    /// How many tasks there are and were, as an object.
    pub fn counts(&self) -> JsValue {
        // A struct of numbers: this cannot fail.
        serde_wasm_bindgen::to_value(&self.core.state.borrow().engine.counts()).unwrap_or_default()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    attention: crate::rules::attention::TaskStatus,
    duration: Option<f64>,
    drop_at: Option<Ms>,
}

#[derive(Serialize)]
struct Row {
    seq: u64,
    at: Ms,
    kind: &'static str,
}

impl State {
    pub(super) fn record_text(&self, record: &Record, now: Ms) -> String {
        let facts = Facts { owner: Owner::Alive, runnable: true, ..Facts::default() };
        let attention = attention(record, &facts, now);
        let duration = duration(record, now);
        let view = View { attention, duration, drop_at: self.engine.drop_at(record) };
        format!("{}\0{}", record.to_json(), to_json(&view))
    }
}

/// The event's numbers, then its data.
pub(super) fn event_text(event: &Event) -> String {
    let row = Row { seq: event.seq, at: event.at, kind: event.body.kind() };
    format!("{}\u{1}{}", to_json(&row), event.body.data())
}
