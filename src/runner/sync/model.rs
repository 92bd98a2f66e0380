//! The lock of the models, which explore how threads can interleave.

pub(in crate::runner) use shuttle::sync::{Mutex, MutexGuard};
