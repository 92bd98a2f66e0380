//! When the driver of a runner is to come: at the earliest moment at which the engine wants to be told the time.

use std::time::Duration;

use super::acts::Acts;
use super::core::{Armed, Core, State};
use super::driver::{Deadline, Driven, Look, Next, drive};
use super::gate::{Gate, Wait};
use super::platform::{Boxed, Shared};
use crate::engine::Now;

impl State {
    /// Sees to it that somebody comes back in time. A driver that is early is left: it finds out.
    pub(super) fn arm(&mut self, core: &Shared<Core>, acts: &mut Acts, now: Now) {
        if self.gone {
            return;
        }
        match (&self.armed, self.wake_at(now)) {
            (None, Some(_)) => {
                // Whoever comes before the driver runs for the first time must not start a second one.
                let needless = Gate::new();
                self.armed = Some(Armed { at: now.mono, needless: needless.clone() });
                acts.spawn(Box::pin(drive(Driver { core: core.clone(), needless, over: false })));
            }
            (Some(armed), Some(at)) if armed.at <= at => {}
            (Some(armed), _) => armed.needless.open((), acts),
            (None, None) => {}
        }
    }

    /// An idle runner holds no timer: records that are kept no longer go with the next look at it.
    fn wake_at(&self, now: Now) -> Option<i64> {
        let micros = self.engine.sleep(now).filter(|_| !self.engine.is_idle())?;
        Some(now.mono.saturating_add(micros.max(0)))
    }

    /// When the driver comes back; none: there is nothing to wait for.
    fn rearm(&mut self, needless: &Gate<()>, now: Now) -> Option<Deadline> {
        self.engine.tick(now);
        let at = self.wake_at(now);
        self.armed = at.map(|at| Armed { at, needless: needless.clone() });
        Some(Deadline { at: at?, now: now.mono })
    }
}

/// Goes with the future of the driver. Dropped while there is something to wait for, the runtime is gone.
struct Driver {
    core: Shared<Core>,
    needless: Gate<()>,
    over: bool,
}

impl Driven for Driver {
    type Told = Wait<()>;
    type Pause = Boxed<()>;

    fn look(&mut self, _: Look) -> Next {
        self.needless = Gate::new();
        let deadline = self.core.change(|state, _, now| state.rearm(&self.needless, now));
        self.over = deadline.is_none();
        deadline.map_or(Next::Over, |deadline| Next::Wait(Some(deadline)))
    }

    fn told(&mut self) -> Wait<()> {
        self.needless.wait()
    }

    fn after(&mut self, span: Duration) -> Boxed<()> {
        self.core.runtime.after(span)
    }

    /// A start is a spawn here, which takes nobody's turn.
    fn defer(&mut self) -> Boxed<()> {
        Box::pin(std::future::ready(()))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.over {
            self.core.end(|state, _, now| state.runtime_gone(now));
        }
    }
}
