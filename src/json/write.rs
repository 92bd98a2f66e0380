//! Writing the crate's own types as JSON.

use std::fmt::{self, Display};

use serde::ser::{Error, Impossible, Serialize, Serializer};

use super::items::Items;
use super::quote::quote;
use super::{RAW, number};

/// Bytes that there are at first: most records need no more.
const ROOM: usize = 512;

/// The JSON of a value. Fractions have six decimals at most, and what is no number is null.
///
/// # Errors
/// What none of the crate's types has: keys that are not text, tuples, bytes, variants with data, integers of 128 bits.
///
/// ```
/// use offstage_core::{json, task::Backoff};
///
/// let text = json::write(&Backoff::default())?;
/// assert_eq!(text, r#"{"initial":1,"max":60,"factor":2,"jitter":0.5}"#);
/// # Ok::<(), json::Unwritable>(())
/// ```
pub fn write(value: &(impl Serialize + ?Sized)) -> Result<String, Unwritable> {
    let mut writer = Writer { text: String::with_capacity(ROOM), is_verbatim: false };
    value.serialize(&mut writer)?;
    Ok(writer.text)
}

/// It cannot be JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unwritable;

impl Error for Unwritable {
    fn custom<T: Display>(_message: T) -> Self {
        Self
    }
}

impl Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it cannot be JSON")
    }
}

impl std::error::Error for Unwritable {}

pub(super) struct Writer {
    pub(super) text: String,
    /// The next string is JSON already.
    is_verbatim: bool,
}

impl Writer {
    #[inline(never)]
    pub(super) fn put(&mut self, text: &str) {
        self.text.push_str(text);
    }

    #[inline(never)]
    fn integer(&mut self, is_negative: bool, size: u64) {
        let mut digits = [b'-'; 20];
        let mut at = digits.len();
        let mut left = size;
        while left > u64::from(u32::MAX) {
            // Numbers of 64 bits are divided slowly: four digits at a time.
            let four = (left % 10_000) as u32;
            left /= 10_000;
            for place in [1, 10, 100, 1_000] {
                at -= 1;
                digits[at] = b'0' + (four / place % 10) as u8;
            }
        }
        let mut left = left as u32;
        loop {
            at -= 1;
            digits[at] = b'0' + (left % 10) as u8;
            left /= 10;
            if left == 0 {
                break;
            }
        }
        at -= usize::from(is_negative); // no negative number has 20 digits
        self.text.push_str(str::from_utf8(&digits[at..]).unwrap_or_default());
    }

    #[inline(never)]
    fn string(&mut self, text: &str) {
        if std::mem::take(&mut self.is_verbatim) {
            return self.text.push_str(text);
        }
        quote(text, &mut self.text);
    }

    /// Begins a field.
    #[inline(never)]
    pub(super) fn field(&mut self, is_first: bool, key: &str) {
        if key == RAW {
            self.is_verbatim = true;
            return;
        }
        self.put(if is_first { "\"" } else { ",\"" });
        self.text.push_str(key); // the name of a field in Rust
        self.text.push_str("\":");
    }
}

impl<'a> Serializer for &'a mut Writer {
    type Ok = ();
    type Error = Unwritable;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Impossible<(), Unwritable>;
    type SerializeTupleStruct = Impossible<(), Unwritable>;
    type SerializeTupleVariant = Impossible<(), Unwritable>;
    type SerializeMap = Items<'a>;
    type SerializeStruct = Items<'a>;
    type SerializeStructVariant = Impossible<(), Unwritable>;

    fn serialize_bool(self, is: bool) -> Result<(), Unwritable> {
        self.put(if is { "true" } else { "false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Unwritable> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Unwritable> {
        self.integer(value < 0, value.unsigned_abs());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Unwritable> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Unwritable> {
        self.integer(false, value);
        Ok(())
    }

    fn serialize_f32(self, value: f32) -> Result<(), Unwritable> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Unwritable> {
        match value.is_finite() {
            true => self.put(&number(value)),
            false => self.put("null"),
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Unwritable> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, text: &str) -> Result<(), Unwritable> {
        self.string(text);
        Ok(())
    }

    fn serialize_bytes(self, _bytes: &[u8]) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_none(self) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unwritable> {
        self.put("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unwritable> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _name: &'static str, _index: u32, variant: &'static str) -> Result<(), Unwritable> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _name: &'static str, value: &T) -> Result<(), Unwritable> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _value: &T,
    ) -> Result<(), Unwritable> {
        Err(Unwritable)
    }

    fn serialize_seq(self, _len: Option<usize>) -> Result<Items<'a>, Unwritable> {
        Ok(Items::begin(self, "[", "]"))
    }

    fn serialize_tuple(self, _len: usize) -> Result<Impossible<(), Unwritable>, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_tuple_struct(
        self,
        _name: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Unwritable>, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Unwritable>, Unwritable> {
        Err(Unwritable)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Items<'a>, Unwritable> {
        Ok(Items::begin(self, "{", "}"))
    }

    fn serialize_struct(self, name: &'static str, _len: usize) -> Result<Items<'a>, Unwritable> {
        match name == RAW {
            true => Ok(Items::begin(self, "", "")),
            false => self.serialize_map(None),
        }
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        _index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Impossible<(), Unwritable>, Unwritable> {
        Err(Unwritable)
    }
}
