//! Which trace a task belongs to.

use serde::{Deserialize, Serialize};

/// Of `tracestate`, in bytes.
const STATE_LIMIT: usize = 512;
/// Digits of a `traceparent` between its dashes: version, trace, span, flags.
const PARTS: [usize; 4] = [2, 32, 16, 2];

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

fn is_parent(text: &str) -> bool {
    let mut parts = text.split('-');
    let known = PARTS.iter().all(|&length| parts.next().is_some_and(|part| part.len() == length && is_hex(part)));
    known
        && parts.next().is_none()
        && !text.starts_with("ff")
        && !is_nothing(&text[3..35])
        && !is_nothing(&text[36..52])
}

fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_nothing(digits: &str) -> bool {
    digits.bytes().all(|byte| byte == b'0')
}

fn is_printable(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}
