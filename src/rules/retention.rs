//! How long records are kept.

use crate::task::Record;
use crate::time::Ms;

/// How long a record is kept whose outcome nobody has read: 30 days.
pub const UNSEEN: Ms = 30 * 24 * 3_600_000;

/// When the record may go: `cleanup_delay_ms` after its outcome was first read (`seen_at`), else 30 days after completion.
///
/// None while the task is live or its work has not ended: such a record stays.
pub fn drop_at(record: &Record, seen_at: Option<Ms>) -> Option<Ms> {
    let completed_at = record.completed_at.filter(|_| record.hold.is_none())?;
    Some(match seen_at {
        Some(seen) => seen.saturating_add(record.cleanup_delay_ms),
        None => completed_at.saturating_add(UNSEEN),
    })
}
