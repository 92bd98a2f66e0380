//! What an act has changed, and whether it was allowed to.

use std::sync::Arc;

use offstage_core::engine::{Now, OnConflict};
use offstage_core::task::{Body, CancelledBy, Event, FailureCode, Record, Status};

use super::act::{Act, Deed, Outcome};
use super::naive::{Naive, Task, left};

/// One act and all that came of it.
pub struct Seen<'a> {
    pub act: &'a Act,
    pub outcome: &'a Outcome,
    pub deeds: &'a [Deed],
    pub events: &'a [(usize, Arc<Event>)],
    pub records: &'a [Record],
    pub now: Now,
}

impl Naive {
    /// Time passes, before the engine is told.
    pub fn pass(&mut self, act: &Act) {
        match *act {
            Act::Clock { mono, wall, tick } => {
                let running = self.tasks.iter_mut().filter(|task| task.record.status == Status::Running);
                running.for_each(|task| task.ran += mono * 1_000);
                self.ticked = tick || self.ticked && (mono, wall) == (0, 0);
            }
            Act::Pause => self.paused = true,
            Act::Resume => self.paused = false,
            Act::Limit(limit) => self.options.limit = limit,
            _ => {}
        }
    }

    pub fn learn(&mut self, seen: &Seen) -> Result<(), String> {
        let reclaimed = self.reclaimed(seen);
        self.check_times(seen)?;
        self.check_submit(seen)?;
        self.add(seen);
        let wanted = self.wanted.clone();
        for (task, record) in seen.records.iter().enumerate() {
            self.update(task, record, seen.now);
        }
        self.take_deeds(seen);
        self.wanted.extend(reclaimed.filter(|&task| self.tasks[task].lent));
        self.check_lent(seen, &wanted)?;
        self.check_families(seen)?;
        self.check_kept(seen)
    }

    /// Who asks for its slot back and does not ask already.
    fn reclaimed(&self, seen: &Seen) -> Option<usize> {
        match *seen.act {
            Act::Reclaim(task) if !self.wanted.contains(&task) && self.tasks[task].lent => Some(task),
            _ => None,
        }
        .filter(|&task| self.tasks[task].record.status == Status::Running && !self.tasks[task].has_slot)
    }

    fn add(&mut self, seen: &Seen) {
        let Outcome::New(number) = *seen.outcome else { return };
        let full = match seen.act {
            Act::Full(full) => Some(full),
            _ => None,
        };
        self.tasks.push(Task {
            record: seen.records[number].clone(),
            dropped: false,
            parent: full.and_then(|full| full.parent),
            keyed: full.is_some_and(|full| full.keyed),
            waits: full.is_some_and(|full| matches!(full.on_conflict, OnConflict::Enqueue | OnConflict::Interrupt)),
            input: full.and_then(|full| full.idempotency_key.map(|_| full.input)),
            has_slot: false,
            lent: false,
            was_due: false,
            ran: 0,
            stopping_since: None,
            gone_at: None,
        });
    }

    fn update(&mut self, number: usize, record: &Record, now: Now) {
        let task = &mut self.tasks[number];
        let began = record.epoch > task.record.epoch;
        if began {
            // A late driver may have let it run longer than it may: no time is left then.
            let most = record.timeout_ms.map_or(i64::MAX, |timeout| timeout * 1_000);
            task.ran = if record.attempt > task.record.attempt { 0 } else { task.ran.min(most) };
        }
        match record.status {
            _ if record.hold.is_none() => (task.has_slot, task.lent) = (false, false),
            Status::InputRequired => (task.has_slot, task.lent) = (false, task.lent && !self.wanted.contains(&number)),
            Status::Running if began => task.has_slot = true,
            _ => {}
        }
        task.was_due =
            (task.was_due && record.run_at == task.record.run_at) || record.run_at.is_some_and(|at| at <= now.wall);
        let stopping = record.is_stopping();
        task.stopping_since = stopping.then(|| task.stopping_since.unwrap_or(now.mono));
        let gone = record.status.is_terminal() && record.hold.is_none();
        task.gone_at = gone.then(|| task.gone_at.unwrap_or(now.mono));
        task.record = record.clone();
    }

    fn take_deeds(&mut self, seen: &Seen) {
        for deed in seen.deeds {
            match *deed {
                Deed::Restored(number) => {
                    let task = &mut self.tasks[number];
                    // With a slot, unless the task has no use for one.
                    task.has_slot |= task.record.status == Status::Running;
                    task.lent = false;
                    self.wanted.retain(|&wanted| wanted != number);
                }
                Deed::Dropped(number, _) => self.tasks[number].dropped = true,
                _ => {}
            }
        }
        self.abandoned += seen.events.iter().filter(|(_, event)| matches!(event.body, Body::Abandoned(_))).count();
        match *seen.act {
            Act::Lend(task) if *seen.outcome == Outcome::Changed(true) => {
                (self.tasks[task].has_slot, self.tasks[task].lent) = (false, true);
            }
            Act::Stop { drain } => {
                let until = seen.now.mono + drain * 1_000;
                self.closed = true;
                self.drain_until = Some(self.drain_until.map_or(until, |before| before.min(until)));
                self.drain_until = self.drain_until.filter(|&until| until > seen.now.mono);
            }
            Act::Clock { tick: true, .. } => self.drain_until = self.drain_until.filter(|&at| at > seen.now.mono),
            _ => {}
        }
    }

