//! How long records are kept.

use crate::task::{Record, Status};
use crate::time::Ms;

/// How long a record is kept whose outcome nobody has read: 30 days.
pub const UNSEEN: Ms = 30 * 24 * 3_600_000;

/// When a store may drop the record: 30 days after its end while nobody has read its outcome; then, from the first look
/// (`seen_at`), `cleanup_delay_ms` after it when the task completed, `keep_failed_ms` when it failed or was cancelled. With
/// an idempotency key at least `keep_keyed_ms` after its end: the key is a promise.
///
/// None while the task is live or its work has not ended: such a record stays. A look is never before the end, whatever
/// the clock of the reader says.
pub fn drop_at(record: &Record, seen_at: Option<Ms>) -> Option<Ms> {
    let ended = ended_at(record)?;
    let kept = match (seen_at, record.status) {
        (None, _) => ended.saturating_add(UNSEEN),
        (Some(seen), Status::Completed) => seen.max(ended).saturating_add(record.cleanup_delay_ms),
        (Some(seen), _) => seen.max(ended).saturating_add(record.keep_failed_ms),
    };
    let promised = record.idempotency_key.as_ref().map(|_| ended.saturating_add(record.keep_keyed_ms));
    Some(promised.map_or(kept, |until| until.max(kept)))
}

/// When it ended; none while it lives or its work goes on.
fn ended_at(record: &Record) -> Option<Ms> {
    record.completed_at.filter(|_| record.hold.is_none())
}
