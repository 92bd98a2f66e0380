use wasm_bindgen::prelude::wasm_bindgen;

use super::convert::refusal;
use super::stored::moment;
use super::task::{begun, changed, decided, told};
use crate::error::Error;
use crate::task::Record;
use crate::time::Ms;

/// So many bytes of texts are answered at once, and those of one more decision: the memory of a wasm that has grown stays so.
const MOST_AT_ONCE: usize = 1024 * 1024;

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

    /// Does what is asked for, one after the other, each judged by itself: what is refused leaves its record as it was.
    ///
    /// `asked`: for each the slot, the id of the task, a whole number below 2^32 for the wait before a retry and the JSON of a
    /// command, with a NUL behind each. With `-` for the number the record's text is not wanted, and empty. Without the number the
    /// JSON is the spec of a task to create, which `worker` starts at once; with `=` its record as it was created is not wanted.
    ///
    /// Answered with a JSON array (null: that slot does not hold that task; what is thrown elsewhere, in `refused`), and behind it
    /// the texts of all that is decided, in the same order; of a new task its record as it was created comes last. What has no
    /// answer was not done, since the texts have become too long; the first always has one.
    pub fn batch(&mut self, asked: &str, now: f64, worker: &str) -> Result<String, Error> {
        let now = moment("now", now)?;
        let mut answers = Answers::default();
        let mut parts = asked.split('\0');
        while answers.texts.len() < MOST_AT_ONCE
            && let (Some(slot), Some(id), Some(chance), Some(json)) =
                (parts.next(), parts.next(), parts.next(), parts.next())
        {
            let slot = whole(slot) as usize;
            answers.add(match chance {
                "" | "=" => self.begin(slot, id, json, now, worker, chance.is_empty()).map(Some),
                _ => self.change(slot, id, json, now, chance),
            });
        }
        Ok(answers.text())
    }

    /// Empties a slot.
    pub fn forget(&mut self, slot: usize) {
        if let Some(held) = self.slots.get_mut(slot) {
            *held = None;
        }
    }

    fn begin(&mut self, slot: usize, id: &str, spec: &str, now: Ms, worker: &str, full: bool) -> Result<String, Error> {
        let (record, text) = begun(spec, id, now, worker, full)?;
        self.put(slot, record);
        Ok(text)
    }

    /// None where the slot does not hold that task.
    fn change(&mut self, slot: usize, id: &str, command: &str, now: Ms, chance: &str) -> Result<Option<String>, Error> {
        let held = self.slots.get_mut(slot).and_then(Option::as_mut);
        let Some(record) = held.filter(|record| record.task_id.as_str() == id) else {
            return Ok(None);
        };
        let events = changed(record, command, now, f64::from(whole(chance)) / 4_294_967_296.0)?;
        let text = told(record, &events, chance != "-");
        self.settle(slot);
        Ok(Some(text))
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
            self.forget(slot);
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
    fn add(&mut self, answer: Result<Option<String>, Error>) {
        self.json.push(if self.json.is_empty() { '[' } else { ',' });
        match answer {
            Ok(None) => self.json.push_str("null"),
            Ok(Some(text)) => {
                // JSON up to the first NUL, and texts.
                let (json, texts) = text.split_at_checked(text.find('\0').unwrap_or(text.len())).unwrap_or_default();
                self.json.push_str(json);
                self.texts.push_str(texts);
            }
            Err(error) => {
                self.json.push_str("{\"refused\":");
                self.json.push_str(&refusal(&error));
                self.json.push('}');
            }
        }
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
