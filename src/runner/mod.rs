//! Futures in the background, so many at once: the runtime-agnostic manager over [the engine](crate::engine).
//!
//! A [`BackgroundRunner`] starts tasks by priority and in the order of creation, each in a slot; it gives a [`TaskHandle`]
//! for each, which is a future of the result. Retries with backoff, timeouts, delays, sessions, idempotency keys, children,
//! questions to people and retention are the engine's, so they are the same here and in JavaScript.
//!
//! It needs a clock, a timer and a place for futures: a [`Runtime`]. There are [`native::Native`] (threads),
//! `web::Web` (the event loop of JavaScript) and [`Manual`] (a virtual clock for tests); any other executor is
//! three closures, see [`Ports`].
//!
//! ```
//! use offstage_core::runner::{BackgroundRunner, Context, Ended, Failure, Manual, Options};
//! use offstage_core::task::{Spec, Status};
//! use std::time::Duration;
//!
//! let time = Manual::new();
//! let runner = BackgroundRunner::new(time.clone(), Options::limit(2))?;
//!
//! // A future runs once.
//! let sum = runner.submit(async { Ok::<_, Failure>(2 + 2) })?;
//! // A function runs again when it fails and has retries.
//! let spec = Spec { retries: Some(2.0), ..Spec::new("flaky") };
//! let flaky = runner.submit_with(spec, |task: Context| async move {
//!     match task.attempt() {
//!         3 => Ok("third time lucky"),
//!         _ => Err(Failure::new("not yet")),
//!     }
//! })?;
//! assert_eq!(sum.status(), Status::Running);
//!
//! time.advance(Duration::from_secs(10));
//! assert_eq!(*sum.now().unwrap()?, 4);
//! assert_eq!(*flaky.now().unwrap()?, "third time lucky");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Code that runs is told to end by its [`Context`]; it has the grace of its spec (5 s) to do so:
//!
//! ```
//! # use offstage_core::runner::{BackgroundRunner, Context, Ended, Failure, Manual, Options};
//! # let time = Manual::new();
//! # let runner = BackgroundRunner::new(time.clone(), Options::default())?;
//! let task = runner.submit_with("patient", |task: Context| async move {
//!     task.cancelled().await;
//!     // Clean up here.
//!     task.check()
//! })?;
//! time.run();
//! assert!(task.cancel(Some("changed my mind")));
//! time.run();
//! assert_eq!(task.now().unwrap().unwrap_err().to_string(), "the task was cancelled: changed my mind");
//! assert_eq!(runner.counts().stopping, 0);
//! # Ok::<(), offstage_core::error::Error>(())
//! ```
//!
//! # What ends when
//!
//! * A task ends when it is cancelled or its time is over, whatever its code does; its handle is ready then.
//! * Its code keeps the slot until it has ended. After the grace it is given up: its slot is free, the task counts as
//!   `abandoned`, and the future is dropped the next time its executor comes to it. That really ends a future. It does not
//!   end code that blocks its thread: that runs on until it comes back, on a thread that is lost to the executor meanwhile.
//! * A panic fails the attempt, as an error does (not in WebAssembly, where it ends the instance).
//! * A runtime that drops a future before it is ready makes its task fail with `lost`.
//!
//! # What is not guaranteed
//!
//! * Events of a slow reader are kept without limit until it reads or drops its stream.
//! * A timeout cuts in at an `await`: the runner cannot interrupt code between two of them.
//! * While a task waits for a person its slot is free, and what it does beside that wait is done without one.

mod acts;
mod alarm;
mod ask;
mod attempt;
mod background;
mod context;
mod control;
mod core;
pub mod driver;
mod effects;
mod ended;
mod events;
mod failure;
mod family;
mod gate;
mod handle;
mod job;
mod lend;
mod live;
mod manual;
mod options;
mod pace;
mod ports;
mod quiet;
mod report;
mod step;
mod streams;
mod submit;
mod sync;
mod task;
mod token;

#[cfg_attr(not(target_arch = "wasm32"), path = "platform/threads.rs")]
#[cfg_attr(target_arch = "wasm32", path = "platform/single.rs")]
mod platform;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;
#[cfg(target_arch = "wasm32")]
pub mod web;

/// What the scheduler of the operating system could do to a shared runner.
#[cfg(all(test, not(target_arch = "wasm32")))]
#[path = "../../tests/rust/models/mod.rs"]
mod models;

pub use crate::task::Failure;
pub use ask::Question;
pub use background::BackgroundRunner;
pub use context::Context;
pub use ended::Ended;
pub use events::{AllEvents, Events};
pub use handle::TaskHandle;
pub use manual::Manual;
pub use options::Options;
pub use pace::Pace;
pub use platform::{Boxed, Move, Share, Shared};
pub use ports::{Clock, Ports, Runtime, Spawn, Timer};
pub use task::Task;
pub use token::{CancelToken, Cancelled};
