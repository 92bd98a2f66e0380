//! Strings of JSON, read.

use std::borrow::Cow;

use super::quote::special_from;
use super::scan::Scanner;
use super::unfit::Unfit;

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
            let plain = self.text.get(from..self.at).unwrap_or_default();
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
