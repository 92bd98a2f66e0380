use super::now::micros;
use super::plain::{FIRST, Stage, WORKER};
use super::slots::{Life, NEVER};
use super::{Engine, Key, Now};
use crate::task::{Command, Run, Status};

/// An execution that begins now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Started {
    /// Of which task.
    pub key: Key,
    /// Which execution: what it reports, it reports with this.
    pub run: Run,
    /// The code that waited for an answer goes on; nothing is called again.
    pub resume: bool,
}

impl Engine {
    /// Starts the next task, if one is ready and a slot is free. Called until there is none, one start at a time: the time
    /// of each attempt is counted from here.
    pub fn next(&mut self, now: Now) -> Option<Started> {
        self.give_back();
        while self.counts.slots < self.options.limit && !self.paused {
            let slot = self.ready.pop(&mut self.slots)?;
            if let Some(started) = self.start(slot, now) {
                return Some(started);
            }
        }
        None
    }

    /// Whether [`next`](Self::next) has something to do: a slot is free, and somebody wants one.
    pub fn has_next(&self) -> bool {
        let wanted = !self.wanted.is_empty() || (!self.paused && !self.ready.is_empty());
        wanted && self.counts.slots < self.options.limit
    }

    fn start(&mut self, slot: u32, now: Now) -> Option<Started> {
        let key = self.slots.key(slot);
        if !self.observed && self.start_noted(slot, now) {
            return Some(Started { key, run: FIRST, resume: false });
        }
        if self.is_blocked(slot) {
            // It went before others as a descendant of one that has ended since.
            self.place(slot, now);
            return None;
        }
        // A driver that was late may find the time to start over. Neither command is refused for any other reason than
        // time, and then the task waits on.
        let _ = self.change(slot, Command::Due {}, now);
        let resume = match self.slots.full(slot).map(|full| (full.record.status, full.record.resume)) {
            Some((Status::Pending, resume)) => resume,
            _ => return None,
        };
        let start = Command::Start { worker: WORKER.into(), digest: None };
        if !self.change(slot, start, now).unwrap_or(false) {
            self.place(slot, now);
            return None;
        }
        let record = &self.slots.full(slot)?.record;
        Some(Started { key, run: Run { attempt: record.attempt, epoch: record.epoch }, resume })
    }

    /// Writes the start of a plain task down.
    fn start_noted(&mut self, slot: u32, now: Now) -> bool {
        let Life::Noted(noted) = &mut self.slots.get_mut(slot).life else { return false };
        noted.stage = Stage::Running;
        noted.started_at = now.wall;
        let until = noted.plain.timeout_ms.map_or(NEVER, |ms| now.mono.saturating_add(micros(ms)));
        self.timers.set_mono(&mut self.slots, slot, until);
        self.counts.moved(Status::Pending, Status::Running);
        self.take_slot(slot);
        true
    }
}
