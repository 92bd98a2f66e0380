//! One random life of three engines side by side: one that writes the ordinary down, one that decides everything at once
//! because somebody listens, and one to which somebody listens now and then. Nobody can tell them apart.

use std::collections::BTreeSet;
use std::fmt::Write;

use offstage_core::engine::{Now, Options};
use offstage_core::task::{Action, Body, Record, Status};

use super::act::{Act, Deed, Outcome};
use super::learn::{Seen, ensure};
use super::naive::Naive;
use super::random;
use super::world::World;
use crate::support::Rng;

const LONGEST: u64 = 120;
const HOUR: i64 = 3_600_000;

pub struct Life {
    rng: Rng,
    now: Now,
    naive: Naive,
    lazy: World,
    observed: World,
    mixed: World,
    log: String,
    /// What happened at all; for the test to see that it tests something.
    pub seen: BTreeSet<String>,
    pub acts: usize,
}

impl Life {
    /// Lives one life. The error tells what went wrong and all that was done before.
    pub fn live(seed: u64) -> Result<Self, String> {
        let mut rng = Rng::new(seed);
        let options = random::options(&mut rng);
        let mut life = Self {
            now: Now { wall: 1_000_000, mono: 77_000 },
            naive: Naive::new(options.clone()),
            lazy: World::new(&options, false),
            observed: World::new(&options, true),
            mixed: World::new(&options, false),
            log: format!("{options:?}\n"),
            seen: BTreeSet::new(),
            acts: 0,
            rng,
        };
        let lived = life.run(&options);
        lived.map_err(|problem| format!("{problem}\n\nwhat was done:\n{}", life.log))?;
        Ok(life)
    }

    fn run(&mut self, options: &Options) -> Result<(), String> {
        for _ in 0..self.rng.below(LONGEST) {
            let records = self.records();
            let act = random::act(&mut self.rng, &records, self.now);
            self.step(act)?;
            self.look(12)?;
        }
        self.come_to_an_end()?;
        self.look(100)?;
        self.leave_nothing(options)
    }

    fn records(&self) -> Vec<Record> {
        (0..self.observed.keys.len()).map(|task| self.observed.record(task)).collect()
    }

    fn step(&mut self, act: Act) -> Result<(), String> {
        if let Act::Clock { mono, wall, .. } = act {
            self.now = Now { wall: (self.now.wall + wall).max(0), mono: self.now.mono + mono * 1_000 };
        }
        let now = self.now;
        let _ = write!(self.log, "{:>4} {:>10} {act:?}", self.acts, now.mono / 1_000);
        self.acts += 1;
        self.naive.pass(&act);
        let expected = self.naive.expected(&act, now);
        let (outcome, deeds) = self.observed.perform(&act, now);
        let _ = writeln!(self.log, " -> {outcome:?}, {deeds:?}");
        self.listen_now_and_then();
        for other in [&mut self.lazy, &mut self.mixed] {
            let found = other.perform(&act, now);
            ensure(found == (outcome.clone(), deeds.clone()), || format!("another engine says {found:?}"))?;
        }
        if let Some(expected) = expected {
            ensure(outcome == expected, || format!("by the rules: {expected:?}"))?;
        }
        let records = self.records();
        let events = &self.observed.fresh;
        self.naive.learn(&Seen { act: &act, outcome: &outcome, deeds: &deeds, events, records: &records, now })?;
        self.note(&act, &outcome, &deeds);
        self.compare(now)
    }

    /// Somebody begins or ceases to listen to one of them, or looks at a task.
    fn listen_now_and_then(&mut self) {
        if self.rng.chance(15) {
            self.mixed.engine.observe(self.rng.chance(40));
        }
        if self.rng.chance(10) && !self.mixed.keys.is_empty() {
            let key = *self.rng.pick(&self.mixed.keys);
            let (record, events) = (self.mixed.engine.record(key), self.mixed.engine.events(key, 0));
            assert_eq!(record.map(|record| record.seq), events.last().map(|event| event.seq));
        }
    }

    /// What can be compared after every act.
    fn compare(&self, now: Now) -> Result<(), String> {
        let counts = self.naive.counts();
        for world in [&self.lazy, &self.observed, &self.mixed] {
            let found = world.engine.counts();
            ensure(found == counts, || format!("counted {counts:?}, the engine says {found:?}"))?;
            for (task, key) in world.keys.iter().enumerate() {
                let known = Some(self.naive.tasks[task].record.status).filter(|_| !self.naive.tasks[task].dropped);
                let status = world.engine.status(*key);
                ensure(status == known, || format!("{task} is {status:?}, expected {known:?}"))?;
            }
            self.compare_sleep(world.engine.sleep(now), now)?;
        }
        Ok(())
    }

