//! An engine, and the driver that knows its tasks by their numbers.

use std::collections::BTreeMap;
use std::sync::Arc;

use offstage_core::engine::{Dropped, Effect, Engine, Key, Now, Options, Plain, Submission};
use offstage_core::error::Error;
use offstage_core::task::{BackoffSpec, Command, Event, Failure, FailureCode, Record, Run, Spec};

use super::act::{Act, Deed, Full, Outcome};

pub const SEED: [u8; 16] = [9; 16];

pub struct World {
    pub engine: Engine,
    pub keys: Vec<Key>,
    pub numbers: BTreeMap<Key, usize>,
    /// The events that effects told of.
    pub told: Vec<Vec<Arc<Event>>>,
    /// Those of the last act, in their order.
    pub fresh: Vec<(usize, Arc<Event>)>,
    /// What was dropped, as it was then.
    pub dropped: BTreeMap<usize, Record>,
}

impl World {
    pub fn new(options: &Options, observed: bool) -> Self {
        let mut engine = Engine::new(options.clone(), SEED).unwrap();
        engine.observe(observed);
        let (keys, numbers, told) = (Vec::new(), BTreeMap::new(), Vec::new());
        Self { engine, keys, numbers, told, fresh: Vec::new(), dropped: BTreeMap::new() }
    }

    pub fn perform(&mut self, act: &Act, now: Now) -> (Outcome, Vec<Deed>) {
        self.fresh.clear();
        let outcome = self.put(act, now).unwrap_or_else(|error| Outcome::Refused(error.code()));
        (outcome, self.take())
    }

    fn put(&mut self, act: &Act, now: Now) -> Result<Outcome, Error> {
        let engine = &mut self.engine;
        Ok(match *act {
            Act::Plain { priority, timeout } => {
                let plain = Plain { priority, timeout_ms: timeout, ..Plain::new("t") };
                let key = engine.submit_plain(plain, now)?;
                Outcome::New(self.know(key))
            }
            Act::Full(ref full) => {
                let submitted = engine.submit(submission(full, &self.keys), now)?;
                match submitted.deduplicated {
                    true => Outcome::Known(self.numbers[&submitted.key]),
                    false => Outcome::New(self.know(submitted.key)),
                }
            }
            Act::Next => {
                let (expected, effects) = (engine.has_next(), engine.effects());
                let started = engine.next(now);
                let nothing = started.is_none() && engine.effects() == effects;
                assert!(expected || nothing, "an engine without a next one starts nothing and gives nothing back");
                match started {
                    Some(started) => {
                        let task = self.numbers[&started.key];
                        Outcome::Started { task, run: started.run, resume: started.resume }
                    }
                    None => Outcome::Nothing,
                }
            }
            Act::Succeed(task, run) => engine.succeed(self.keys[task], run, now).map(|()| Outcome::Done)?,
            Act::Fail { task, run, retryable } => {
                let (code, name, message) = (FailureCode::Failed, "E".into(), "m".into());
                let error = Failure { code, name, message, retryable, details: None };
                engine.fail(self.keys[task], run, error, now).map(|()| Outcome::Done)?
            }
            Act::Stopped(task, run) => engine.stopped(self.keys[task], run, now).map(|()| Outcome::Done)?,
            Act::Progress(task, Run { attempt, epoch }) => {
                let progress = Command::Progress { attempt, epoch, fraction: 0.5, message: None, data: None };
                Outcome::Changed(engine.tell(self.keys[task], progress, now)?)
            }
            Act::Ask { task, run: Run { attempt, epoch }, key, expires_at } => {
                let (key, message) = (key.into(), "?".into());
                let ask = Command::Ask { attempt, epoch, key, message, schema: None, expires_at };
                Outcome::Changed(engine.tell(self.keys[task], ask, now)?)
            }
            Act::Answer { task, key, action } => {
                let answer = Command::Answer { key: key.into(), action, content: None };
                Outcome::Changed(engine.tell(self.keys[task], answer, now)?)
            }
            Act::Cancel { task, reason } => {
                Outcome::Changed(engine.cancel(self.keys[task], reason.then(|| "because".into()), now))
            }
            Act::CancelAll => Outcome::Count(engine.cancel_all(None, now)),
            Act::Lend(task) => Outcome::Changed(engine.lend(self.keys[task])?),
            Act::Drop(task) => Outcome::Changed(engine.drop(self.keys[task])),
            ref other => {
                self.put_quietly(other, now);
                Outcome::Done
            }
        })
    }

    /// What has no answer.
    fn put_quietly(&mut self, act: &Act, now: Now) {
        match *act {
            Act::Reclaim(task) => self.engine.reclaim(self.keys[task]),
            Act::Pause => self.engine.pause(),
            Act::Resume => self.engine.resume(),
            Act::Limit(limit) => self.engine.set_limit(limit),
            Act::Stop { drain } => self.engine.stop(drain, now),
            Act::Clock { tick: true, .. } => self.engine.tick(now),
            _ => {}
        }
    }

    fn know(&mut self, key: Key) -> usize {
        let task = self.keys.len();
        assert!(self.numbers.insert(key, task).is_none(), "{key:?} was another task's");
        self.keys.push(key);
        self.told.push(Vec::new());
        task
    }

    fn take(&mut self) -> Vec<Deed> {
        let mut deeds = Vec::new();
        while let Some(effect) = self.engine.take_effect() {
            let number = |key: Key| *self.numbers.get(&key).expect("a known task");
            deeds.push(match effect {
                Effect::Abort { key, why } => Deed::Abort(number(key), why),
                Effect::Ended { key, status, stopped } => Deed::Ended(number(key), status, stopped),
                Effect::Stopped { key, abandoned } => Deed::Stopped(number(key), abandoned),
                Effect::Restored { key } => Deed::Restored(number(key)),
                Effect::Dropped { key, task } => {
                    let record = match task {
                        Dropped::Noted(noted) => self.engine.record_of(key, &noted).expect("a good name"),
                        Dropped::Record(record) => *record,
                    };
                    let task = number(key);
                    self.dropped.insert(task, record.clone());
                    Deed::Dropped(task, Box::new(record))
                }
                Effect::Event { key, event } => {
                    let task = number(key);
                    self.told[task].push(event.clone());
                    self.fresh.push((task, event));
                    continue;
                }
            });
        }
        deeds
    }

    /// The record, also of a dropped task.
    pub fn record(&self, task: usize) -> Record {
        self.engine.record(self.keys[task]).unwrap_or_else(|| self.dropped[&task].clone())
    }
}

fn submission(full: &Full, keys: &[Key]) -> Submission {
    let backoff =
        BackoffSpec { initial: Some(full.backoff_initial), jitter: Some(0.5), max: Some(5.0), ..Default::default() };
    Submission {
        spec: Spec {
            priority: Some(full.priority),
            recipe: full.recipe.into(),
            session_id: full.session.map(Into::into),
            idempotency_key: full.idempotency_key.map(Into::into),
            retries: full.retries,
            backoff: Some(backoff),
            delay_ms: full.delay,
            run_at: full.run_at,
            ttl_ms: full.ttl,
            timeout_ms: full.timeout,
            kill_grace_ms: full.grace,
            ..Spec::new("t")
        },
        on_conflict: full.on_conflict,
        parent: full.parent.map(|parent| keys[parent]),
        keyed: full.keyed,
        fingerprint: full.idempotency_key.map(|_| full.input.into()),
    }
}
