//! Everything that is not ordinary: a command is decided, and what it means for slots, queues and timers is done.

use super::full::Lent;
use super::now::micros;
use super::slots::{NEVER, Place};
use super::{Effect, Engine, Key, Now, Why};
use crate::error::Error;
use crate::rules::retry;
use crate::task::{Body, Command, FailureCode, Record, Run, Status, decide};

/// What a task was before a command.
#[derive(Clone, Copy)]
struct Before {
    status: Status,
    held_by: Option<Run>,
    underway: bool,
}

impl Before {
    fn of(record: &Record) -> Self {
        let held_by = record.hold.as_ref().map(|hold| hold.run());
        Self { status: record.status, held_by, underway: record.is_underway() }
    }
}

impl Engine {
    /// Puts a command to a task; answers whether anything changed. A dropped task does not change.
    ///
    /// A `start` is refused: [`next`](Engine::next) starts. So is what is about changing code: it lives in this process.
    ///
    /// # Errors
    /// What [`decide`] refuses.
    pub fn tell(&mut self, key: Key, command: Command, now: Now) -> Result<bool, Error> {
        match self.slots.find(key) {
            _ if matches!(command, Command::Start { .. }) => {
                Err(Error::conflict("a task of a runner is started by the runner", &()))
            }
            _ if matches!(command, Command::Code { .. } | Command::Found { .. } | Command::Update {}) => {
                Err(Error::conflict("a task of a runner runs the code that it was given", &()))
            }
            Some(slot) => self.change(slot, command, now),
            None => Ok(false),
        }
    }

    pub(super) fn change(&mut self, slot: u32, command: Command, now: Now) -> Result<bool, Error> {
        let order = self.slots.get(slot).order;
        let epoch = self.lower(slot)?.record.epoch;
        let chance = self.ids.chance(order, epoch);
        let record = &self.lower(slot)?.record;
        let before = Before::of(record);
        let events = decide(record, retry::with_delay(command, record, chance), now.wall)?;
        let changed = !events.is_empty();
        let abandoned = events.iter().any(|event| matches!(event.body, Body::Abandoned(_)));
        for event in events {
            self.apply(slot, event);
        }
        if changed {
            self.follow(slot, before, abandoned, now);
        }
        Ok(changed)
    }

    /// Does what the change means. The order matters: a slot is free before anybody is told that it is.
    fn follow(&mut self, slot: u32, before: Before, abandoned: bool, now: Now) {
        let Some(full) = self.slots.full(slot) else { return };
        let after = Before::of(&full.record);
        let ended = after.status.is_terminal() && !before.status.is_terminal();
        let gives_up = before.underway && !after.underway;
        if before.status != after.status {
            self.counts.moved(before.status, after.status);
        }
        self.run_clock(slot, before, after, now);
        self.use_slot(slot, before, after);
        if gives_up && after.held_by.is_some() {
            self.counts.stopping += 1;
            self.abort(slot, now);
        }
        let stopped = before.held_by.is_some() && after.held_by.is_none();
        let was_stopping = stopped && !before.underway;
        if ended {
            self.ended(slot, after, now);
        } else if gives_up && after.status == Status::Pending {
            self.cancel_children(slot, false, now);
        }
        if was_stopping {
            self.let_go(slot, abandoned);
        }
        if after.status.is_terminal() && after.held_by.is_none() && (ended || stopped) {
            self.gone(slot, now);
        } else {
            self.place(slot, now);
        }
    }

    /// The clock of an attempt runs while its task runs.
    fn run_clock(&mut self, slot: u32, before: Before, after: Before, now: Now) {
        let Some(full) = self.slots.full_mut(slot) else { return };
        let at = match (before.status == Status::Running, after.status == Status::Running) {
            (false, true) => {
                let resumed =
                    before.held_by.is_some_and(|run| after.held_by.is_some_and(|to| to.attempt == run.attempt));
                full.used = if resumed { full.used } else { 0 };
                full.since = now.mono;
                full.record.timeout_ms.map_or(NEVER, |ms| now.mono.saturating_add((micros(ms) - full.used).max(0)))
            }
            (true, false) => {
                full.used += now.mono - full.since;
                NEVER
            }
            // Of an ended task this is the moment at which it is dropped: a late result leaves it alone.
            _ if before.held_by.is_some() && after.held_by.is_none() => NEVER,
            _ => return,
        };
        self.timers.set_mono(&mut self.slots, slot, at);
    }

