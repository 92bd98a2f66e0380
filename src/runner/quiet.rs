//! Code of others that must not take its caller along: a drop or a wake may panic, and nobody is there to hear it.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls it. A panic of it is nobody's; what it panicked with is not dropped, for that drop may panic as well.
pub(super) fn quietly(call: impl FnOnce()) {
    if let Err(payload) = catch_unwind(AssertUnwindSafe(call)) {
        std::mem::forget(payload);
    }
}

/// Drops it, whatever its drop does.
pub(super) fn drop_quietly<T>(thing: T) {
    quietly(|| drop(thing));
}
