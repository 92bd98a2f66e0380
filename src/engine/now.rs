use crate::time::Ms;

/// What time it is, as the driver tells it. Wall time may step backwards, the monotonic clock never does.
///
/// Timeouts, grace and retention are measured by `mono`; `run_at`, `ttl` and the time to answer by `wall`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// Milliseconds since the Unix epoch.
    pub wall: Ms,
    /// Microseconds since whenever.
    pub mono: i64,
}

impl Now {
    /// A moment that both clocks show alike, in milliseconds: what a virtual clock shows.
    pub fn at(ms: Ms) -> Self {
        Self { wall: ms, mono: micros(ms) }
    }
}

/// Milliseconds as microseconds.
pub(super) fn micros(ms: Ms) -> i64 {
    // Cheaper in wasm than a saturating product, which takes 128 bits.
    ms.clamp(Ms::MIN / 1_000, Ms::MAX / 1_000) * 1_000
}
