//! What JavaScript gives a runner: two clocks, one timer, a turn for others, and somebody who does what words say.

use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen]
extern "C" {
    /// `Ports` of `js/core/ports.ts`. What these call is looked up when it is called.
    pub type Ports;

    /// Milliseconds of a clock that never steps.
    #[wasm_bindgen(method)]
    pub fn mono(this: &Ports) -> f64;

    /// Milliseconds since the epoch.
    #[wasm_bindgen(method)]
    pub fn wall(this: &Ports) -> f64;

    /// Does what so many words say, and all that follows from it at once. User code runs within.
    #[wasm_bindgen(method)]
    pub fn perform(this: &Ports, words: usize);

    /// Sets the timer: [`ring`](super::bound::Runner::ring) is called after so many milliseconds.
    #[wasm_bindgen(method, js_name = setAlarm)]
    pub fn set_alarm(this: &Ports, ms: f64);

    /// Takes the timer back.
    #[wasm_bindgen(method, js_name = clearAlarm)]
    pub fn clear_alarm(this: &Ports);

    /// Calls [`turned`](super::bound::Runner::turned) when timers and I/O have had their turn.
    #[wasm_bindgen(method)]
    pub fn defer(this: &Ports);
}
