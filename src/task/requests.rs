use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde::ser::{Serialize, Serializer};

use super::Request;

/// A task's requests by key, in the order in which they were asked.
///
/// A list: a task asks a few questions, and the code of a map would be a twentieth of the wasm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests(Vec<(String, Request)>);

impl Requests {
    /// The request of that key.
    pub fn get(&self, key: &str) -> Option<&Request> {
        self.iter().find(|(known, _)| *known == key).map(|(_, request)| request)
    }

    /// All of them, answered ones included.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Request)> {
        self.0.iter().map(|(key, request)| (key.as_str(), request))
    }

    /// The ones that nobody has answered.
    pub fn open(&self) -> impl Iterator<Item = (&str, &Request)> {
        self.iter().filter(|(_, request)| request.is_open())
    }

    /// Whether nothing was asked.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn get_mut(&mut self, key: &str) -> Option<&mut Request> {
        self.0.iter_mut().find(|(known, _)| known == key).map(|(_, request)| request)
    }

    /// The key is new: a question is asked once.
    pub(super) fn push(&mut self, key: String, request: Request) {
        self.0.push((key, request));
    }

    /// Open ones go; answered ones stay for the next run to read.
    pub(super) fn close(&mut self) {
        self.0.retain(|(_, request)| !request.is_open());
    }
}

impl Serialize for Requests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Requests {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByKey)
    }
}

struct ByKey;

impl<'de> Visitor<'de> for ByKey {
    type Value = Requests;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("requests by key")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Requests, A::Error> {
        let mut requests = Requests::default();
        while let Some((key, request)) = map.next_entry()? {
            requests.push(key, request);
        }
        Ok(requests)
    }
}
