//! What is counted, and sums of it.

use offstage_core::engine::{Counts, Options};
use offstage_core::task::{Spec, Status};

use super::desk::{Desk, task};
use crate::support::test;

#[test]
fn who_waits_and_who_lives() {
    let mut desk = Desk::new(Options { limit: 7, ..Options::default() });
    let all: Vec<_> = (0..7).map(|_| desk.plain()).collect();
    desk.start_all();
    for &asking in &all[..2] {
        desk.ask(asking);
    }
    for _ in 0..5 {
        desk.submit(task(Spec { delay_ms: Some(1.0), ..Spec::new("t") }));
    }
    desk.succeed(all[6]);
    desk.engine.cancel(all[5], None, desk.now);
    let counts = desk.engine.counts();
    let expected = Counts {
        total: 12,
        pending: 5,
        running: 3,
        input_required: 2,
        completed: 1,
        cancelled: 1,
        slots: 4,
        stopping: 1,
        ..Counts::default()
    };
    assert_eq!(counts, expected);
    assert_eq!((counts.waiting(), counts.live()), (7, 10));
    assert_eq!(desk.engine.keys_where(|status| status == Status::Running).len(), 3);
    assert!(!desk.engine.is_idle());
}

#[test]
fn who_stops_keeps_it_from_being_idle() {
    let mut desk = Desk::limit(1);
    assert!(desk.engine.is_idle(), "nobody is there");
    let key = desk.plain();
    assert!(!desk.engine.is_idle(), "one waits");
    desk.start();
    let run = desk.run(key);
    desk.engine.cancel(key, None, desk.now);
    assert_eq!(desk.engine.counts().live(), 0);
    assert!(!desk.engine.is_idle(), "it has not ended");
    desk.engine.stopped(key, run, desk.now).expect("it was told to");
    assert!(desk.engine.is_idle());
}
