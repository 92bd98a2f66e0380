//! Times that others get wrong.

use std::time::Duration;

use futures::FutureExt;
use offstage_core::runner::Failure;
use offstage_core::task::{Spec, Status};

use super::rig::{Rig, named, secs, until_told};
use crate::support::test;

/// In milliseconds: around the longest timer of JavaScript, and a year.
const SPANS: [u64; 3] = [(1 << 31) - 1, 1 << 31, 365 * 86_400_000];
const TICK: Duration = Duration::from_micros(1);

#[test]
fn long_delays_are_on_time() {
    for span in SPANS {
        let rig = Rig::new(1);
        let spec = Spec { delay_ms: Some(span as f64), ..named("t") };
        let task = rig.runner.submit_with(spec, |_| async { Ok::<_, Failure>(()) }).unwrap();
        rig.time.advance(Duration::from_millis(span) - TICK);
        assert_eq!(task.status(), Status::Pending, "{span} ms");
        rig.time.advance(TICK);
        assert_eq!(task.now_or_never(), Some(Ok(())), "{span} ms");
        rig.assert_clean();
    }
}

#[test]
fn long_timeouts_are_on_time() {
    for span in SPANS {
        let rig = Rig::new(1);
        let spec = Spec { timeout_ms: Some(span as f64), ..named("t") };
        let task = rig.runner.submit_with(spec, until_told).unwrap();
        rig.time.advance(Duration::from_millis(span) - TICK);
        assert_eq!(task.status(), Status::Running, "{span} ms");
        rig.time.advance(TICK);
        assert_eq!(task.status(), Status::Failed, "{span} ms");
        rig.assert_clean();
    }
}

#[test]
fn a_wall_clock_that_is_set_gives_no_false_timeout() {
    for hours in [-1, 1] {
        let rig = Rig::new(1);
        let spec = Spec { timeout_ms: Some(10_000.0), ..named("t") };
        let task = rig.runner.submit_with(spec, until_told).unwrap();
        rig.time.advance(secs(5));
        rig.time.step_wall(hours * 3_600_000);
        rig.time.advance(secs(5) - TICK);
        assert_eq!(task.status(), Status::Running, "{hours} h");
        rig.time.advance(TICK);
        assert_eq!(task.status(), Status::Failed, "{hours} h");
    }
}

#[test]
fn a_delay_follows_the_wall_clock_within_a_minute() {
    let rig = Rig::new(1);
    let spec = Spec { delay_ms: Some(3_600_000.0), ..named("t") };
    let task = rig.runner.submit_with(spec, |_| async { Ok::<_, Failure>(()) }).unwrap();
    rig.time.advance(secs(1));
    rig.time.step_wall(3_600_000);
    rig.time.advance(secs(60));
    assert_eq!(task.status(), Status::Completed);
    let spec = Spec { delay_ms: Some(60_000.0), ..named("t") };
    let task = rig.runner.submit_with(spec, |_| async { Ok::<_, Failure>(()) }).unwrap();
    rig.time.step_wall(-30_000);
    rig.time.advance(secs(89));
    assert_eq!(task.status(), Status::Pending, "not early");
    rig.time.advance(secs(31));
    assert_eq!(task.status(), Status::Completed);
    rig.assert_clean();
}

#[test]
fn a_start_that_is_too_late_fails() {
    let rig = Rig::new(1);
    let (_first, strings) = rig.puppet("first");
    let spec = Spec { ttl_ms: Some(1_000.0), ..named("t") };
    let task = rig.runner.submit_with(spec, |_| async { Ok::<_, Failure>(()) }).unwrap();
    rig.time.advance(secs(1));
    assert_eq!(task.record().error.as_ref().unwrap().name, "ExpiredError");
    strings.end(Ok(0));
    rig.time.run();
    rig.assert_clean();
}

#[test]
fn one_timer_serves_all_and_goes_with_the_last_task() {
    let rig = Rig::new(1_000);
    let tasks: Vec<_> = (0..100)
        .map(|second| {
            let spec = Spec { timeout_ms: Some(f64::from(100 - second) * 1_000.0), ..named("t") };
            rig.runner.submit_with(spec, until_told).unwrap()
        })
        .collect();
    rig.time.run();
    assert_eq!(rig.time.timers(), 1);
    rig.time.advance(secs(1));
    assert_eq!((rig.runner.counts().failed, rig.time.timers()), (1, 1));
    for task in tasks {
        task.cancel(None);
    }
    rig.time.run();
    rig.assert_clean();
}
