use std::time::Duration;

use crate::engine;
use crate::error::Error;
use crate::time::{Ms, checked_ms};

/// How a runner works. Everything has a default.
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// Slots, queue, grace and retention.
    pub engine: engine::Options,
    /// Run time of one attempt where a spec does not say; zero: no limit; 100 years at most. Default 300 s.
    pub default_timeout: Duration,
    /// What ids and the random share of backoff come from. Default: random bytes of the platform. With the same seed the
    /// same ids come again, so this is for tests.
    pub seed: Option<[u8; 16]>,
}

impl Default for Options {
    fn default() -> Self {
        Self { engine: engine::Options::default(), default_timeout: Duration::from_secs(300), seed: None }
    }
}

impl Options {
    /// In whole milliseconds; more than nothing never becomes 0, which is no limit.
    pub(super) fn default_timeout_ms(&self) -> Result<Ms, Error> {
        let millis = Ms::try_from(self.default_timeout.as_nanos().div_ceil(1_000_000)).unwrap_or(Ms::MAX);
        checked_ms("default_timeout", millis)
    }

    /// The defaults, but for how many tasks may run at once. With 0 nothing starts.
    pub fn limit(limit: usize) -> Self {
        Self { engine: engine::Options { limit, ..Default::default() }, ..Self::default() }
    }
}
