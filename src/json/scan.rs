//! Where a reader is in its text, and the grammar of what it passes.

use std::borrow::Cow;

use super::number::{Number, scaled};
use super::unfit::Unfit;

/// A text and a place in it.
pub(super) struct Scanner<'de> {
    pub(super) text: &'de str,
    pub(super) at: usize,
}

/// The one value that a text holds, as it stands there.
pub(crate) fn verbatim(text: &str) -> Result<&str, Unfit> {
    let mut scanner = Scanner { text, at: 0 };
    let value = scanner.value()?;
    scanner.end()?;
    Ok(value)
}

impl<'de> Scanner<'de> {
    /// The byte that is there; 0, which no JSON has, at the end.
    pub(super) fn byte(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    /// The first byte of what comes next, after any space.
    #[inline(always)]
    pub(super) fn peek(&mut self) -> u8 {
        match self.byte() {
            byte if byte > b' ' => byte,
            _ => self.after_space(),
        }
    }

    #[inline(never)]
    fn after_space(&mut self) -> u8 {
        while let b' ' | b'\n' | b'\t' | b'\r' = self.byte() {
            self.at += 1;
        }
        self.byte()
    }

    #[cold]
    #[inline(never)]
    pub(super) fn expected(&self, what: &str) -> Unfit {
        Unfit::new(format_args!("expected {what} at byte {}", self.at))
    }

    /// Passes a byte that has to be there.
    pub(super) fn pass(&mut self, byte: u8, what: &str) -> Result<(), Unfit> {
        if self.peek() != byte {
            return Err(self.expected(what));
        }
        self.at += 1;
        Ok(())
    }

    /// Passes a byte if it is there.
    pub(super) fn passes(&mut self, byte: u8) -> bool {
        let is_there = self.peek() == byte;
        self.at += usize::from(is_there);
        is_there
    }

    /// Passes the end of the text.
    pub(super) fn end(&mut self) -> Result<(), Unfit> {
        self.peek();
        if self.at == self.text.len() { Ok(()) } else { Err(self.expected("the end")) }
    }

    /// Passes `true`, `false` or `null`.
    #[inline(never)]
    pub(super) fn word(&mut self, word: &str) -> Result<(), Unfit> {
        if !self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
            return Err(self.expected(word));
        }
        self.at += word.len();
        Ok(())
    }

    /// Whether another item of a list or an object follows; passes what stands before it, or the closing byte.
    #[inline(always)]
    pub(super) fn goes_on(&mut self, is_first: bool, close: u8) -> Result<bool, Unfit> {
        if self.passes(close) {
            return Ok(false);
        }
        if !is_first {
            self.pass(b',', "a comma or the end of the list or object")?;
        }
        Ok(true)
    }

    /// Passes a number.
    #[inline(never)]
    pub(super) fn number(&mut self) -> Result<Number, Unfit> {
        let is_negative = self.passes(b'-');
        let leads_with_zero = self.byte() == b'0';
        let (mut digits, mut dropped, mut exponent) = (0, 0, 0_i32);
        let whole = self.digits(&mut digits, &mut dropped)?;
        if leads_with_zero && whole > 1 {
            return Err(self.expected("no digit after a leading zero"));
        }
        let mut is_whole = dropped == 0;
        if self.byte() == b'.' {
            self.at += 1;
            is_whole = false;
            exponent -= self.digits(&mut digits, &mut dropped)?;
        }
        if self.byte() | 0x20 == b'e' {
            self.at += 1;
            is_whole = false;
            exponent = exponent.saturating_add(self.exponent()?);
        }
        Ok(valued(is_negative, is_whole, digits, exponent.saturating_add(dropped)))
    }

    /// Passes digits, one at least; answers how many. Those that do not fit are dropped and counted.
    fn digits(&mut self, digits: &mut u64, dropped: &mut i32) -> Result<i32, Unfit> {
        let from = self.at;
        while let digit @ b'0'..=b'9' = self.byte() {
            let digit = u64::from(digit - b'0');
            // Not checked_mul: a product of 128 bits is a call in wasm.
            let fits = *digits < u64::MAX / 10 || *digits == u64::MAX / 10 && digit <= u64::MAX % 10;
            match fits && *dropped == 0 {
                true => *digits = *digits * 10 + digit,
                false => *dropped += 1,
            }
            self.at += 1;
        }
        if self.at == from { Err(self.expected("a digit")) } else { Ok((self.at - from) as i32) }
    }

    fn exponent(&mut self) -> Result<i32, Unfit> {
        let is_negative = self.byte() == b'-';
        self.at += usize::from(is_negative || self.byte() == b'+');
        let (mut size, mut dropped) = (0, 0);
        self.digits(&mut size, &mut dropped)?;
        let size = if dropped > 0 { i32::MAX } else { i32::try_from(size).unwrap_or(i32::MAX) };
        Ok(if is_negative { -size } else { size })
    }

    /// Passes a value of any kind; answers its text.
    #[inline(never)]
    pub(super) fn value(&mut self) -> Result<&'de str, Unfit> {
        self.peek();
        let from = self.at;
        let mut open = Vec::new();
        loop {
            let close = match self.peek() {
                b'{' => b'}',
                b'[' => b']',
                _ => 0,
            };
            if close == 0 {
                self.plain()?;
            } else {
                self.at += 1;
                open.push(close);
            }
            let mut is_first = close != 0;
            while let Some(&close) = open.last() {
                if self.goes_on(is_first, close)? {
                    if close == b'}' {
                        self.pass_key()?;
                    }
                    break;
                }
                open.pop();
                is_first = false;
            }
            if open.is_empty() {
                return Ok(self.text.get(from..self.at).unwrap_or_default());
            }
        }
    }

    /// Passes a value that holds no other.
    fn plain(&mut self) -> Result<(), Unfit> {
        match self.byte() {
            b'"' => self.pass_string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            b'-' | b'0'..=b'9' => self.number().map(|_| ()),
            _ => Err(self.expected("a value")),
        }
    }

    /// Passes a key and its colon.
    fn pass_key(&mut self) -> Result<(), Unfit> {
        if self.peek() != b'"' {
            return Err(self.expected("a key"));
        }
        self.pass_string()?;
        self.pass(b':', "a colon")
    }

    /// Reads a key, and passes its colon.
    #[inline(never)]
    pub(super) fn key(&mut self) -> Result<Cow<'de, str>, Unfit> {
        if self.peek() != b'"' {
            return Err(self.expected("a key"));
        }
        let key = self.string()?;
        self.pass(b':', "a colon")?;
        Ok(key)
    }
}

/// What so many digits come to. A fraction may be infinite.
fn valued(is_negative: bool, is_whole: bool, digits: u64, exponent: i32) -> Number {
    match (is_whole, is_negative) {
        (true, false) => Number::Whole(digits),
        (true, true) if (1..=i64::MIN.unsigned_abs()).contains(&digits) => {
            Number::Negative(digits.wrapping_neg() as i64)
        }
        _ => {
            let size = scaled(digits, exponent);
            Number::Fraction(if is_negative { -size } else { size })
        }
    }
}
