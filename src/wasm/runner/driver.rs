//! The driver of a runner on the event loop of JavaScript: the same future as on every executor.

use std::rc::{Rc, Weak};
use std::time::Duration;

use super::core::Core;
use super::link::{Link, Pause};
use super::state::State;
use super::words::HEAD;
use crate::engine::Now;
use crate::runner::driver::{Deadline, Driven, Look, Next};

/// It holds no runner: one that nobody has any more goes, and tells its driver so.
pub(super) struct Driver {
    pub(super) core: Weak<Core>,
    pub(super) link: Rc<Link>,
}

impl Driven for Driver {
    type Told = Pause;
    type Pause = Pause;

    fn look(&mut self, why: Look) -> Next {
        self.link.heard();
        self.core.upgrade().map_or(Next::Over, |core| core.look(why))
    }

    fn told(&mut self) -> Pause {
        self.link.word()
    }

    fn after(&mut self, span: Duration) -> Pause {
        // Rounded up: a timer that is early costs another one.
        self.link.alarm((span.as_micros() as f64 / 1_000.0).ceil())
    }

    fn defer(&mut self) -> Pause {
        self.link.others()
    }
}

impl Core {
    /// Decides what is due, starts what may start, and has JavaScript do it.
    fn look(&self, why: Look) -> Next {
        let now = self.clock.at(self.link.ports.mono(), &self.link.ports);
        let words = self.state.borrow_mut().look(why, now, &self.link);
        if words > HEAD {
            self.link.looking.set(true);
            self.link.ports.perform(words);
            self.link.looking.set(false);
        }
        // User code may have taken its time.
        let now = self.clock.at(self.link.ports.mono(), &self.link.ports);
        let next = self.state.borrow_mut().rest(now);
        if let Next::Wait(deadline) = next {
            self.link.comes_at.set(deadline.map_or(i64::MAX, |deadline| deadline.at));
        }
        next
    }
}

impl State {
    fn look(&mut self, why: Look, now: Now, link: &Link) -> usize {
        if why == Look::Turned {
            self.pace.begin(now.mono);
        }
        self.engine.tick(now);
        self.go_on(now, link)
    }

    /// Tells those who wait; answers with what the driver waits for.
    fn rest(&mut self, now: Now) -> Next {
        self.waits.serve(&self.engine, now.mono);
        match self.pace.is_over() {
            true => Next::Defer,
            false => Next::Wait(self.wake_at(now).map(|at| Deadline { at, now: now.mono })),
        }
    }

    /// The earliest moment that anything waits for. The process is kept by a timer, also by one for nothing.
    fn wake_at(&self, now: Now) -> Option<i64> {
        let holds = self.holds && !self.engine.is_idle();
        let micros = self.engine.sleep(now).map(|micros| now.mono.saturating_add(micros.max(0)));
        micros.into_iter().chain(self.waits.until()).chain(self.times.until()).min().or(holds.then_some(i64::MAX))
    }
}
