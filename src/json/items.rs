use serde::ser::{Serialize, SerializeMap, SerializeSeq, SerializeStruct};

use super::write::{Unwritable, Writer};

/// The items of a list, or the entries of an object, as far as they are written.
pub(super) struct Items<'a> {
    writer: &'a mut Writer,
    is_first: bool,
    close: &'static str,
}

impl<'a> Items<'a> {
    pub(super) fn begin(writer: &'a mut Writer, open: &str, close: &'static str) -> Self {
        writer.put(open);
        Self { writer, is_first: true, close }
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_first) {
            self.writer.put(",");
        }
    }

    fn close(self) -> Result<(), Unwritable> {
        self.writer.put(self.close);
        Ok(())
    }
}

impl SerializeSeq for Items<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.separate();
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

impl SerializeMap for Items<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_key<K: Serialize + ?Sized>(&mut self, key: &K) -> Result<(), Unwritable> {
        self.separate();
        let from = self.writer.text.len();
        key.serialize(&mut *self.writer)?;
        if self.writer.text.as_bytes().get(from) == Some(&b'"') { Ok(()) } else { Err(Unwritable) }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Unwritable> {
        self.writer.put(":");
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}

impl SerializeStruct for Items<'_> {
    type Ok = ();
    type Error = Unwritable;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Unwritable> {
        self.writer.field(std::mem::take(&mut self.is_first), key);
        value.serialize(&mut *self.writer)
    }

    fn end(self) -> Result<(), Unwritable> {
        self.close()
    }
}
