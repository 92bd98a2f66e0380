//! Threads of this process.

use std::io;
use std::sync::OnceLock;
use std::time::{Duration, Instant, SystemTime};

use futures::executor::ThreadPool;
use futures_timer::Delay;

use super::platform::Boxed;
use super::ports::{Clock, Spawn, Timer};
use crate::engine::Now;

/// A pool of threads with the clocks of the operating system. For those who have no executor of their own; others bring
/// it as [`Ports`](super::Ports).
///
/// Clones share the threads, which end when the last clone and the last task are gone. A task that blocks its thread
/// cannot be cancelled or timed out until it comes back: it is counted as `abandoned` after the grace, and its thread is
/// free when it returns.
#[derive(Clone, Debug)]
pub struct Native {
    pool: ThreadPool,
}

impl Native {
    /// As many threads as the machine runs at once.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn new() -> io::Result<Self> {
        ThreadPool::new().map(|pool| Self { pool })
    }

    /// So many threads, 1 at least.
    ///
    /// # Errors
    /// When the operating system gives no threads.
    pub fn with_threads(threads: usize) -> io::Result<Self> {
        ThreadPool::builder().pool_size(threads.max(1)).create().map(|pool| Self { pool })
    }
}

/// The time by the clocks of the operating system.
pub fn now() -> Now {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let wall = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let mono = FIRST.get_or_init(Instant::now).elapsed();
    Now { wall: wall.as_millis() as i64, mono: mono.as_micros() as i64 }
}

impl Clock for Native {
    fn now(&self) -> Now {
        now()
    }
}

impl Timer for Native {
    fn after(&self, span: Duration) -> Boxed<()> {
        Box::pin(Delay::new(span))
    }
}

impl Spawn for Native {
    fn spawn(&self, future: Boxed<()>) {
        self.pool.spawn_ok(future);
    }
}