    /// Nothing is over too early. The records are those before the act.
    fn check_times(&self, seen: &Seen) -> Result<(), String> {
        for (number, event) in seen.events {
            let Some(task) = self.tasks.get(*number) else { continue };
            let error = match &event.body {
                Body::Failed(data) => Some(&data.error),
                Body::RetryScheduled(data) => Some(&data.error),
                _ => None,
            };
            let timed_out = error.is_some_and(|error| error.code == FailureCode::Timeout);
            ensure(!timed_out || left(task).is_some_and(|left| left <= 0), || format!("{number} timed out early"))?;
            let given_up = matches!(event.body, Body::Abandoned(_));
            let since = task.stopping_since.unwrap_or(seen.now.mono);
            let over = since + task.record.kill_grace_ms * 1_000 <= seen.now.mono;
            ensure(!given_up || over, || format!("{number} was given up early"))?;
        }
        Ok(())
    }

    /// S4: who interrupts leaves nobody live.
    fn check_submit(&self, seen: &Seen) -> Result<(), String> {
        let (Act::Full(full), Outcome::New(_)) = (seen.act, seen.outcome) else { return Ok(()) };
        let mut met = self.in_session(full).filter(|_| full.on_conflict == OnConflict::Interrupt);
        let live = met.find(|&member| !seen.records[member].status.is_terminal());
        ensure(live.is_none(), || format!("{live:?} was not interrupted"))
    }

    /// L4: slots are given back in the order of asking, before anything starts.
    fn check_lent(&self, seen: &Seen, before: &[usize]) -> Result<(), String> {
        for &task in &self.wanted {
            let Task { record, lent, has_slot, .. } = &self.tasks[task];
            let waits = record.status == Status::Running && *lent && !has_slot;
            ensure(waits, || format!("{task} wants a slot back that it does not need"))?;
        }
        if !matches!(seen.act, Act::Next) {
            return Ok(());
        }
        let restored: Vec<usize> = seen.deeds.iter().filter_map(restored).collect();
        ensure(before.starts_with(&restored), || format!("{restored:?} got their slots back before {before:?}"))?;
        ensure(self.wanted.is_empty() || self.slots() >= self.options.limit, || "a slot was not given back".into())?;
        let started = matches!(seen.outcome, Outcome::Started { .. });
        ensure(!started || self.wanted.is_empty(), || "started before a slot was given back".into())?;
        let took = started || !restored.is_empty();
        ensure(!took || self.slots() <= self.options.limit, || format!("{} slots are held", self.slots()))
    }

    /// F1 and F3.
    fn check_families(&self, seen: &Seen) -> Result<(), String> {
        let live = (0..self.tasks.len()).filter(|&task| !self.tasks[task].record.status.is_terminal());
        let again: Vec<usize> = seen.events.iter().filter_map(will_run_again).collect();
        for task in live {
            let mut below = task;
            for above in self.ancestors(task) {
                let status = self.tasks[above].record.status;
                let ended = matches!(status, Status::Failed | Status::Cancelled);
                ensure(!ended, || format!("{task} lives and {above}, above it, is {status}"))?;
                let left = again.contains(&above) && !self.tasks[below].keyed;
                ensure(!left, || format!("{task} lives, but {above} will run again"))?;
                below = above;
            }
        }
        self.check_cancelled_children(seen, &again)
    }

    /// Who was cancelled with a parent had one that ended, or that does not go on with it.
    fn check_cancelled_children(&self, seen: &Seen, again: &[usize]) -> Result<(), String> {
        for (task, event) in seen.events {
            let Body::Cancelled(data) = &event.body else { continue };
            let path: Vec<usize> = [*task].into_iter().chain(self.ancestors(*task)).collect();
            let reason = path.windows(2).any(|pair| {
                let status = self.tasks[pair[1]].record.status;
                matches!(status, Status::Failed | Status::Cancelled)
                    || again.contains(&pair[1]) && !self.tasks[pair[0]].keyed
            });
            ensure(data.by != CancelledBy::Parent || reason, || format!("{task} was cancelled for no parent"))?;
        }
        Ok(())
    }

    /// G1 and G2.
    fn check_kept(&self, seen: &Seen) -> Result<(), String> {
        let kept = || self.tasks.iter().filter(|task| task.gone_at.is_some() && !task.dropped);
        let most = if self.options.auto_cleanup { self.options.max_retained } else { usize::MAX };
        ensure(kept().count() <= most, || format!("{} tasks are kept", kept().count()))?;
        let oldest = kept().filter_map(|task| task.gone_at).min();
        for deed in seen.deeds {
            let Deed::Dropped(number, _) = deed else { continue };
            let gone_at = self.tasks[*number].gone_at.ok_or_else(|| format!("{number} was dropped alive"))?;
            if matches!(seen.act, Act::Drop(_)) {
                continue;
            }
            ensure(oldest.is_none_or(|oldest| gone_at <= oldest), || format!("{number} was not the oldest"))?;
            let outdated = gone_at + self.options.cleanup_delay_ms * 1_000 <= seen.now.mono;
            ensure(outdated || kept().count() == most, || format!("{number} was dropped too early"))?;
        }
        Ok(())
    }
}

fn restored(deed: &Deed) -> Option<usize> {
    match deed {
        Deed::Restored(task) => Some(*task),
        _ => None,
    }
}

fn will_run_again((task, event): &(usize, Arc<Event>)) -> Option<usize> {
    matches!(event.body, Body::RetryScheduled(_)).then_some(*task)
}

pub fn ensure(holds: bool, problem: impl FnOnce() -> String) -> Result<(), String> {
    if holds { Ok(()) } else { Err(problem()) }
}
