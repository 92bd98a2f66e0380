//! Strings of JSON.

use std::borrow::Cow;

use super::scan::Scanner;
use super::unfit::Unfit;

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

impl<'de> Scanner<'de> {
    /// Passes what stands for itself; answers with the byte behind it.
    fn find_special(&mut self) -> u8 {
        self.at = special_from(self.text, self.at);
        self.byte()
    }

    /// Passes a string.
    #[inline(never)]
    pub(super) fn pass_string(&mut self) -> Result<(), Unfit> {
        self.at += 1;
        loop {
            match self.find_special() {
                b'"' => break,
                b'\\' => self.escape().map(|_| ())?,
                _ => return Err(self.expected("no control character in a string, and its end")),
            }
        }
        self.at += 1;
        Ok(())
    }

    /// Reads a string.
    #[inline(never)]
    pub(super) fn string(&mut self) -> Result<Cow<'de, str>, Unfit> {
        self.at += 1;
        let mut from = self.at;
        let mut owned = String::new();
        loop {
            let special = self.find_special();
            let plain = &self.text[from..self.at];
            match special {
                b'"' => {
                    self.at += 1;
                    if owned.is_empty() {
                        return Ok(plain.into());
                    }
                    owned.push_str(plain);
                    return Ok(owned.into());
                }
                b'\\' => {
                    owned.push_str(plain);
                    owned.push(self.character()?);
                    from = self.at;
                }
                _ => return Err(self.expected("no control character in a string, and its end")),
            }
        }
    }

    /// Passes an escape; one of four digits is half a pair, perhaps.
    fn escape(&mut self) -> Result<u32, Unfit> {
        self.at += 1;
        let byte = self.byte();
        self.at += 1;
        Ok(u32::from(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.four_digits(),
            _ => return Err(self.expected("an escape before this")),
        }))
    }

    fn four_digits(&mut self) -> Result<u32, Unfit> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = char::from(self.byte()).to_digit(16).ok_or_else(|| self.expected("four hex digits"))?;
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    /// Reads an escaped character, which may be a pair of escapes.
    fn character(&mut self) -> Result<char, Unfit> {
        let mut code = self.escape()?;
        if (0xD800..0xDC00).contains(&code) && self.text.as_bytes()[self.at..].starts_with(b"\\u") {
            let low = self.escape()?;
            let is_pair = (0xDC00..0xE000).contains(&low);
            code = if is_pair { 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) } else { code };
        }
        char::from_u32(code).ok_or_else(|| self.expected("both halves of a surrogate pair before this"))
    }
}
