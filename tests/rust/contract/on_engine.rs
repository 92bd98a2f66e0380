//! The rules as the engine has them: a driver without work, whose clocks are numbers.

use std::collections::{BTreeMap, BTreeSet};

use offstage_core::engine::{Counts, Effect, Engine, Key, Now, Submission, Why};
use offstage_core::error::Error;
use offstage_core::task::{Action, Command, Failure, FailureCode, Record, Run, Status};

use super::convert;
use super::scenario::{Options, Spec};
use super::subject::{Seen, Subject};

/// Where wall time begins.
const EPOCH: i64 = 1_767_225_600_000;

pub struct OnEngine {
    engine: Engine,
    now: Now,
    keys: BTreeMap<String, Key>,
    names: BTreeMap<Key, String>,
    runs: BTreeMap<Key, Run>,
    /// Child to the parents that await it.
    awaited: BTreeMap<Key, Vec<Key>>,
    /// Children of steps: what a runner remembers for its tasks' further attempts.
    children: BTreeMap<(Key, String), Key>,
    /// Those that want their slot back.
    wanting: BTreeSet<Key>,
    seen: Seen,
    limit: usize,
}

impl OnEngine {
    fn key(&self, name: &str) -> Key {
        *self.keys.get(name).unwrap_or_else(|| panic!("no task '{name}' was submitted"))
    }

    fn run(&self, name: &str) -> (Key, Run) {
        let key = self.key(name);
        (key, *self.runs.get(&key).unwrap_or_else(|| panic!("'{name}' never started")))
    }

    fn name(&self, key: Key) -> String {
        self.names.get(&key).cloned().unwrap_or_else(|| format!("{key:?}"))
    }

    /// Does everything that is to be done now.
    fn settle(&mut self) {
        loop {
            while let Some(effect) = self.engine.take_effect() {
                self.perform(effect);
            }
            match self.engine.next(self.now) {
                Some(started) => {
                    let slots = self.engine.counts().slots;
                    assert!(slots <= self.limit, "{slots} slots, the limit is {}", self.limit);
                    self.runs.insert(started.key, started.run);
                    if started.resume {
                        self.notice(started.key, "goes on");
                    }
                }
                None if self.engine.effects() == 0 => return,
                None => {}
            }
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Event { key, event } => {
                let line = format!("{} {}", self.name(key), event.body.kind());
                self.seen.events.push(line);
            }
            Effect::Abort { key, why } => {
                let why = match why {
                    Why::Cancelled => "cancelled",
                    Why::TimedOut => "timeout",
                    Why::InputExpired => "input_expired",
                };
                self.notice(key, &format!("aborted {why}"));
            }
            Effect::Restored { key } => {
                assert!(self.wanting.remove(&key), "{} did not want its slot back", self.name(key));
                self.notice(key, "goes on");
            }
            Effect::Ended { key, .. } => {
                for parent in self.awaited.remove(&key).unwrap_or_default() {
                    self.wanting.insert(parent);
                    self.engine.reclaim(parent);
                }
            }
            Effect::Stopped { .. } | Effect::Dropped { .. } => {}
        }
    }

    fn notice(&mut self, key: Key, what: &str) {
        let line = format!("{} {what}", self.name(key));
        self.seen.work.push(line);
    }
}

impl Subject for OnEngine {
    fn new(options: &Options) -> Self {
        let options = convert::options(options);
        let limit = options.limit;
        let mut engine = Engine::new(options, [1; 16]).unwrap();
        engine.observe(true);
        Self {
            engine,
            now: Now { wall: EPOCH, mono: 0 },
            keys: BTreeMap::new(),
            names: BTreeMap::new(),
            runs: BTreeMap::new(),
            awaited: BTreeMap::new(),
            children: BTreeMap::new(),
            wanting: BTreeSet::new(),
            seen: Seen::default(),
            limit,
        }
    }

