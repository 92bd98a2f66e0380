//! One timer for the earliest moment at which the engine wants to be told the time.

use std::time::Duration;

use futures::future::select;

use super::acts::Acts;
use super::core::{Core, State};
use super::gate::Gate;
use super::platform::Shared;
use crate::engine::Now;

/// A timer that runs.
pub(super) struct Armed {
    /// When it is over, in microseconds of the monotonic clock.
    at: i64,
    /// Opened when that is too late, or for nothing.
    needless: Gate<()>,
}

impl State {
    /// Sees to it that somebody comes back in time. A timer that is early is left: it finds out.
    pub(super) fn arm(&mut self, core: &Shared<Core>, acts: &mut Acts, now: Now) {
        if self.gone {
            return;
        }
        match (&self.armed, self.wake_at(now)) {
            (None, Some(_)) => {
                // Whoever comes before the driver runs for the first time must not start a second one.
                self.armed = Some(Armed { at: now.mono, needless: Gate::new() });
                acts.spawn(Box::pin(drive(Driver { core: core.clone(), over: false })));
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
}

/// Longer than this nobody sleeps: timers refuse what their clock cannot name.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

async fn drive(mut driver: Driver) {
    let core = driver.core.clone();
    while let Some((span, needless)) = core.change(|state, _, now| state.rearm(now)) {
        select(core.runtime.after(span.min(LONGEST)), needless.wait()).await;
    }
    driver.over = true;
}

/// Goes with the future of the timer. Dropped while there is something to wait for, the runtime is gone.
struct Driver {
    core: Shared<Core>,
    over: bool,
}

impl Drop for Driver {
    fn drop(&mut self) {
        if !self.over {
            self.core.end(|state, _, now| state.runtime_gone(now));
        }
    }
}

impl State {
    fn rearm(&mut self, now: Now) -> Option<(Duration, Gate<()>)> {
        self.engine.tick(now);
        let Some(at) = self.wake_at(now) else {
            self.armed = None;
            return None;
        };
        let needless = Gate::new();
        self.armed = Some(Armed { at, needless: needless.clone() });
        Some((Duration::from_micros((at - now.mono) as u64), needless))
    }
}
