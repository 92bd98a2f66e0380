//! How values look in messages and in JSON. The standard library's way for fractions and quoted text, or serde_json's,
//! would add a fifth to the wasm for tables that nothing else needs.

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

/// A text in double quotes, with what cannot be seen escaped.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}
