//! Reading a record, each field into its place.
//!
//! What serde derives holds every field apart until the last one was read. For as many as these that is one function of 28 KB, and
//! whoever looks at a single task waits 3 ms until it is compiled.

use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use super::record::{cleanup_delay_ms, keep_failed_ms, keep_keyed_ms, kill_grace_ms};
use super::{Backoff, OnLost, Requests, State, Status};
use crate::id::TaskId;

macro_rules! fields {
    ($($need:ident $field:ident = $unread:expr),* $(,)?) => {
        /// In the order in which they are written.
        const FIELDS: &[&str] = &[$(stringify!($field)),*];

        #[allow(non_camel_case_types)]
        enum At {
            $($field),*
        }

        const _: () = assert!(FIELDS.len() <= u64::BITS as usize, "there is a bit for each field");

        /// A bit for each that cannot be left out.
        const NEEDED: u64 = 0 $(| fields!(@$need $field))*;

        /// What a record leaves out. What it needs is not in it yet.
        fn blank() -> State {
            State { $($field: $unread),* }
        }

        /// Reads the value of a field; what no field is called is passed.
        fn value<'de, A: MapAccess<'de>>(state: &mut State, at: usize, entries: &mut A) -> Result<(), A::Error> {
            match at {
                $(at if at == At::$field as usize => put(&mut state.$field, entries),)*
                _ => entries.next_value::<IgnoredAny>().map(drop),
            }
        }
    };
    (@needed $field:ident) => { 1 << At::$field as u64 };
    (@optional $field:ident) => { 0 };
}

fields! {
    needed task_id = TaskId::unread(),
    needed name = String::new(),
    needed recipe = String::new(),
    needed status = Status::Pending,
    optional session_id = None,
    optional parent_id = None,
    optional priority = 0,
    optional attempt = 0,
    optional uncounted = 0,
    needed max_attempts = 0,
    optional on_lost = OnLost::default(),
    optional backoff = Backoff::default(),
    optional progress = 0.0,
    optional progress_message = None,
    needed created_at = 0,
    optional run_at = None,
    optional started_at = None,
    optional completed_at = None,
    optional stopped_at = None,
    needed updated_at = 0,
    optional deadline_at = None,
    optional timeout_ms = None,
    optional ttl_ms = None,
    optional kill_grace_ms = kill_grace_ms(),
    optional cleanup_delay_ms = cleanup_delay_ms(),
    optional keep_failed_ms = keep_failed_ms(),
    optional keep_keyed_ms = keep_keyed_ms(),
    optional idempotency_key = None,
    optional retried_from = None,
    optional resume = false,
    needed seq = 0,
    optional epoch = 0,
    optional hold = None,
    optional running_since = None,
    optional ran_ms = 0,
    optional error = None,
    optional requests = Requests::default(),
    optional recovered = false,
    optional abandoned = false,
    optional late = Vec::new(),
    optional version = None,
    optional digest = None,
    optional on_code_change = None,
    optional stepped = false,
    optional held = None,
    optional code_changed = false,
    optional source = None,
    optional carried = None,
    optional usage = None,
}

#[inline(never)] // one for each type, not for each field of it
fn put<'de, T: Deserialize<'de>, A: MapAccess<'de>>(place: &mut T, entries: &mut A) -> Result<(), A::Error> {
    *place = entries.next_value()?;
    Ok(())
}

impl<'de> Deserialize<'de> for State {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("State", FIELDS, Fields)
    }
}

struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = State;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("struct State")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<State, A::Error> {
        let mut state = blank();
        let (mut seen, mut next) = (0_u64, 0);
        while let Some(at) = entries.next_key_seed(PlaceFrom(next))? {
            if let Some(field) = FIELDS.get(at) {
                if seen >> at & 1 == 1 {
                    return Err(A::Error::duplicate_field(field));
                }
                seen |= 1 << at;
                next = at + 1;
            }
            value(&mut state, at, &mut entries)?;
        }
        match FIELDS.get((NEEDED & !seen).trailing_zeros() as usize) {
            Some(missing) => Err(A::Error::missing_field(missing)),
            None => Ok(state),
        }
    }
}

/// The place of a key among the fields, looked for from here on: most keys come in the order in which they are written.
struct PlaceFrom(usize);

impl<'de> DeserializeSeed<'de> for PlaceFrom {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for PlaceFrom {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("field identifier")
    }

    fn visit_str<E: Error>(self, key: &str) -> Result<usize, E> {
        let is_it = |at: &usize| FIELDS.get(*at) == Some(&key);
        Ok((self.0..FIELDS.len()).chain(0..self.0).find(is_it).unwrap_or(FIELDS.len()))
    }
}
