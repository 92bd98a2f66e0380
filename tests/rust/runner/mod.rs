//! The futures runner on its virtual clock, natively and in wasm; and on real executors.

mod ask;
mod cancel;
mod clock;
mod driver;
mod events;
mod family;
mod handle;
mod kept;
mod limit;
mod races;
mod reentry;
mod refused;
mod retry;
mod rig;
mod stop;
mod timeout;

#[cfg(not(target_arch = "wasm32"))]
mod gone;
#[cfg(not(target_arch = "wasm32"))]
mod threads;
#[cfg(target_arch = "wasm32")]
mod web;
