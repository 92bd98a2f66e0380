use wasm_bindgen::prelude::wasm_bindgen;

use crate::error::Error;
use crate::id::{self, Reference};

/// Makes one task id with that head out of each 16 random bytes, with a space between them: one text crosses faster than many.
#[wasm_bindgen(js_name = taskIds)]
pub fn task_ids(head: u8, random: &[u8]) -> String {
    let ids: Vec<_> = random.as_chunks().0.iter().map(|bytes| id::task_id(head, *bytes).to_string()).collect();
    ids.join(" ")
}

/// Makes a session's id out of 4 random bytes.
#[wasm_bindgen(js_name = sessionId)]
pub fn session_id(random: &[u8]) -> Result<String, Error> {
    match <[u8; 4]>::try_from(random) {
        Ok(bytes) => Ok(id::session_id(bytes)),
        Err(_) => Err(Error::invalid("random", format_args!("{} bytes", random.len()), "4 bytes")),
    }
}

/// Reads an id or the beginning of one; answers with it in full form: only a whole id is 37 characters long.
#[wasm_bindgen(js_name = parseReference)]
pub fn parse_reference(text: &str) -> Result<String, Error> {
    Ok(match id::parse_reference(text)? {
        Reference::Id(id) => id.to_string(),
        Reference::Prefix(prefix) => prefix,
    })
}
