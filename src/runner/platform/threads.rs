//! Where there are threads: what tasks are made of may be sent to another one.

use std::any::Any;
use std::sync::Arc;

use futures::future::BoxFuture;

/// What several threads may use at once. A name for `Send + Sync + 'static`; in WebAssembly it asks for `'static` alone.
pub trait Share: Send + Sync + 'static {}
impl<T: Send + Sync + 'static + ?Sized> Share for T {}

/// What may go to another thread. A name for `Send + 'static`; in WebAssembly it asks for `'static` alone.
pub trait Move: Send + 'static {}
impl<T: Send + 'static + ?Sized> Move for T {}

/// A pointer that is cloned to share: `Arc`; `Rc` in WebAssembly.
pub type Shared<T> = Arc<T>;

/// One that keeps nothing.
pub(in crate::runner) type Weak<T> = std::sync::Weak<T>;

/// A boxed future that may go to another thread; in WebAssembly it stays where it is.
pub type Boxed<T> = BoxFuture<'static, T>;

pub(in crate::runner) type AnyValue = Arc<dyn Any + Send + Sync>;
pub(in crate::runner) type Function<A, T> = Arc<dyn Fn(A) -> T + Send + Sync>;

/// Bytes that nobody can guess.
pub(in crate::runner) fn seed() -> [u8; 16] {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("the operating system has random bytes");
    bytes
}
