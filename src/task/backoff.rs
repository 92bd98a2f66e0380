use serde::{Deserialize, Serialize};

use super::decimal;

/// How long to wait between attempts.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Backoff {
    /// Seconds before the second attempt.
    #[serde(serialize_with = "decimal::serialize")]
    pub initial: f64,
    /// Seconds at most.
    #[serde(serialize_with = "decimal::serialize")]
    pub max: f64,
    /// How much longer each time.
    #[serde(serialize_with = "decimal::serialize")]
    pub factor: f64,
    /// Which share of it is random, from 0 to 1.
    #[serde(serialize_with = "decimal::serialize")]
    pub jitter: f64,
}

impl Default for Backoff {
    /// 1 s, doubled each time up to 60 s, half of it random.
    fn default() -> Self {
        Self { initial: 1.0, max: 60.0, factor: 2.0, jitter: 0.5 }
    }
}
