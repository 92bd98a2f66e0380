//! The synchronous heart of a runner: it is told what happens and when, and says what to do next.
//!
//! No clock, no I/O, no user code. A driver tells it of submits, ends, cancels and the time; it answers with tasks to start
//! ([`Engine::next`]), with [`Effect`]s to perform ([`Engine::take_effect`]) and with the moment at which it wants to be
//! told the time again ([`Engine::sleep`]). The rules by which it chooses are numbered in `docs/SCHEDULING.md`.
//!
//! 1. A task changes by [`decide`](crate::task::decide) and [`Record::apply`](crate::task::Record::apply) alone.
//! 2. The ordinary life of a plain task (submitted, started, succeeded; or cancelled while it waits) is written down in a
//!    few numbers, and decided when somebody looks or something else happens to it. Nobody can tell the difference.
//! 3. At most `limit` executions hold a slot, stopping ones included; a task that waits for a person, or for a child of its
//!    own, holds none.
//! 4. Every live task is in exactly one place: ready, waiting for a time, blocked, asking, or started.
//! 5. Nothing is kept for a task that was dropped; a [`Key`] of one finds nothing.
//!
//! ```
//! use offstage_core::engine::{Effect, Engine, Now, Options, Plain};
//!
//! let mut engine = Engine::new(Options { limit: 1, ..Options::default() }, [7; 16])?;
//! let now = Now::at(0);
//! let first = engine.submit_plain(Plain::new("first"), now)?;
//! let second = engine.submit_plain(Plain::new("second"), now)?;
//!
//! let started = engine.next(now).unwrap();
//! assert_eq!(started.key, first);
//! assert!(engine.next(now).is_none(), "one slot");
//!
//! engine.succeed(first, started.run, now)?;
//! assert!(matches!(engine.take_effect(), Some(Effect::Ended { key, .. }) if key == first));
//! assert_eq!(engine.next(now).unwrap().key, second);
//! # Ok::<(), offstage_core::error::Error>(())
//! ```

mod cancel;
mod change;
mod counts;
mod debug;
mod effect;
mod family;
mod full;
mod groups;
mod history;
mod idempotency;
mod ids;
mod key;
mod lend;
mod lower;
mod now;
mod options;
mod order;
mod plain;
mod read;
mod ready;
mod retain;
mod sessions;
mod set;
mod settle;
mod slots;
mod start;
mod state;
mod stop;
mod submit;
mod tick;
mod timers;

pub use counts::Counts;
pub use effect::{Dropped, Effect, Why};
pub use ids::Ids;
pub use key::Key;
pub use now::Now;
pub use options::Options;
pub use plain::{Noted, Plain, Stage};
pub use sessions::OnConflict;
pub use start::Started;
pub use state::Engine;
pub use submit::{Submission, Submitted};