    fn submit(
        &mut self,
        name: &str,
        spec: &Spec,
        parent: Option<&str>,
        key: Option<&str>,
    ) -> Result<Option<String>, Error> {
        let step = parent.zip(key).map(|(parent, key)| (self.key(parent), key.to_owned()));
        let failed = |child: &Key| matches!(self.engine.status(*child), Some(Status::Failed | Status::Cancelled));
        if let Some(child) = step.as_ref().and_then(|step| self.children.get(step)).filter(|child| !failed(child)) {
            return Ok(Some(self.name(*child)));
        }
        let submission = Submission {
            parent: parent.map(|parent| self.key(parent)),
            keyed: key.is_some(),
            ..convert::submission(spec, name, EPOCH)
        };
        let submitted = self.engine.submit(submission, self.now)?;
        if submitted.deduplicated {
            return Ok(Some(self.name(submitted.key)));
        }
        assert!(self.keys.insert(name.to_owned(), submitted.key).is_none(), "two tasks '{name}'");
        self.names.insert(submitted.key, name.to_owned());
        step.map(|step| self.children.insert(step, submitted.key));
        self.settle();
        Ok(None)
    }

    fn succeed(&mut self, name: &str) {
        let (key, run) = self.run(name);
        self.engine.succeed(key, run, self.now).expect("the execution is known");
        self.settle();
    }

    fn fail(&mut self, name: &str, message: &str, retryable: bool) {
        let (key, run) = self.run(name);
        let (code, message) = (FailureCode::Failed, message.to_owned());
        let error = Failure { code, name: "Error".into(), message, retryable, details: None };
        self.engine.fail(key, run, error, self.now).expect("the execution is known");
        self.settle();
    }

    fn stop_work(&mut self, name: &str) {
        let (key, run) = self.run(name);
        self.engine.stopped(key, run, self.now).expect("the execution was told to end");
        self.settle();
    }

    fn ask(&mut self, name: &str, key: &str, expires_ms: Option<i64>) {
        let (task, Run { attempt, epoch }) = self.run(name);
        let expires_at = expires_ms.map(|ms| self.now.wall + ms);
        let (key, message) = (key.to_owned(), "May I?".to_owned());
        let ask = Command::Ask { attempt, epoch, key, message, schema: None, expires_at };
        let asked = self.engine.tell(task, ask, self.now).expect("the execution may ask");
        if !asked {
            // It was asked and answered before.
            self.notice(task, "goes on");
        }
        self.settle();
    }

    fn answer(&mut self, name: &str, key: &str, action: Action) -> Result<(), Error> {
        let answer = Command::Answer { key: key.into(), action, content: None };
        self.engine.tell(self.key(name), answer, self.now)?;
        self.settle();
        Ok(())
    }

    fn await_child(&mut self, name: &str, child: &str) {
        let (key, child) = (self.key(name), self.key(child));
        assert!(self.engine.lend(key).expect("the task is known"), "'{name}' has no slot to lend");
        self.awaited.entry(child).or_default().push(key);
        self.settle();
    }

    fn cancel(&mut self, name: &str) {
        self.engine.cancel(self.key(name), None, self.now);
        self.settle();
    }

    fn cancel_all(&mut self) {
        self.engine.cancel_all(None, self.now);
        self.settle();
    }

    fn clear(&mut self) {
        for key in self.engine.keys_where(|status| status.is_terminal()) {
            self.engine.drop(key);
        }
        self.settle();
    }

    fn pause(&mut self) {
        self.engine.pause();
        self.settle();
    }

    fn resume(&mut self) {
        self.engine.resume();
        self.settle();
    }

    fn set_limit(&mut self, limit: usize) {
        self.engine.set_limit(limit);
        // Those that hold a slot keep it.
        self.limit = limit.max(self.engine.counts().slots);
        self.settle();
    }

    /// From one moment that the engine asks for to the next, as a driver with a timer would.
    fn advance(&mut self, ms: i64) {
        let mut left = ms * 1_000;
        while left > 0 {
            let nap = self.engine.sleep(self.now).map_or(left, |micros| micros.clamp(1_000, left));
            // Clocks show milliseconds.
            let nap = (nap + 999) / 1_000 * 1_000;
            self.now = Now { wall: self.now.wall + nap / 1_000, mono: self.now.mono + nap };
            left -= nap;
            self.engine.tick(self.now);
            self.settle();
        }
    }

    fn step_wall(&mut self, ms: i64) {
        self.now.wall += ms;
    }

    fn stop(&mut self, drain_ms: i64) {
        self.engine.stop(drain_ms, self.now);
        self.settle();
    }

    fn is_stopped(&mut self) -> bool {
        self.engine.is_idle()
    }

    fn record(&mut self, name: &str) -> Option<Record> {
        self.engine.record(self.key(name))
    }

    fn counts(&mut self) -> Counts {
        self.engine.counts()
    }

    fn take(&mut self) -> Seen {
        std::mem::take(&mut self.seen)
    }
}
