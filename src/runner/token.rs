use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::gate::Wait;
use super::live::Live;
use super::platform::Shared;
use crate::engine::Why;
use crate::task::Failure;

/// Says when an execution is to end. Clones say the same.
#[derive(Clone)]
pub struct CancelToken(pub(super) Shared<Live>);

/// The future of [`CancelToken::cancelled`].
#[must_use = "futures do nothing unless polled"]
pub struct Cancelled(Wait<Why>);

impl CancelToken {
    /// Whether it is to end.
    pub fn is_cancelled(&self) -> bool {
        self.why().is_some()
    }

    /// Why it is to end, if it is.
    pub fn why(&self) -> Option<Why> {
        self.0.abort.get()
    }

    /// Ready once the execution is to end; says why.
    ///
    /// # Cancel safety
    /// Dropped, it is forgotten, and nothing else happens.
    pub fn cancelled(&self) -> Cancelled {
        Cancelled(self.0.abort.wait())
    }

    /// Goes on, or leaves by `?` when the execution is to end.
    ///
    /// # Errors
    /// The failure by which code says that it ended because it was told to. Returned by a task, it is not an outcome of
    /// its own: the task stays cancelled or timed out.
    pub fn check(&self) -> Result<(), Failure> {
        self.why().map_or(Ok(()), |why| Err(Failure::aborted(why)))
    }
}

impl Future for Cancelled {
    type Output = Why;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Why> {
        Pin::new(&mut self.0).poll(cx)
    }
}
