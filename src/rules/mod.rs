//! Pure functions of (facts, now). They look at a record and change nothing.

pub mod attention;
pub mod duration;
pub mod retention;
pub mod retry;
