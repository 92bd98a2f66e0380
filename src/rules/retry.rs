//! How long to wait between attempts.

use crate::task::{Command, Record};
use crate::time::Ms;

/// The wait before the attempt after this one: `initial`, `factor` times longer with each counted attempt, `max` at most,
/// of which the share `jitter` is random.
///
/// `random` is from 0 up to, not including, 1; the same number gives the same delay.
///
/// ```
/// use offstage_core::{id, rules::retry, task::{Spec, submit}};
///
/// let (record, _) = submit(Spec::new("report"), id::task_id(0, [1; 16]), 0)?;
/// assert_eq!(retry::delay(&record, 0.0), 500);
/// assert_eq!(retry::delay(&record, 0.5), 750);
/// # Ok::<(), offstage_core::error::Error>(())
/// ```
pub fn delay(record: &Record, random: f64) -> Ms {
    let backoff = record.backoff;
    let further = record.attempt.saturating_sub(record.uncounted).saturating_sub(1).min(1_100);
    // The factor's power may reach infinity: `max` is then less, but 0 times that is not a number.
    let grown = if backoff.initial == 0.0 { 0.0 } else { backoff.initial * backoff.factor.powi(further as i32) };
    let longest = grown.min(backoff.max) * 1000.0;
    let random = if random.is_nan() { 0.0 } else { random.clamp(0.0, 1.0) };
    (longest * (1.0 - backoff.jitter + backoff.jitter * random)).round() as Ms
}

/// Tells a `fail` command how long the next attempt waits, unless it says so itself; other commands stay as they are.
pub fn with_delay(command: Command, record: &Record, random: f64) -> Command {
    match command {
        Command::Fail { attempt, epoch, error, settled, retry_in_ms } => {
            let retry_in_ms = retry_in_ms.or_else(|| Some(delay(record, random)));
            Command::Fail { attempt, epoch, error, settled, retry_in_ms }
        }
        other => other,
    }
}
