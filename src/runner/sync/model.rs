//! The lock and the thread locals of the models, which explore how threads can interleave.

pub(in crate::runner) use shuttle::sync::{Mutex, MutexGuard};
pub(in crate::runner) use shuttle::thread_local;
