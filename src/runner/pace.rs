/// Starts go on for this long, in microseconds; then others have their turn.
const TURN: i64 = 10_000;
/// How many starts there are between two looks at the time that has gone.
const GLANCE: u32 = 64;

/// How many tasks are started in one go where user code runs within the start: timers and I/O wait meanwhile.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    starts: u32,
    /// When this turn began, in microseconds of the monotonic clock.
    began: i64,
    over: bool,
}

impl Default for Pace {
    fn default() -> Self {
        Self { starts: 0, began: i64::MIN, over: false }
    }
}

impl Pace {
    /// Whether another task may start in this turn. A turn that nobody [began](Self::begin) is over at the first glance.
    pub fn may_start(&mut self, mono: i64) -> bool {
        self.starts = self.starts.wrapping_add(1);
        if self.starts.is_multiple_of(GLANCE) && mono.saturating_sub(self.began) >= TURN {
            self.over = true;
        }
        !self.over
    }

    /// Others are to have their turn now.
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// Others had their turn.
    pub fn begin(&mut self, mono: i64) {
        self.began = mono;
        self.over = false;
    }
}
