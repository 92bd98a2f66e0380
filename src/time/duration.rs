//! Reading durations as people write them.

use super::MAX_SPAN;
use crate::error::{Error, number, quoted};

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
    let trimmed = text.trim();
    let split = trimmed.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(trimmed.len());
    let (digits, unit) = trimmed.split_at(split);
    match (decimal(digits), seconds_in(unit.trim_start())) {
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

fn seconds_in(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    })
}

/// Reads `12` or `1.5`, up to 15 digits, which a number holds exactly.
fn decimal(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    if whole.len() + fraction.len() > 15 {
        return None;
    }
    let scale = 10_u64.pow(fraction.len() as u32);
    let digits = whole.parse::<u64>().ok()? * scale + fraction.parse::<u64>().ok()?;
    Some(digits as f64 / scale as f64)
}
