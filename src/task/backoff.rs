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

impl Default for Backoff {
    /// 1 s, doubled each time up to 60 s, half of it random.
    fn default() -> Self {
        Self { initial: 1.0, max: 60.0, factor: 2.0, jitter: 0.5 }
    }
}

/// Rounds to six decimals: what is stored as JSON text and read again is then the same number, with any parser.
pub(super) fn millionths(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
