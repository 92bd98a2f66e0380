use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::refusal;
use super::stored::moment;
use super::task::{begun, changed, decided};
use crate::error::Error;
use crate::task::Record;

/// Records of tasks that run here, each in a slot that the caller has chosen.
///
/// 1. What stands in a slot is what was decided last: whoever does not store that calls `forget`.
/// 2. A slot is empty again when nobody holds its task any more, or the task is terminal.
#[wasm_bindgen]
#[derive(Default)]
pub struct Records {
    slots: Vec<Option<Record>>,
}

#[wasm_bindgen]
impl Records {
    /// Holds none.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`decide`](super::decide); what becomes of the record is held in that slot.
    pub fn decide(&mut self, slot: usize, record: &str, command: &str, now: f64, random: f64) -> Result<String, Error> {
        let mut record = Record::parse(record)?;
        let events = changed(&mut record, command, moment("now", now)?, random)?;
        let text = decided(&record, &events);
        self.put(slot, record);
        Ok(text)
    }

    /// Puts a list of commands to the records of their slots, one after the other, each judged by itself: a refused one leaves its
    /// record as it was.
    ///
    /// `asked`: for each its slot, the id of its task, a whole number below 2^32 for the wait before a retry, and the JSON
    /// of the command, with a NUL behind each. Answered with a JSON array (null: that slot does not hold that task; what is
    /// thrown elsewhere, in `refused`), and behind it what is decided, in the same order.
    pub fn batch(&mut self, asked: &str, now: f64) -> Result<String, Error> {
        let now = moment("now", now)?;
        let mut answers = Answers::default();
        let mut parts = asked.split('\0');
        while let (Some(slot), Some(id), Some(chance), Some(command)) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        {
            let slot = whole(slot) as usize;
            let random = f64::from(whole(chance)) / 4_294_967_296.0;
            let Some(record) = self.of(slot, id) else {
                answers.add("null");
                continue;
            };
            match changed(record, command, now, random) {
                Ok(events) => {
                    answers.decided(&decided(record, &events));
                    self.settle(slot);
                }
                Err(error) => answers.refused(&error),
            }
        }
        Ok(answers.text())
    }

    /// Creates tasks that start at once, as [`submit_started`](super::submit_started) does, and holds them. `asked`: for each its
    /// slot, its id and its spec. Answered as `batch`.
    #[wasm_bindgen(js_name = submitStarted)]
    pub fn submit_started(&mut self, asked: &str, now: f64, worker: &str) -> Result<String, Error> {
        let now = moment("now", now)?;
        let mut answers = Answers::default();
        let mut parts = asked.split('\0');
        while let (Some(slot), Some(id), Some(spec)) = (parts.next(), parts.next(), parts.next()) {
            match begun(spec, id, now, worker) {
                Ok((record, text)) => {
                    answers.decided(&text);
                    self.put(whole(slot) as usize, record);
                }
                Err(error) => answers.refused(&error),
            }
        }
        Ok(answers.text())
    }

    /// Empties a slot.
    pub fn forget(&mut self, slot: usize) {
        if let Some(held) = self.slots.get_mut(slot) {
            *held = None;
        }
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    fn of(&mut self, slot: usize, id: &str) -> Option<&mut Record> {
        let record = self.slots.get_mut(slot)?.as_mut()?;
        (record.task_id.as_str() == id).then_some(record)
    }

    fn put(&mut self, slot: usize, record: Record) {
        if self.slots.len() <= slot {
            self.slots.resize_with(slot + 1, || None);
        }
        self.slots[slot] = Some(record);
        self.settle(slot);
    }

    /// Keeps what goes on.
    fn settle(&mut self, slot: usize) {
        let is_over = |record: &Record| record.hold.is_none() || record.status.is_terminal();
        if self.slots[slot].as_ref().is_some_and(is_over) {
            self.slots[slot] = None;
        }
    }
}

/// Answers to a list: JSON of each, and behind it the texts that are stored as they are.
#[derive(Default)]
struct Answers {
    json: String,
    texts: String,
}

impl Answers {
    fn add(&mut self, json: &str) {
        self.json.push(if self.json.is_empty() { '[' } else { ',' });
        self.json.push_str(json);
    }

    /// JSON up to the first NUL, and texts.
    fn decided(&mut self, text: &str) {
        let (json, texts) = text.split_once('\0').unwrap_or((text, ""));
        self.add(json);
        self.texts.push('\0');
        self.texts.push_str(texts);
    }

    fn refused(&mut self, error: &Error) {
        self.add(&format!(r#"{{"refused":{}}}"#, refusal(error)));
    }

    fn text(mut self) -> String {
        self.json.push_str(if self.json.is_empty() { "[]" } else { "]" });
        self.json.push_str(&self.texts);
        self.json
    }
}

/// A number that the caller has written; 0 for what is none.
fn whole(text: &str) -> u32 {
    text.parse().unwrap_or_default()
}
