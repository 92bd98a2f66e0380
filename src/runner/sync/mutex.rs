//! The lock of the standard library.

pub(in crate::runner) use std::sync::{Mutex, MutexGuard};
