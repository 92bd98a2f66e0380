use std::cell::Cell;

use super::ports::Ports;
use crate::engine::Now;
use crate::time::Ms;

/// The wall clock is looked at this often, in milliseconds.
const SYNC_EVERY: f64 = 100.0;

/// The two clocks of JavaScript as one runner sees them. Not guarded by the state's borrow: it asks JavaScript.
pub(super) struct Clock {
    /// Wall time less the monotonic clock, in milliseconds.
    offset: Cell<f64>,
    /// When the wall clock is looked at again.
    sync_at: Cell<f64>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { offset: Cell::new(0.0), sync_at: Cell::new(f64::NEG_INFINITY) }
    }

    /// What time it is when JavaScript's monotonic clock shows that.
    pub(super) fn at(&self, mono: f64, ports: &Ports) -> Now {
        if mono >= self.sync_at.get() {
            self.sync_at.set(mono + SYNC_EVERY);
            self.offset.set(ports.wall() - mono);
        }
        Now { wall: (mono + self.offset.get()).floor() as Ms, mono: (mono * 1_000.0) as i64 }
    }

    /// The two clocks may have parted: the wall clock is looked at with the next call.
    pub(super) fn parted(&self) {
        self.sync_at.set(f64::NEG_INFINITY);
    }
}
