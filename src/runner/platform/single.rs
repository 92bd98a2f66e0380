//! Where there is one thread: nothing is sent anywhere.

use std::any::Any;
use std::rc::Rc;

use futures::future::LocalBoxFuture;
use js_sys::{Function as JsFunction, Reflect, Uint8Array, global};
use wasm_bindgen::JsCast;

/// A name for `'static`; natively also for `Send + Sync`.
pub trait Share: 'static {}
impl<T: 'static + ?Sized> Share for T {}

/// A name for `'static`; natively also for `Send`.
pub trait Move: 'static {}
impl<T: 'static + ?Sized> Move for T {}

/// A pointer that is cloned to share: `Rc`; `Arc` natively.
pub type Shared<T> = Rc<T>;

/// One that keeps nothing.
pub(in crate::runner) type Weak<T> = std::rc::Weak<T>;

/// A boxed future; natively it may go to another thread.
pub type Boxed<T> = LocalBoxFuture<'static, T>;

pub(in crate::runner) type AnyValue = Rc<dyn Any>;
pub(in crate::runner) type Function<A, T> = Rc<dyn Fn(A) -> T>;

/// Bytes that nobody can guess.
pub(in crate::runner) fn seed() -> [u8; 16] {
    let bytes = Uint8Array::new_with_length(16);
    let crypto = Reflect::get(&global(), &"crypto".into()).expect("there is Web Crypto");
    let fill = Reflect::get(&crypto, &"getRandomValues".into()).expect("Web Crypto has random bytes");
    fill.unchecked_into::<JsFunction>().call1(&crypto, &bytes).expect("16 bytes are not too many");
    let mut seed = [0; 16];
    bytes.copy_to(&mut seed);
    seed
}
