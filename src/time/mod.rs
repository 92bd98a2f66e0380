//! Times and durations. Nothing here asks what time it is.

mod duration;

pub use duration::{check_seconds, parse_duration};

/// A moment in milliseconds since the Unix epoch, or a span of milliseconds. Wall time: it may step backwards.
pub type Ms = i64;

/// The longest span that is taken: 100 years.
pub const MAX_SPAN: Ms = 3_155_760_000_000;

/// The last moment that is taken, the same as JavaScript's `Date` has.
pub const MAX_MOMENT: Ms = 8_640_000_000_000_000;

/// The time from `since` to `until`; 0 when the clock was set back in between.
pub fn elapsed(since: Ms, until: Ms) -> Ms {
    until.saturating_sub(since).max(0)
}
