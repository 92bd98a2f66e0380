//! Random texts: JSON, and what is nearly so.

use crate::support::Rng;

const NUMBERS: [&str; 16] = [
    "0",
    "-0",
    "7",
    "-1",
    "2147483648",
    "9007199254740993",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "-9223372036854775809",
    "0.5",
    "1700000000000",
    "12.345678",
    "1e3",
    "2.5E-7",
    "1e400",
];
const STRINGS: [&str; 12] = [
    r#""""#,
    r#""a""#,
    r#""ab\"cd""#,
    r#""\\\/\b\f\n\r\t""#,
    r#""\u0041\u00e9\u20AC""#,
    r#""\ud83d\ude00""#,
    r#""\ud83d""#,
    r#""\ude00x""#,
    r#""é€😀 and more than eight""#,
    r#""eight by""#,
    "\"a\u{1}b\"",
    r#""\u00""#,
];
const SPACES: [&str; 6] = ["", "", "", " ", "\n\t", "\r "];
const ODD: [&str; 20] =
    ["", ",", ":", "{", "}", "[", "]", "\"", "\\", "0", "-", ".", "e", "+", "n", "tru", "null", " ", "\u{0}", "é"];

/// A value of a random kind and depth.
pub fn value(rng: &mut Rng, depth: u64) -> String {
    let kind = if depth == 0 { rng.below(5) } else { rng.below(8) };
    match kind {
        0 => rng.pick(&["null", "true", "false"]).to_string(),
        1 | 2 => rng.pick(&NUMBERS).to_string(),
        3 | 4 => rng.pick(&STRINGS).to_string(),
        5 => format!("[{}]", list(rng, |rng| value(rng, depth - 1))),
        _ => format!("{{{}}}", list(rng, |rng| format!("{}:{}", rng.pick(&STRINGS), spaced(rng, depth - 1)))),
    }
}

fn list(rng: &mut Rng, item: impl Fn(&mut Rng) -> String) -> String {
    let items: Vec<String> = (0..rng.below(4)).map(|_| item(rng)).collect();
    items.join(",")
}

fn spaced(rng: &mut Rng, depth: u64) -> String {
    format!("{}{}{}", rng.pick(&SPACES), value(rng, depth), rng.pick(&SPACES))
}

/// The text, or the text with something put in place of a few of its characters.
pub fn bent(rng: &mut Rng, text: String) -> String {
    if rng.chance(40) {
        return text;
    }
    let mut characters: Vec<String> = text.chars().map(String::from).collect();
    let at = rng.below(characters.len() as u64 + 1) as usize;
    let until = (at + rng.below(3) as usize).min(characters.len());
    characters.splice(at..until, [rng.pick(&ODD).to_string()]);
    characters.concat()
}
