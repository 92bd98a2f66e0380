//! The event loop of JavaScript: browsers, workers, Node.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use futures::channel::oneshot;
use js_sys::{Date, Function, Reflect, global};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;

use super::platform::Boxed;
use super::ports::{Clock, Spawn, Timer};
use crate::engine::Now;

/// A longer `setTimeout` fires at once.
const LONGEST: Duration = Duration::from_millis(i32::MAX as u64);

/// The event loop that this runs on. Nothing is polled within a call: futures run as microtasks.
///
/// A panic ends the instance: nothing catches one in WebAssembly.
#[derive(Clone, Copy, Debug, Default)]
pub struct Web;

impl Clock for Web {
    fn now(&self) -> Now {
        let millis = call(&get(&global(), "performance"), "now", &[]).as_f64().unwrap_or_default();
        Now { wall: Date::now() as i64, mono: (millis * 1_000.0) as i64 }
    }
}

impl Timer for Web {
    fn after(&self, span: Duration) -> Boxed<()> {
        Box::pin(Timeout::new(span.min(LONGEST)))
    }
}

impl Spawn for Web {
    fn spawn(&self, future: Boxed<()>) {
        spawn_local(future);
    }
}

/// A timer of JavaScript; cleared when dropped.
struct Timeout {
    id: JsValue,
    over: oneshot::Receiver<()>,
    /// What JavaScript calls; it must live as long.
    _fire: Closure<dyn FnMut()>,
}

impl Timeout {
    fn new(span: Duration) -> Self {
        let (sender, over) = oneshot::channel();
        let fire = Closure::once(move || {
            let _ = sender.send(());
        });
        // Rounded up: a timer that is early costs another one.
        let millis = (span.as_micros() as f64 / 1_000.0).ceil();
        let id = call(&global(), "setTimeout", &[fire.as_ref().clone(), millis.into()]);
        Self { id, over, _fire: fire }
    }
}

impl Future for Timeout {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        Pin::new(&mut self.over).poll(cx).map(drop)
    }
}

impl Drop for Timeout {
    fn drop(&mut self) {
        call(&global(), "clearTimeout", std::slice::from_ref(&self.id));
    }
}

fn get(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).unwrap_or_default()
}

/// Calls what every JavaScript platform has.
fn call(of: &JsValue, name: &str, arguments: &[JsValue]) -> JsValue {
    let function: Function = get(of, name).unchecked_into();
    function.apply(of, &arguments.iter().collect()).unwrap_or_default()
}
