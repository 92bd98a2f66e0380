use serde::Serialize;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{from_js, moment, thrown, to_js};
use crate::id::TaskId;
use crate::rules::retry;
use crate::task::{self, Columns, Command, Event, Record, Spec};
use crate::time::Ms;

/// What became of a task, ready to be written.
#[derive(Serialize)]
struct Decided {
    record: String,
    changed: bool,
    status: &'static str,
    events: Vec<Row>,
    columns: Columns,
}

#[derive(Serialize)]
struct Row {
    seq: u64,
    at: Ms,
    kind: &'static str,
    data: String,
}

impl Decided {
    fn new(record: &Record, events: &[Event]) -> Self {
        Self {
            record: record.to_json(),
            changed: !events.is_empty(),
            status: record.status.as_str(),
            events: events.iter().map(Row::new).collect(),
            columns: record.columns(),
        }
    }
}

impl Row {
    fn new(event: &Event) -> Self {
        Self { seq: event.seq, at: event.at, kind: event.body.kind(), data: event.body.data() }
    }
}

/// Creates a task out of a spec.
#[wasm_bindgen]
pub fn submit(spec: JsValue, id: &str, now: f64) -> Result<JsValue, JsValue> {
    let spec: Spec = from_js("spec", spec)?;
    let id = TaskId::parse(id, "id").map_err(thrown)?;
    let (record, event) = task::submit(spec, id, moment("now", now)?).map_err(thrown)?;
    to_js(&Decided::new(&record, &[event]))
}

/// Puts a command to a stored record. `random`, from 0 up to 1, is for the wait before a retry.
#[wasm_bindgen]
pub fn decide(record: &str, command: JsValue, now: f64, random: f64) -> Result<JsValue, JsValue> {
    let mut record = Record::parse(record).map_err(thrown)?;
    let command: Command = from_js("command", command)?;
    let command = retry::with_delay(command, &record, random);
    let events = task::decide(&record, command, moment("now", now)?).map_err(thrown)?;
    for event in &events {
        record.apply(event);
    }
    to_js(&Decided::new(&record, &events))
}
