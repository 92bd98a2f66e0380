use std::iter;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::to_json;
use super::stored::{from_json, moment};
use crate::error::Error;
use crate::id::TaskId;
use crate::rules::retry;
use crate::task::{self, Columns, Command, Event, Record, Spec};
use crate::time::Ms;

/// What became of a task, without the texts that are stored as they are.
#[derive(Serialize)]
struct Decided {
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
}

/// What became of a task, ready to be written: JSON of [`Decided`], the record, and the data of each event, with a NUL
/// between them. JSON text never holds one, so no text has to be escaped into another and back.
fn decided(record: &Record, events: &[Event]) -> String {
    let mut text = to_json(&Decided {
        changed: !events.is_empty(),
        status: record.status.as_str(),
        events: events.iter().map(Row::new).collect(),
        columns: record.columns(),
    });
    let data = events.iter().map(|event| event.body.data());
    for part in iter::once(record.to_json()).chain(data) {
        text.push('\0');
        text.push_str(&part);
    }
    text
}

impl Row {
    fn new(event: &Event) -> Self {
        Self { seq: event.seq, at: event.at, kind: event.body.kind() }
    }
}

/// Creates a task out of a spec.
#[wasm_bindgen]
pub fn submit(spec: &str, id: &str, now: f64) -> Result<String, Error> {
    let spec: Spec = from_json("spec", spec)?;
    let id = TaskId::parse(id, "id")?;
    let (record, event) = task::submit(spec, id, moment("now", now)?)?;
    Ok(decided(&record, &[event]))
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
    Ok(decided(&record, &events))
}
