//! The memory of the wasm grows seldom, and by a share of what there is.
//!
//! JavaScript engines count the whole of it anew whenever it grows, and collect all garbage, which takes as long as there is
//! much of everything, when they have counted much. By itself it grows with every 64 KiB that are needed.

use std::arch::wasm32::memory_size;
use std::hint::black_box;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

/// Bytes of a page.
const PAGE: usize = 65_536;
/// Pages that are taken at least.
const LEAST: usize = 16;
/// Of what there is, so much more is taken.
const SHARE: usize = 4;

/// Pages when it was looked last; 0: never.
static SEEN: AtomicUsize = AtomicUsize::new(0);

/// Where it has grown since the last look, lets it grow by so much that it need not for a while. To be called between calls.
pub(super) fn grow_ahead() {
    let pages = memory_size::<0>();
    let seen = SEEN.load(Relaxed);
    if pages == seen {
        return;
    }
    if seen != 0 {
        let mut ahead = Vec::<u8>::new();
        // What is given back stays: memory of a wasm never shrinks. When there is no more, what needs some will say so.
        let _ = ahead.try_reserve_exact((pages / SHARE).max(LEAST) * PAGE);
        black_box(&ahead);
    }
    SEEN.store(memory_size::<0>(), Relaxed);
}
