use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::{from_json, moment, to_json};
use crate::error::Error;
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
pub fn submit(spec: &str, id: &str, now: f64) -> Result<String, Error> {
    let spec: Spec = from_json("spec", spec)?;
    let id = TaskId::parse(id, "id")?;
    let (record, event) = task::submit(spec, id, moment("now", now)?)?;
    Ok(to_json(&Decided::new(&record, &[event])))
}

/// Puts a command to a stored record. `random`, from 0 up to 1, is for the wait before a retry.
#[wasm_bindgen]
pub fn decide(record: &str, command: &str, now: f64, random: f64) -> Result<String, Error> {
    let mut record = Record::parse(record)?;
    let command: Command = from_json("command", command)?;
    let command = retry::with_delay(command, &record, random);
    let events = task::decide(&record, command, moment("now", now)?)?;
    for event in &events {
        record.apply(event);
    }
    Ok(to_json(&Decided::new(&record, &events)))
}
