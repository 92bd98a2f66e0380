//! Seeds of property tests: given, fresh, and shown.

/// A panic in the code under test has no seed in its message.
pub struct ShowOnPanic(pub u64);

impl Drop for ShowOnPanic {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("SEED={}", self.0);
        }
    }
}

/// From the environment; in wasm, which has none, from that of the build.
pub fn setting(name: &str, built: Option<&str>) -> Option<u64> {
    let text = std::env::var(name).ok().or(built.map(str::to_owned))?;
    Some(text.parse().unwrap_or_else(|_| panic!("{name}: got {text:?}, expected a whole number")))
}

/// Another one each time natively; wasm has no clock of its own.
#[cfg(not(target_arch = "wasm32"))]
pub fn fresh_seed() -> u64 {
    use std::time::{SystemTime, UNIX_EPOCH};
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos() as u64)
}
#[cfg(target_arch = "wasm32")]
pub fn fresh_seed() -> u64 {
    20_26
}
