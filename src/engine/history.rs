use std::collections::VecDeque;
use std::sync::Arc;

use crate::task::body::Progress;
use crate::task::{Body, Event};

/// Events of one task that are kept, as in a store.
const MAX_EVENTS: usize = 10_000;
/// Bytes of their data.
const MAX_BYTES: usize = 16 * 1024 * 1024;

/// What happened to a task. Older progress, log and output go first when there is too much of it.
#[derive(Default)]
pub(super) struct History {
    events: VecDeque<Arc<Event>>,
    bytes: usize,
}

impl History {
    pub(super) fn push(&mut self, event: Arc<Event>) {
        self.bytes += size(&event);
        self.events.push_back(event);
        if self.events.len() > MAX_EVENTS || self.bytes > MAX_BYTES {
            self.shed();
        }
    }

    /// Makes room for a tenth, so that this is rare.
    fn shed(&mut self) {
        let (events, bytes) = (MAX_EVENTS / 10 * 9, MAX_BYTES / 10 * 9);
        let (mut left, mut size_left) = (self.events.len(), self.bytes);
        self.events.retain(|event| {
            let goes = (left > events || size_left > bytes) && is_note(event);
            if goes {
                left -= 1;
                size_left -= size(event);
            }
            !goes
        });
        self.bytes = size_left;
    }

    /// Those after that `seq`.
    pub(super) fn after(&self, seq: u64) -> impl Iterator<Item = &Arc<Event>> {
        let from = self.events.partition_point(|event| event.seq <= seq);
        self.events.range(from..)
    }
}

fn is_note(event: &Event) -> bool {
    matches!(
        event.body,
        Body::Progress(_) | Body::Log(_) | Body::Output(_) | Body::Usage(_) | Body::Tool(_) | Body::Warning(_)
    )
}

/// About what its data takes; the first event, which nobody sheds, is not measured.
fn size(event: &Event) -> usize {
    match &event.body {
        Body::Log(data) => data.line.len(),
        Body::Output(data) => data.chunk.as_str().len(),
        Body::Progress(Progress { message, data, .. }) => {
            message.as_ref().map_or(0, String::len) + data.as_ref().map_or(0, |data| data.as_str().len())
        }
        Body::InputRequested(data) => data.message.len(),
        Body::InputAnswered(data) => data.content.as_ref().map_or(0, |content| content.as_str().len()),
        _ => 0,
    }
}
