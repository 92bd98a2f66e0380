//! Which trace a task belongs to.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Of `tracestate`, in bytes.
const STATE_LIMIT: usize = 512;
/// Of a `traceparent`: version, trace, span and flags with dashes between them.
const LENGTH: usize = 55;
const DASHES: [usize; 3] = [2, 35, 52];
const TRACE: Range<usize> = 3..35;
const SPAN: Range<usize> = 36..52;

/// The span that submitted a task, in the words of W3C Trace Context.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trace {
    /// `00-`, 32 hex digits, `-`, 16 hex digits, `-`, 2 hex digits.
    pub traceparent: String,
    /// What vendors add; up to 512 characters of ASCII.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
}

impl Trace {
    /// What of it can be kept. Malformed ones are dropped: a task is not refused for the telemetry of its submitter.
    pub(super) fn kept(mut self) -> Option<Self> {
        self.tracestate =
            self.tracestate.filter(|state| (1..=STATE_LIMIT).contains(&state.len()) && is_printable(state));
        is_parent(&self.traceparent).then_some(self)
    }
}

/// By its bytes: to cut a text brings what prints one into the wasm.
fn is_parent(text: &str) -> bool {
    let bytes = text.as_bytes();
    let fits = |(at, byte): (usize, &u8)| match DASHES.contains(&at) {
        true => *byte == b'-',
        false => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    };
    bytes.len() == LENGTH
        && bytes.iter().enumerate().all(fits)
        && !bytes.starts_with(b"ff")
        && is_something(bytes, TRACE)
        && is_something(bytes, SPAN)
}

fn is_something(bytes: &[u8], part: Range<usize>) -> bool {
    bytes.iter().skip(part.start).take(part.len()).any(|byte| *byte != b'0')
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
