//! Times and durations. Nothing here asks what time it is.

mod duration;

use crate::error::Error;

pub use duration::{check_seconds, parse_duration};

/// A moment in milliseconds since the Unix epoch, or a span of milliseconds. Wall time: it may step backwards.
pub type Ms = i64;

/// The longest span that is taken: 100 years.
pub const MAX_SPAN: Ms = 3_155_760_000_000;

/// The last moment that is taken, the same as JavaScript's `Date` has.
pub const MAX_MOMENT: Ms = 8_640_000_000_000_000;

/// Takes a span that is not negative and not over [`MAX_SPAN`].
///
/// # Errors
/// `invalid_argument`, naming `option`, otherwise.
pub fn checked_ms(option: &str, span: Ms) -> Result<Ms, Error> {
    match (0..=MAX_SPAN).contains(&span) {
        true => Ok(span),
        false => Err(Error::invalid(option, span, "milliseconds from 0 to 100 years")),
    }
}

/// The time from `since` to `until`; 0 when the clock was set back in between.
pub fn elapsed(since: Ms, until: Ms) -> Ms {
    until.saturating_sub(since).max(0)
}
