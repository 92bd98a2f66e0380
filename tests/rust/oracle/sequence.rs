//! One random life of a task, checked at every step.

use std::fmt::Write;

use offstage_core::task::{Body, Event, FailureCode, Record, Status, decide, submit};

use super::invariants::{check_history, check_step, ensure};
use super::model::{Model, Question, Reply};
use super::random;
use crate::support::{Rng, id};

const LONGEST: u64 = 64;

/// What the life came to; for the test to see that it tests something.
pub struct Life {
    pub events: Vec<Event>,
    pub record: Record,
    pub refused: usize,
}

/// Lives one life. The error tells what went wrong and all that was done before.
pub fn live(seed: u64) -> Result<Life, String> {
    let mut rng = Rng::new(seed);
    let mut log = String::new();
    steps(&mut rng, &mut log).map_err(|problem| format!("{problem}\n\nwhat was done:\n{log}"))
}

fn steps(rng: &mut Rng, log: &mut String) -> Result<Life, String> {
    let spec = random::spec(rng);
    let mut now = 1_000_000 + rng.below(1_000) as i64;
    let _ = writeln!(log, "{now} submit {spec:?}");
    let mut model = Model::new(&spec, now);
    let (mut record, first) = submit(spec, id(), now).map_err(|error| error.to_string())?;
    let mut life = Life { events: vec![first], record: record.clone(), refused: 0 };
    compare(&model, &record)?;
    for _ in 0..rng.below(LONGEST) {
        // After the end little can happen: a few more tries, then another life.
        if record.status.is_terminal() && record.hold.is_none() && rng.chance(15) {
            break;
        }
        now += random::clock_step(rng);
        let command = random::command(rng, &record, now);
        let _ = write!(log, "{now} {command:?}");
        let before = record.clone();
        let reply = match decide(&record, command.clone(), now) {
            Ok(events) => {
                events.iter().for_each(|event| record.apply(event));
                check_step(&before, &events, &record)?;
                let kinds = events.iter().map(|event| event.body.kind()).collect();
                life.events.extend(events);
                Reply::Happened(kinds)
            }
            Err(error) => {
                ensure(error.is_conflict(), || format!("refused with {}: {error}", error.code()))?;
                life.refused += 1;
                Reply::Refused
            }
        };
        let _ = writeln!(log, " -> {reply:?}");
        let expected = model.put(&command, now);
        ensure(reply == expected, || format!("the oracle says {expected:?}, decide says {reply:?}"))?;
        compare(&model, &record)?;
        if rng.chance(25) {
            record = crash_and_reload(&record)?;
        }
        if rng.chance(5) {
            replay(&life.events, &record)?;
        }
    }
    check_history(&life.events)?;
    replay(&life.events, &record)?;
    life.record = record;
    Ok(life)
}

/// Everything that the oracle keeps must be in the record, and the same.
fn compare(model: &Model, record: &Record) -> Result<(), String> {
    same("status", &model.status, &record.status)?;
    same("resume", &model.answered, &record.resume)?;
    same("attempt", &model.attempt, &record.attempt)?;
    same("uncounted", &model.free_attempts, &record.uncounted)?;
    same("max_attempts", &model.most_attempts, &record.max_attempts)?;
    same("epoch", &model.epoch, &record.epoch)?;
    let hold = record.hold.as_ref().map(|hold| (hold.worker.clone(), hold.attempt, hold.epoch));
    same("hold", &model.code, &hold)?;
    same("run_at", &model.not_before, &record.run_at)?;
    same("started_at", &model.first_start, &record.started_at)?;
    same("completed_at", &model.ended, &record.completed_at)?;
    same("stopped_at", &model.stopped, &record.stopped_at)?;
    same("deadline_at", &model.deadline, &record.deadline_at)?;
    same("error", &model.failed_with, &record.error.as_ref().map(|error| error.code))?;
    same("requests", &model.questions, &questions(record))?;
    same("progress", &model.progress, &record.progress)?;
    same("abandoned", &model.given_up, &record.abandoned)?;
    same("recovered", &model.recovered, &record.recovered)?;
    same("code", &model.knows, &(record.version.clone(), record.digest.clone()))?;
    let held = record.held.as_ref().map(|other| (other.version.clone(), other.digest.clone()));
    same("held", &model.held, &held)?;
    same("the column held", &model.held.is_some(), &record.columns().held)?;
    same("code_changed", &model.went_on_with_other_code, &record.code_changed)?;
    same("due_at", &model.due_at(), &record.columns().due_at)
}

fn questions(record: &Record) -> Vec<Question> {
    let question = |(key, request): (&str, &offstage_core::task::Request)| Question {
        key: key.to_owned(),
        expires: request.expires_at,
        answered: !request.is_open(),
    };
    record.requests.iter().map(question).collect()
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, model: &T, record: &T) -> Result<(), String> {
    ensure(model == record, || format!("{what}: the oracle has {model:?}, the record {record:?}"))
}

/// The process dies and another one reads what was stored.
fn crash_and_reload(record: &Record) -> Result<Record, String> {
    let text = record.to_json();
    let read = Record::parse(&text).map_err(|error| error.to_string())?;
    ensure(read == *record, || format!("another record after reload: {read:?}, was {record:?}"))?;
    let others = serde_json::from_str::<Record>(&text).map_err(|error| error.to_string())?;
    ensure(others == read, || format!("serde_json reads {others:?} out of {text}"))?;
    Ok(read)
}

/// The stored events alone give the same record.
fn replay(events: &[Event], record: &Record) -> Result<(), String> {
    let reread = |event: &Event| {
        let body = Body::parse(event.body.kind(), &event.body.data())?;
        Ok(Event { seq: event.seq, at: event.at, body })
    };
    let read: Result<Vec<_>, offstage_core::error::Error> = events.iter().map(reread).collect();
    let replayed = Record::replay(&read.map_err(|error| error.to_string())?);
    ensure(replayed.as_ref() == Some(record), || format!("the events give {replayed:?}, not {record:?}"))
}

/// What of all that can happen did happen.
#[derive(Default)]
pub struct Coverage {
    kinds: Vec<&'static str>,
    endings: Vec<(Status, Option<FailureCode>)>,
    pub refused: usize,
    pub commands: usize,
}

impl Coverage {
    pub fn add(&mut self, life: &Life) {
        for event in &life.events {
            if !self.kinds.contains(&event.body.kind()) {
                self.kinds.push(event.body.kind());
            }
        }
        let ending = (life.record.status, life.record.error.as_ref().map(|error| error.code));
        if !self.endings.contains(&ending) {
            self.endings.push(ending);
        }
        self.refused += life.refused;
        self.commands += life.events.len();
    }

    /// All 22 kinds of events, 5 endings without an error, and 6 with each error.
    pub fn is_full(&self) -> bool {
        self.kinds.len() == 22 && self.endings.len() == 12
    }

    pub fn seen(&self) -> String {
        format!("{:?}, {:?}", self.kinds, self.endings)
    }
}
