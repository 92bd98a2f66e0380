use std::iter;

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::to_json;
use super::stored::{from_json, moment};
use crate::error::Error;
use crate::id::TaskId;
use crate::rules::{retention, retry};
use crate::task::{self, Body, Columns, Command, Event, OnLost, Record, Spec};
use crate::time::Ms;

/// What became of a task, without the texts that are stored as they are.
#[derive(Serialize)]
struct Decided {
    changed: bool,
    status: &'static str,
    events: Vec<Row>,
    columns: Columns,
    /// When the record may go if nobody reads its outcome; none: not yet.
    drop_at: Option<Ms>,
}

#[derive(Serialize)]
struct Row {
    seq: u64,
    at: Ms,
    kind: &'static str,
}

/// What became of a task, ready to be written: JSON of [`Decided`], the record, and the data of each event, with a NUL
/// between them. JSON text never holds one, so no text has to be escaped into another and back.
pub(super) fn decided(record: &Record, events: &[Event]) -> String {
    told(record, events, true)
}

/// As [`decided`]; `full`: else the text of the record is empty.
#[inline(never)]
pub(super) fn told(record: &Record, events: &[Event], full: bool) -> String {
    let mut text = to_json(&Decided {
        changed: !events.is_empty(),
        status: record.status.as_str(),
        events: events.iter().map(Row::new).collect(),
        columns: record.columns(),
        drop_at: retention::drop_at(record, None),
    });
    let stored = if full { record.to_json() } else { String::new() };
    let data = events.iter().map(data);
    for part in iter::once(stored).chain(data) {
        text.push('\0');
        text.push_str(&part);
    }
    text
}

/// An event's data as it is stored.
fn data(event: &Event) -> String {
    match &event.body {
        Body::Submitted(record) => to_json(&First::new(record)),
        body => body.data(),
    }
}

/// What the first event tells of the first record: the rest stands in the record, or is nobody's business.
#[derive(Serialize)]
struct First<'a> {
    name: &'a str,
    recipe: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<&'a TaskId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    priority: Option<i32>,
    max_attempts: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    on_lost: Option<OnLost>,
    #[serde(skip_serializing_if = "Option::is_none")]
    run_at: Option<Ms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_ms: Option<Ms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ttl_ms: Option<Ms>,
    #[serde(skip_serializing_if = "Option::is_none")]
    idempotency_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    retried_from: Option<&'a TaskId>,
}

impl<'a> First<'a> {
    fn new(record: &'a Record) -> Self {
        Self {
            name: &record.name,
            recipe: &record.recipe,
            session_id: record.session_id.as_deref(),
            parent_id: record.parent_id.as_ref(),
            priority: Some(record.priority).filter(|&priority| priority != 0),
            max_attempts: record.max_attempts,
            on_lost: Some(record.on_lost).filter(|&on_lost| on_lost != OnLost::default()),
            run_at: record.run_at,
            timeout_ms: record.timeout_ms,
            ttl_ms: record.ttl_ms,
            idempotency_key: record.idempotency_key.as_deref(),
            retried_from: record.retried_from.as_ref(),
        }
    }
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

/// Creates a task that `worker` starts at once: its record, and what became of it; behind that stands the record as it was created
/// where that is wanted (`full`), else an empty text.
pub(super) fn begun(spec: &str, id: &str, now: Ms, worker: &str, full: bool) -> Result<(Record, String), Error> {
    let spec: Spec = from_json("spec", spec)?;
    let id = TaskId::parse(id, "id")?;
    let (mut record, submitted) = task::submit(spec, id, now)?;
    let created = if full { record.to_json() } else { String::new() };
    let mut events = put(&mut record, Command::Start { worker: worker.to_owned(), digest: None }, now)?;
    events.insert(0, submitted);
    let mut text = decided(&record, &events);
    text.push('\0');
    text.push_str(&created);
    Ok((record, text))
}

/// Puts a command to a stored record. `random`, from 0 up to 1, is for the wait before a retry.
#[wasm_bindgen]
pub fn decide(record: &str, command: &str, now: f64, random: f64) -> Result<String, Error> {
    let mut record = Record::parse(record)?;
    let events = changed(&mut record, command, moment("now", now)?, random)?;
    Ok(decided(&record, &events))
}

/// Puts a command, as JSON, to a record, which is as it was when it is refused.
#[inline(never)]
pub(super) fn changed(record: &mut Record, command: &str, now: Ms, random: f64) -> Result<Vec<Event>, Error> {
    let command: Command = from_json("command", command)?;
    let command = retry::with_delay(command, record, random);
    put(record, command, now)
}

#[inline(never)]
fn put(record: &mut Record, command: Command, now: Ms) -> Result<Vec<Event>, Error> {
    let events = task::decide(record, command, now)?;
    for event in &events {
        record.apply(event);
    }
    Ok(events)
}