    /// Not longer than until the first moment that counts, and while the driver is in time not shorter.
    fn compare_sleep(&self, sleep: Option<i64>, now: Now) -> Result<(), String> {
        let never = i64::MAX;
        let (found, most) = (sleep.unwrap_or(never), self.naive.sleep(now, false).unwrap_or(never));
        let least = self.naive.sleep(now, true).filter(|_| self.naive.ticked).unwrap_or(i64::MIN);
        let least = if self.naive.ticked && self.naive.sleep(now, true).is_none() { never } else { least };
        ensure((least..=most).contains(&found), || format!("sleeps {found}, expected {least} to {most}"))
    }

    /// Compares all records and histories, in `percent` of a hundred cases.
    fn look(&mut self, percent: u64) -> Result<(), String> {
        if !self.rng.chance(percent) {
            return Ok(());
        }
        for task in 0..self.observed.keys.len() {
            let (key, record) = (self.observed.keys[task], self.observed.record(task));
            for other in [&self.lazy, &self.mixed] {
                let found = other.record(task);
                ensure(found == record, || format!("{task} is {found:?}, observed {record:?}"))?;
                let events = other.engine.events(key, 0);
                ensure(events == self.observed.engine.events(key, 0), || format!("{task} has other events"))?;
            }
            let told = &self.observed.told[task];
            let events: Vec<_> = told.iter().map(|event| (**event).clone()).collect();
            ensure(Record::replay(&events) == Some(record), || format!("the events of {task} do not give its record"))?;
            let kept = self.observed.engine.events(key, 0);
            ensure(kept.is_empty() || kept == *told, || format!("{task} has other events than were told"))?;
            let ends = told.iter().filter(|event| event.body.is_terminal()).count();
            ensure(ends <= 1, || format!("{task} ended {ends} times"))?;
        }
        Ok(())
    }

    /// When everything ends well, everything ends: nobody is forgotten.
    fn come_to_an_end(&mut self) -> Result<(), String> {
        self.step(Act::Resume)?;
        self.step(Act::Limit(2))?;
        for _ in 0..200 {
            if self.observed.engine.is_idle() {
                return Ok(());
            }
            self.step(Act::Clock { mono: 1_000, wall: HOUR, tick: true })?;
            for task in 0..self.observed.keys.len() {
                self.end_work(task)?;
            }
            while self.observed.engine.counts().pending > 0 {
                self.step(Act::Next)?;
                if self.log.ends_with("-> Nothing, []\n") {
                    break;
                }
            }
        }
        Err("it does not come to an end".into())
    }

    fn end_work(&mut self, task: usize) -> Result<(), String> {
        let record = self.observed.record(task);
        if let Some(key) = ["x", "y", "z"].into_iter().find(|key| record.requests.open().any(|(open, _)| open == *key))
        {
            self.step(Act::Answer { task, key, action: Action::Decline })?;
        }
        let record = self.observed.record(task);
        match &record.hold {
            Some(hold) if record.is_stopping() => self.step(Act::Stopped(task, hold.run())),
            Some(hold) if record.status == Status::Running => self.step(Act::Succeed(task, hold.run())),
            _ => Ok(()),
        }
    }

    /// Without tasks an engine keeps nothing.
    fn leave_nothing(&mut self, options: &Options) -> Result<(), String> {
        for task in 0..self.observed.keys.len() {
            self.step(Act::Drop(task))?;
        }
        let empty = format!("{:?}", World::new(options, false).engine);
        for world in [&self.lazy, &self.observed, &self.mixed] {
            let left = format!("{:?}", world.engine);
            ensure(left == empty, || format!("left behind: {left}"))?;
        }
        Ok(())
    }

    fn note(&mut self, act: &Act, outcome: &Outcome, deeds: &[Deed]) {
        let word = |text: String| text.split(['(', ' ']).next().unwrap_or_default().to_owned();
        self.seen.insert(word(format!("{act:?}")));
        match outcome {
            Outcome::Refused(code) => self.seen.insert(format!("refused {code}")),
            Outcome::Started { resume: true, .. } => self.seen.insert("goes on".into()),
            other => self.seen.insert(word(format!("{other:?}"))),
        };
        self.seen.extend(deeds.iter().map(|deed| word(format!("deed {deed:?}")).replace("deed", "") + &kind(deed)));
        let kinds = self.observed.fresh.iter().map(|(_, event)| match &event.body {
            Body::Failed(data) => format!("failed {:?}", data.error.code),
            other => other.kind().to_owned(),
        });
        self.seen.extend(kinds);
    }
}

fn kind(deed: &Deed) -> String {
    match deed {
        Deed::Abort(_, why) => format!("abort {why:?}"),
        Deed::Ended(_, status, stopped) => format!("ended {status} {stopped}"),
        Deed::Stopped(_, abandoned) => format!("stopped {abandoned}"),
        Deed::Restored(_) => "restored".into(),
        Deed::Dropped(..) => "dropped".into(),
    }
}
