use serde::{Deserialize, Serialize};

/// How long to wait between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backoff {
    /// Seconds before the second attempt.
    pub initial: f64,
    /// Seconds at most.
    pub max: f64,
    /// How much longer each time.
    pub factor: f64,
    /// Which share of it is random, from 0 to 1.
    pub jitter: f64,
}

/// Rounds to six decimals: the same number after it was written as JSON and read again, with any parser.
pub(super) fn millionths(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

impl Default for Backoff {
    /// 1 s, doubled each time up to 60 s, half of it random.
    fn default() -> Self {
        Self { initial: 1.0, max: 60.0, factor: 2.0, jitter: 0.5 }
    }
}
