//! Times that nobody lives to see, limits of nothing.

use offstage_core::engine::{Engine, Now, Options, Plain};
use offstage_core::task::{Spec, Status};
use offstage_core::time::MAX_SPAN;

use super::desk::{Desk, task};
use crate::support::test;

#[test]
fn the_longest_times_do_not_come_early() {
    let mut desk = Desk::new(Options { kill_grace_ms: MAX_SPAN, cleanup_delay_ms: MAX_SPAN, ..Options::default() });
    let spec = Spec { timeout_ms: Some(MAX_SPAN as f64), kill_grace_ms: Some(MAX_SPAN as f64), ..Spec::new("t") };
    let kept = Spec { cleanup_delay_ms: Some(MAX_SPAN as f64), ..spec };
    let long = desk.submit(task(kept.clone()));
    let delayed = desk.submit(task(Spec { delay_ms: Some(MAX_SPAN as f64), ..kept }));
    assert_eq!(desk.start_all(), [long]);
    desk.after(MAX_SPAN - 1);
    assert_eq!((desk.status(long), desk.status(delayed)), (Some(Status::Running), Some(Status::Pending)));
    desk.after(1);
    assert_eq!(desk.status(long), Some(Status::Failed));
    assert_eq!(desk.start_all(), [delayed]);
    assert!(desk.engine.sleep(desk.now).is_some_and(|micros| micros > 0));
    desk.engine.stop(i64::MAX, desk.now);
    assert!(desk.engine.sleep(desk.now).is_some_and(|micros| micros > 0));
    assert_eq!(desk.status(delayed), Some(Status::Running), "a drain without end");
}

#[test]
fn an_engine_without_slots_starts_nothing() {
    let mut desk = Desk::limit(0);
    let key = desk.plain();
    assert!(desk.engine.next(desk.now).is_none());
    desk.engine.set_limit(1);
    assert_eq!(desk.start().key, key);
}

#[test]
fn nobody_has_to_be_woken_for_what_does_not_come() {
    let mut desk = Desk::new(Options { auto_cleanup: false, ..Options::default() });
    assert_eq!(desk.engine.sleep(desk.now), None);
    let key = desk.plain();
    desk.start();
    assert_eq!(desk.engine.sleep(desk.now), None, "without a timeout");
    desk.engine.stop(60_000, desk.now);
    assert_eq!(desk.engine.sleep(desk.now), Some(60_000_000));
    desk.succeed(key);
    assert_eq!(desk.engine.sleep(desk.now), None, "all have ended");
    assert!(desk.engine.is_idle());
}

#[test]
fn a_refused_submit_adds_nothing() {
    let mut desk = Desk::new(Options { limit: 1, max_queued: 1, ..Options::default() });
    desk.plain();
    desk.start();
    desk.plain();
    let (before, listed) = (desk.engine.counts(), format!("{:?}", desk.engine));
    let full = desk.engine.submit_plain(Plain::new("t"), desk.now).expect_err("no room");
    assert!(full.is_queue_full());
    assert_eq!(full.message(), "max queued tasks reached (1)");
    assert!(desk.engine.submit(task(Spec::new("t")), desk.now).is_err_and(|error| error.is_queue_full()));
    desk.engine.set_limit(3);
    let bad = desk.engine.submit(task(Spec { retries: Some(-1.0), ..Spec::new("t") }), desk.now);
    assert!(bad.is_err_and(|error| error.is_invalid_argument()));
    assert_eq!((desk.engine.counts(), format!("{:?}", desk.engine)), (before, listed));
}

#[test]
fn wall_time_before_the_epoch_and_clocks_that_jump() {
    let mut desk = Desk::limit(1);
    desk.now = Now { wall: -5_000, mono: i64::MAX / 2 };
    let key = desk.submit(task(Spec { timeout_ms: Some(1_000.0), delay_ms: Some(1_000.0), ..Spec::new("t") }));
    desk.after(999);
    assert!(desk.engine.next(desk.now).is_none());
    desk.after(1).start();
    desk.now.wall -= 10_000_000;
    desk.after(999);
    assert_eq!(desk.status(key), Some(Status::Running));
    desk.after(1);
    assert_eq!(desk.status(key), Some(Status::Failed));
}

#[test]
fn spans_of_an_engine_are_within_100_years() {
    let says = |options: Options| Engine::new(options, [1; 16]).err().map(|error| error.message().to_owned());
    for bad in [-1, MAX_SPAN + 1, i64::MIN, i64::MAX] {
        let expected = |option: &str| Some(format!("{option}: got {bad}, expected milliseconds from 0 to 100 years"));
        assert_eq!(says(Options { kill_grace_ms: bad, ..Options::default() }), expected("kill_grace_ms"));
        assert_eq!(says(Options { cleanup_delay_ms: bad, ..Options::default() }), expected("cleanup_delay_ms"));
    }
    for good in [0, MAX_SPAN] {
        assert_eq!(says(Options { kill_grace_ms: good, cleanup_delay_ms: good, ..Options::default() }), None);
    }
}

#[test]
fn a_moment_has_its_microseconds_where_a_number_can_say_them() {
    for ms in [-9_223_372_036_854_775, -5_000, -1, 0, 1, 9_223_372_036_854_775] {
        assert_eq!(Now::at(ms), Now { wall: ms, mono: ms * 1_000 });
    }
    for (ms, mono) in [(i64::MIN, -9_223_372_036_854_775_000), (i64::MAX, 9_223_372_036_854_775_000)] {
        assert_eq!(Now::at(ms), Now { wall: ms, mono });
    }
}
