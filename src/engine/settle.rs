use super::plain::{FIRST, Stage};
use super::slots::{Life, NEVER};
use super::{Effect, Engine, Key, Now};
use crate::error::Error;
use crate::task::{Command, Failure, Run, Status};

impl Engine {
    /// The execution has a result. Too late, it changes nothing but leaves a `late_result`.
    ///
    /// # Errors
    /// `conflict` for an execution that never was.
    pub fn succeed(&mut self, key: Key, run: Run, now: Now) -> Result<(), Error> {
        let Some(slot) = self.slots.find(key) else { return Ok(()) };
        if run == FIRST && !self.observed && self.succeed_noted(slot, now) {
            return Ok(());
        }
        let Run { attempt, epoch } = run;
        self.change(slot, Command::Succeed { attempt, epoch }, now).map(|_| ())
    }

    /// The execution has an error. Another attempt follows if the task has one left and the error allows it.
    ///
    /// # Errors
    /// `invalid_argument` for a code that an execution cannot report; `conflict` for one that never was.
    pub fn fail(&mut self, key: Key, run: Run, error: Failure, now: Now) -> Result<(), Error> {
        let Run { attempt, epoch } = run;
        let fail = Command::Fail { attempt, epoch, error, settled: true, retry_in_ms: None };
        self.tell(key, fail, now).map(|_| ())
    }

    /// The execution ended because it was told to.
    ///
    /// # Errors
    /// `conflict` when it was not told to: it must succeed or fail then.
    pub fn stopped(&mut self, key: Key, run: Run, now: Now) -> Result<(), Error> {
        let Run { attempt, epoch } = run;
        self.tell(key, Command::Stopped { attempt, epoch }, now).map(|_| ())
    }

    /// Writes the success of a plain task down.
    fn succeed_noted(&mut self, slot: u32, now: Now) -> bool {
        let entry = self.slots.get_mut(slot);
        let order = entry.order;
        let Life::Noted(noted) = &mut entry.life else { return false };
        if noted.stage != Stage::Running {
            return false;
        }
        noted.stage = Stage::Completed;
        noted.ended_at = now.wall;
        self.timers.set_mono(&mut self.slots, slot, NEVER);
        self.counts.moved(Status::Running, Status::Completed);
        self.free_slot(slot);
        self.effects.push_back(Effect::Ended { key: Key { order, slot }, status: Status::Completed, stopped: true });
        self.retain(slot, now);
        true
    }
}
