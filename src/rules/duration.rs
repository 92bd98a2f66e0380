//! How long a task took or has taken.

use crate::task::Record;
use crate::time::{Ms, elapsed};

/// Seconds from the first start to the end, or to `now` while the task is live; none before the first start.
///
/// Wall time, waits between attempts and for people included; 0 when the clock was set back.
pub fn duration(record: &Record, now: Ms) -> Option<f64> {
    let until = record.completed_at.unwrap_or(now);
    record.started_at.map(|since| elapsed(since, until) as f64 / 1000.0)
}
