//! Numbers as text and back. The standard library's ways for fractions, or serde_json's, would add a fifth to the wasm for
//! tables that nothing else needs.

/// A number of JSON.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Number {
    /// A whole number from 0.
    Whole(u64),
    /// A whole number below 0.
    Negative(i64),
    /// Any other.
    Fraction(f64),
}

/// Powers of ten are exact up to this one.
const EXACT: u32 = 22;
/// Digits of up to 20 places are infinite or nothing with a greater exponent.
const GREATEST: i32 = 400;

/// Digits and their power of ten, as near as two roundings are: exact up to 15 digits with up to 22 decimals, which is
/// what the crate writes.
pub(super) fn scaled(digits: u64, exponent: i32) -> f64 {
    let mut value = digits as f64;
    let mut left = exponent.clamp(-GREATEST, GREATEST).unsigned_abs();
    while left > 0 {
        let step = left.min(EXACT);
        let power = 10_f64.powi(step as i32);
        value = if exponent < 0 { value / power } else { value * power };
        left -= step;
    }
    value
}

/// A number as JavaScript writes it, rounded to six decimals; beyond 10^15 to one digit and an exponent.
pub(crate) fn number(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let size = value.abs();
    if size.is_infinite() {
        return format!("{sign}Infinity");
    }
    if size >= 1e15 {
        return format!("{sign}{}", with_exponent(size));
    }
    // The whole part and the fraction are taken apart first: their product with a million is then exact enough.
    let fraction = ((size.fract() * 1e6).round() as u64).min(999_999);
    let digits = format!("{sign}{}.{fraction:06}", size.trunc() as u64);
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn with_exponent(mut size: f64) -> String {
    let mut exponent = 0;
    while size >= 10.0 {
        size /= 10.0;
        exponent += 1;
    }
    format!("{}e+{exponent}", size as u64)
}
