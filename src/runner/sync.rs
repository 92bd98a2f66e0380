//! The one lock of a runner, chosen once. No code of others ever runs while it is held.

#[cfg_attr(all(test, not(target_arch = "wasm32")), path = "sync/model.rs")]
#[cfg_attr(not(all(test, not(target_arch = "wasm32"))), path = "sync/mutex.rs")]
mod imp;

use std::sync::PoisonError;

use imp::MutexGuard;
pub(super) use imp::thread_local;

#[derive(Default)]
pub(super) struct Lock<T>(imp::Mutex<T>);

impl<T> Lock<T> {
    pub(super) fn new(value: T) -> Self {
        Self(imp::Mutex::new(value))
    }

    /// Only a bug of this crate can panic while it is held; that panic was seen, and must not become one of every drop.
    pub(super) fn lock(&self) -> MutexGuard<'_, T> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
