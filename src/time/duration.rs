//! Reading durations as people write them.

use super::MAX_SPAN;
use crate::error::Error;
use crate::json::{number, quoted};

const EXPECTED: &str = "seconds, or a number with ms, s, m, h or d such as \"90s\", \"30m\" or \"1.5h\"";

/// Reads `"90s"`, `"30m"`, `"1.5h"`, `"2d"`, `"500ms"` or a bare number of seconds; answers in seconds.
///
/// # Errors
/// `invalid_argument`, naming `option`, for anything else: a negative number, another unit, more than 100 years.
///
/// ```
/// use offstage_core::time::parse_duration;
///
/// assert_eq!(parse_duration("1.5h", "timeout")?, 5400.0);
/// assert_eq!(parse_duration("90", "timeout")?, 90.0);
/// assert!(parse_duration("-1s", "timeout").is_err());
/// # Ok::<(), offstage_core::error::Error>(())
/// ```
pub fn parse_duration(text: &str, option: &str) -> Result<f64, Error> {
    let (amount, unit) = amount(text.trim_ascii().as_bytes());
    match (amount, seconds_in(unit.trim_ascii_start())) {
        (Some(amount), Some(unit)) => check_seconds(amount * unit, option),
        _ => Err(Error::invalid(option, quoted(text), EXPECTED)),
    }
}

/// Takes a number of seconds that is not negative and not over 100 years.
///
/// # Errors
/// `invalid_argument`, naming `option`, otherwise; also for `NaN` and infinity.
pub fn check_seconds(seconds: f64, option: &str) -> Result<f64, Error> {
    if (0.0..=MAX_SPAN as f64 / 1000.0).contains(&seconds) {
        return Ok(seconds);
    }
    Err(Error::invalid(option, number(seconds), "a number of seconds from 0 to 100 years"))
}

fn seconds_in(unit: &[u8]) -> Option<f64> {
    Some(match unit {
        b"ms" => 0.001,
        b"" | b"s" => 1.0,
        b"m" => 60.0,
        b"h" => 3_600.0,
        b"d" => 86_400.0,
        _ => return None,
    })
}

/// Reads `12` or `1.5`, up to 15 digits, which a number holds exactly; answers with what is behind it, too.
fn amount(text: &[u8]) -> (Option<f64>, &[u8]) {
    let (mut digits, mut scale) = (0_u64, 0_u64);
    let mut is_digit = false; // the last one was
    let mut at = 0;
    while let Some(&byte @ (b'0'..=b'9' | b'.')) = text.get(at)
        && at <= 15
    {
        if byte == b'.' && (scale > 0 || !is_digit) {
            break;
        }
        is_digit = byte != b'.';
        if is_digit {
            digits = digits * 10 + u64::from(byte - b'0');
            scale *= 10;
        } else {
            scale = 1;
        }
        at += 1;
    }
    (is_digit.then(|| digits as f64 / scale.max(1) as f64), &text[at..])
}
