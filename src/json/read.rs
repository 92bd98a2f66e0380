//! Reading JSON into the crate's own types.

use std::borrow::Cow;

use serde::de::value::{BorrowedStrDeserializer, MapAccessDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde::de::{Error, Expected, Unexpected};
use serde::forward_to_deserialize_any;

use super::number::Number;
use super::scan::Scanner;
use super::{RAW, Unfit};

/// Reads a text that holds one value.
///
/// # Errors
/// Where the text is no JSON, or what in it does not fit the type.
///
/// ```
/// use offstage_core::{json, task::Command};
///
/// assert_eq!(json::read(r#"{"command":"due"}"#), Ok(Command::Due {}));
/// let unfit = json::read::<Command>(r#"{"command":"start"}"#).expect_err("it names no worker");
/// assert_eq!(unfit.to_string(), "missing field `worker`");
/// ```
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Unfit> {
    let mut scanner = Scanner { text, at: 0 };
    let value = T::deserialize(Reader(&mut scanner))?;
    scanner.end()?;
    Ok(value)
}

/// Reads the value that comes next.
struct Reader<'a, 'de>(&'a mut Scanner<'de>);

impl Reader<'_, '_> {
    /// Why what comes next is not what was expected.
    #[cold]
    #[inline(never)]
    fn unfit(self, expected: &dyn Expected) -> Unfit {
        let unexpected = match self.0.peek() {
            b'"' => {
                return self.0.string().map_or_else(|unfit| unfit, |text| invalid(Unexpected::Str(&text), expected));
            }
            b'{' => Unexpected::Map,
            b'[' => Unexpected::Seq,
            b'-' | b'0'..=b'9' => match self.0.number() {
                Ok(Number::Whole(value)) => Unexpected::Unsigned(value),
                Ok(Number::Negative(value)) => Unexpected::Signed(value),
                Ok(Number::Fraction(value)) => Unexpected::Float(value),
                Err(unfit) => return unfit,
            },
            b't' => Unexpected::Bool(true),
            b'f' => Unexpected::Bool(false),
            b'n' => Unexpected::Unit,
            _ => return self.0.expected("a value"),
        };
        invalid(unexpected, expected)
    }
}

fn invalid(unexpected: Unexpected<'_>, expected: &dyn Expected) -> Unfit {
    Unfit::invalid_type(unexpected, expected)
}

impl<'de> Deserializer<'de> for Reader<'_, 'de> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0.peek() {
            b'"' => self.deserialize_str(visitor),
            b'{' => self.deserialize_map(visitor),
            b'[' => self.deserialize_seq(visitor),
            b't' | b'f' => self.deserialize_bool(visitor),
            b'n' => self.deserialize_unit(visitor),
            _ => self.deserialize_f64(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0.peek() {
            b't' => self.0.word("true").and_then(|()| visitor.visit_bool(true)),
            b'f' => self.0.word("false").and_then(|()| visitor.visit_bool(false)),
            _ => Err(self.unfit(&visitor)),
        }
    }

    /// A number of any kind: what is asked for takes what it can hold.
    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if !matches!(self.0.peek(), b'-' | b'0'..=b'9') {
            return Err(self.unfit(&visitor));
        }
        match self.0.number()? {
            Number::Whole(value) => visitor.visit_u64(value),
            Number::Negative(value) => visitor.visit_i64(value),
            Number::Fraction(value) if value.is_finite() => visitor.visit_f64(value),
            Number::Fraction(_) => Err(self.0.expected("a number in range before this")),
        }
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_i32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_f64(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if self.0.peek() != b'"' {
            return Err(self.unfit(&visitor));
        }
        match self.0.string()? {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0.peek() {
            b'n' => self.0.word("null").and_then(|()| visitor.visit_none()),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.0.peek();
        self.0.word("null")?;
        visitor.visit_unit()
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        self.0.value()?;
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Unfit> {
        match name == RAW {
            true => visitor.visit_map(Raw(Some(self.0.value()?))),
            false => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if !self.0.passes(b'[') {
            return Err(self.unfit(&visitor));
        }
        let mut items = Items { scanner: self.0, close: b']', is_first: true };
        let value = visitor.visit_seq(&mut items)?;
        items.end()?;
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        if !self.0.passes(b'{') {
            return Err(self.unfit(&visitor));
        }
        let mut items = Items { scanner: self.0, close: b'}', is_first: true };
        let value = visitor.visit_map(&mut items)?;
        items.end()?;
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        self.deserialize_map(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfit> {
        match self.0.peek() {
            b'"' => visitor.visit_enum(StrDeserializer::new(&self.0.string()?)),
            _ => self.deserialize_map(OneEntry(visitor)),
        }
    }

    forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u128 f32 char bytes byte_buf unit_struct tuple tuple_struct
    }
}

/// The items of a list, or the entries of an object.
struct Items<'a, 'de> {
    scanner: &'a mut Scanner<'de>,
    /// The closing byte; 0 once it was passed.
    close: u8,
    is_first: bool,
}

impl Items<'_, '_> {
    #[inline(never)]
    fn goes_on(&mut self) -> Result<bool, Unfit> {
        let goes_on = self.close != 0 && self.scanner.goes_on(self.is_first, self.close)?;
        self.is_first = false;
        if !goes_on {
            self.close = 0;
        }
        Ok(goes_on)
    }

    /// Passes the end, if whoever read the items has not come to it.
    fn end(mut self) -> Result<(), Unfit> {
        match self.goes_on()? {
            true => Err(self.scanner.expected("no further item")),
            false => Ok(()),
        }
    }
}

impl<'de> SeqAccess<'de> for Items<'_, 'de> {
    type Error = Unfit;

    #[inline(never)] // one for each type, not for each field of it
    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfit> {
        match self.goes_on()? {
            true => seed.deserialize(Reader(self.scanner)).map(Some),
            false => Ok(None),
        }
    }
}

impl<'de> MapAccess<'de> for Items<'_, 'de> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        match self.goes_on()? {
            true => seed.deserialize(Key(self.scanner.key()?)).map(Some),
            false => Ok(None),
        }
    }

    #[inline]
    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unfit> {
        seed.deserialize(Reader(self.scanner))
    }
}

/// The key of an entry.
struct Key<'de>(Cow<'de, str>);

impl<'de> Deserializer<'de> for Key<'de> {
    type Error = Unfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Unfit> {
        match self.0 {
            Cow::Borrowed(text) => visitor.visit_borrowed_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// What a `RawValue` is read from: an object with one entry, its text.
struct Raw<'de>(Option<&'de str>);

impl<'de> MapAccess<'de> for Raw<'de> {
    type Error = Unfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfit> {
        match self.0 {
            Some(_) => seed.deserialize(BorrowedStrDeserializer::new(RAW)).map(Some),
            None => Ok(None),
        }
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Unfit> {
        seed.deserialize(BorrowedStrDeserializer::new(self.0.take().unwrap_or_default()))
    }
}

/// A variant with data: an object with one entry.
struct OneEntry<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for OneEntry<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(MapAccessDeserializer::new(entries))
    }
}
