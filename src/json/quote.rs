//! Strings of JSON, written.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = ONES << 7;

/// Where the first byte from there on is that cannot stand in a string as it is: a quote, a backslash, or one below a space.
/// The end, when there is none.
pub(super) fn special_from(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(eight) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let found = specials(u64::from_le_bytes(*eight));
        if found != 0 {
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    while bytes.get(at).is_some_and(|byte| !matches!(byte, b'"' | b'\\' | 0..b' ')) {
        at += 1;
    }
    at
}

/// Sets the high bit of the first such byte of eight, and of any other byte behind it.
fn specials(eight: u64) -> u64 {
    let below = |bytes: u64, limit: u8| bytes.wrapping_sub(ONES * u64::from(limit)) & !bytes;
    let quote = below(eight ^ (ONES * u64::from(b'"')), 1);
    let backslash = below(eight ^ (ONES * u64::from(b'\\')), 1);
    (below(eight, b' ') | quote | backslash) & HIGH
}

/// A text in double quotes, with what cannot be seen escaped.
pub(crate) fn quoted(text: &str) -> String {
    let mut into = String::with_capacity(text.len() + 2);
    quote(text, &mut into);
    into
}

/// Writes it so behind what is there.
pub(super) fn quote(text: &str, into: &mut String) {
    into.push('"');
    let mut from = 0;
    loop {
        let at = special_from(text, from);
        into.push_str(text.get(from..at).unwrap_or_default());
        let Some(&byte) = text.as_bytes().get(at) else {
            break;
        };
        escape(byte, into);
        from = at + 1;
    }
    into.push('"');
}

fn escape(byte: u8, into: &mut String) {
    let hex = |half: u8| char::from_digit(half.into(), 16).unwrap_or('0');
    into.push('\\');
    let last = match byte {
        b'"' | b'\\' => byte.into(),
        8 => 'b',
        12 => 'f',
        b'\n' => 'n',
        b'\r' => 'r',
        b'\t' => 't',
        _ => {
            into.push_str("u00");
            into.push(hex(byte >> 4));
            hex(byte & 15)
        }
    };
    into.push(last);
}
