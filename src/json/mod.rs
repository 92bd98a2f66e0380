//! JSON text of the crate's own types, to and from serde.
//!
//! serde_json does the same and more; of what ships it would be a fifth. The reasons and the figures are in `docs/CORE.md`.
//!
//! 1. What is read is one value and nothing behind it. Structs are objects, never arrays.
//! 2. Nothing here recurses: types do, as deep as they are, and none of the crate's holds itself.
//! 3. What says that it is a [`RawValue`](serde_json::value::RawValue) is any valid JSON; no character of it is changed.
//! 4. Texts are cut by `get`: what a cut that fails would print is 3 KB of the wasm.
//! 5. Fractions are written with six decimals, which is what the crate's own have.

mod items;
mod number;
mod quote;
mod read;
mod scan;
mod text;
mod unfit;
mod write;

pub(crate) use number::number;
pub(crate) use quote::quoted;
pub use read::read;
pub(crate) use scan::verbatim;
pub use unfit::Unfit;
pub use write::{Unwritable, write};

/// How a `RawValue` tells serde's data formats what it is. It is not documented; tests see when it changes.
pub(crate) const RAW: &str = "$serde_json::private::RawValue";
