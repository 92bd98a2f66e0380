//! JSON as the crate reads and writes it, compared with serde_json.

mod agree;
mod random;
mod read;
mod write;
