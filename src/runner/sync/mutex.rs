//! The lock and the thread locals of the standard library.

pub(in crate::runner) use std::sync::{Mutex, MutexGuard};
pub(in crate::runner) use std::thread_local;
