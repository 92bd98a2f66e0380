use super::{Engine, Now};
use crate::task::{Command, Failure, Status};

impl Engine {
    /// Decides what is due: attempts and graces whose time is over, starts and requests that are due or too late, records
    /// that are kept no longer.
    pub fn tick(&mut self, now: Now) {
        while let Some(slot) = self.timers.mono_due(now.mono) {
            self.over(slot, now);
        }
        while let Some(slot) = self.timers.wall_due(now.wall) {
            self.timers.set_wall(&mut self.slots, slot, None);
            // Nothing is refused here: what is not due stays as it is.
            let _ = self.change(slot, Command::Due {}, now);
            self.place(slot, now);
        }
        self.end_drain(now);
        self.drop_outdated(now);
    }

    /// How many microseconds from now the engine wants to be told the time again; none: nothing waits for a time.
    ///
    /// Not longer than a minute while something waits for wall time, which may be set.
    pub fn sleep(&self, now: Now) -> Option<i64> {
        let drain = self.drain_until.filter(|_| self.counts.live() > 0).map(|at| at.saturating_sub(now.mono));
        self.timers.sleep(now).into_iter().chain(drain).chain(self.outdated_in(now)).min()
    }

    /// The time of an attempt, or of the grace after it, is over.
    fn over(&mut self, slot: u32, now: Now) {
        self.timers.set_mono(&mut self.slots, slot, super::slots::NEVER);
        let Ok(full) = self.lower(slot) else { return };
        let record = &full.record;
        let Some(run) = record.hold.as_ref().map(|hold| hold.run()) else { return };
        let (attempt, epoch) = (run.attempt, run.epoch);
        let command = match record.status {
            Status::Running => {
                let error = Failure::timed_out(record.timeout_ms.unwrap_or_default());
                Command::Fail { attempt, epoch, error, settled: false, retry_in_ms: None }
            }
            _ => Command::Abandon { attempt, epoch },
        };
        // Both are for the execution that holds the task, so neither is refused.
        let _ = self.change(slot, command, now);
    }
}
