use offstage_core::rules::retry::{delay, with_delay};
use offstage_core::task::{BackoffSpec, Command, FailureCode, LostReason, OnLost, Spec};

use crate::support::{Task, cancel, test};

/// Delays after the 1st, 2nd, … attempt.
fn delays(backoff: BackoffSpec, random: f64, attempts: usize) -> Vec<i64> {
    let mut task = Task::new(Spec { backoff: Some(backoff), retries: Some(1_000.0), ..Spec::new("t") });
    let mut delays = Vec::new();
    for _ in 0..attempts {
        task.start();
        delays.push(delay(&task.record, random));
        task.does(task.fail(FailureCode::Failed));
        task.after(500);
    }
    delays
}

#[test]
fn the_delay_doubles_up_to_the_most() {
    let steady = BackoffSpec { jitter: Some(0.0), ..BackoffSpec::default() };
    let expected = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000];
    assert_eq!(delays(steady, 0.9, 8), expected);
}

#[test]
fn half_of_it_is_random() {
    assert_eq!(delays(BackoffSpec::default(), 0.0, 3), [500, 1_000, 2_000]);
    assert_eq!(delays(BackoffSpec::default(), 0.5, 3), [750, 1_500, 3_000]);
    let most = delays(BackoffSpec::default(), 0.999_999, 3);
    assert!(most[0] <= 1_000 && most[1] <= 2_000 && most[2] <= 4_000, "{most:?}");
}

#[test]
fn no_number_makes_it_negative_or_endless() {
    let wild = BackoffSpec { initial: Some(0.0), factor: Some(1e6), max: Some(1e9), jitter: Some(1.0) };
    assert_eq!(delays(wild.clone(), 0.5, 70), [0; 70]);
    let growing = BackoffSpec { initial: Some(1.0), ..wild };
    let last = delays(growing, f64::NAN, 70)[69];
    assert_eq!(last, 0, "all of it is random, and there is no random number");
    let task = Task::new(Spec::new("t"));
    assert_eq!(delay(&task.record, 7.0), 1_000, "random is taken as at most 1");
    assert_eq!(delay(&task.record, -7.0), 500);
}

#[test]
fn attempts_that_do_not_count_do_not_lengthen_it() {
    let backoff = Some(BackoffSpec { jitter: Some(0.0), ..BackoffSpec::default() });
    let mut task = Task::new(Spec { backoff, on_lost: Some(OnLost::Retry), ..Spec::new("t") });
    for _ in 0..3 {
        task.start();
        task.does(task.lose(LostReason::Shutdown, true));
    }
    task.start();
    assert_eq!((task.record.attempt, delay(&task.record, 0.0)), (4, 1_000));
}

#[test]
fn only_a_fail_that_does_not_say_when_is_told() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let told = task.fail(FailureCode::Failed);
    assert_eq!(with_delay(told.clone(), &task.record, 0.0), told);
    assert_eq!(with_delay(cancel(), &task.record, 0.0), cancel());
    let mut untold = told;
    if let Command::Fail { retry_in_ms, .. } = &mut untold {
        *retry_in_ms = None;
    }
    let Command::Fail { retry_in_ms, .. } = with_delay(untold, &task.record, 0.0) else { panic!("not a fail") };
    assert_eq!(retry_in_ms, Some(500));
}