    /// An execution has a slot from its start to its end, but for the time that it waits for a person.
    fn use_slot(&mut self, slot: u32, before: Before, after: Before) {
        if after.status == Status::Running && before.status != Status::Running {
            self.take_slot(slot);
        } else if after.status == Status::InputRequired || after.held_by.is_none() {
            self.free_slot(slot);
            self.give_back_at_once(slot);
        }
        if after.held_by.is_none()
            && let Some(full) = self.slots.full_mut(slot)
        {
            full.lent = Lent::No;
        }
    }

    /// Tells the execution to end, and gives it a while.
    fn abort(&mut self, slot: u32, now: Now) {
        let Some(full) = self.slots.full(slot) else { return };
        let why = match (full.record.status, full.record.error.as_ref().map(|error| error.code)) {
            (Status::Cancelled, _) => Why::Cancelled,
            (_, Some(FailureCode::InputExpired)) => Why::InputExpired,
            _ => Why::TimedOut,
        };
        let until = now.mono.saturating_add(micros(full.record.kill_grace_ms));
        self.timers.set_mono(&mut self.slots, slot, until);
        self.give_back_at_once(slot);
        self.effects.push_back(Effect::Abort { key: self.slots.key(slot), why });
    }

    fn ended(&mut self, slot: u32, after: Before, now: Now) {
        let status = after.status;
        let key = self.slots.key(slot);
        self.effects.push_back(Effect::Ended { key, status, stopped: after.held_by.is_none() });
        if status != Status::Completed {
            self.free_idempotency_key(slot);
            self.cancel_children(slot, true, now);
        }
    }

    fn let_go(&mut self, slot: u32, abandoned: bool) {
        self.counts.stopping -= 1;
        self.counts.abandoned += usize::from(abandoned);
        self.effects.push_back(Effect::Stopped { key: self.slots.key(slot), abandoned });
    }

    /// Its work has ended as well: it is in nobody's way any more.
    fn gone(&mut self, slot: u32, now: Now) {
        self.unqueue(slot);
        self.timers.set_wall(&mut self.slots, slot, None);
        self.leave_family(slot);
        self.leave_session(slot, now);
        self.retain(slot, now);
    }

    /// Puts a task where it belongs: among the ready ones, among those that wait for a time, or nowhere.
    pub(super) fn place(&mut self, slot: u32, now: Now) {
        self.unqueue(slot);
        let Some(full) = self.slots.full(slot) else { return };
        let record = &full.record;
        let pending = record.status == Status::Pending;
        let not_due = record.run_at.filter(|&at| pending && now.wall < at);
        let free = record.hold.is_none() || record.resume;
        let head = record.resume;
        let wall = not_due.into_iter().chain(record.due_at()).min();
        if pending && free && not_due.is_none() && !self.is_blocked(slot) {
            self.ready.push(&mut self.slots, slot, head);
        }
        self.timers.set_wall(&mut self.slots, slot, wall);
    }

    pub(super) fn unqueue(&mut self, slot: u32) {
        if matches!(self.slots.get(slot).place, Place::Fresh | Place::Late | Place::Head) {
            self.ready.remove(&mut self.slots, slot);
        }
    }

    pub(super) fn take_slot(&mut self, slot: u32) {
        let entry = self.slots.get_mut(slot);
        self.counts.slots += usize::from(!entry.has_slot);
        entry.has_slot = true;
    }

    pub(super) fn free_slot(&mut self, slot: u32) {
        let entry = self.slots.get_mut(slot);
        self.counts.slots -= usize::from(entry.has_slot);
        entry.has_slot = false;
    }
}
