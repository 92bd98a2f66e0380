use offstage_core::rules::retry::{delay, with_delay};
use offstage_core::task::{BackoffSpec, Command, FailureCode, LostReason, OnLost, Record, Spec};
use offstage_core::time::MAX_SPAN;

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

#[test]
fn the_random_share_has_its_ends() {
    let with = |jitter| BackoffSpec { jitter: Some(jitter), ..BackoffSpec::default() };
    for (jitter, random, delay) in
        [(0.0, 0.0, 1_000), (0.0, 1.0, 1_000), (0.25, 0.0, 750), (0.25, 1.0, 1_000), (1.0, 0.0, 0), (1.0, 1.0, 1_000)]
    {
        assert_eq!(delays(with(jitter), random, 1), [delay], "{jitter} {random}");
    }
    assert_eq!(delays(with(0.5), f64::NAN, 2), [500, 1_000], "no random number is the least one");
}

#[test]
fn the_longest_delay_is_the_longest_span() {
    let most = MAX_SPAN as f64 / 1_000.0;
    let longest = BackoffSpec { initial: Some(most), max: Some(most), factor: Some(1e6), jitter: Some(0.0) };
    assert_eq!(delays(longest.clone(), 0.0, 70), [MAX_SPAN; 70]);
    let capped = BackoffSpec { max: Some(0.25), ..longest.clone() };
    assert_eq!(delays(capped, 0.0, 3), [250; 3], "max is less than initial");
    assert_eq!(delays(BackoffSpec { max: Some(0.0), ..longest }, 0.0, 3), [0; 3]);
}

#[test]
fn a_factor_of_1_changes_nothing_and_a_fraction_of_it_a_little() {
    let with = |factor| BackoffSpec { factor: Some(factor), jitter: Some(0.0), ..BackoffSpec::default() };
    assert_eq!(delays(with(1.0), 0.0, 3), [1_000; 3]);
    assert_eq!(delays(with(1.5), 0.0, 4), [1_000, 1_500, 2_250, 3_375]);
}

#[test]
fn a_record_of_more_attempts_than_any_task_has_waits_its_longest() {
    let text = Task::new(Spec::new("t")).record.to_json();
    for attempt in [1_102, 1 << 31, u32::MAX] {
        let many = text.replace(r#""attempt":0"#, &format!(r#""attempt":{attempt}"#));
        let record = Record::parse(&many).expect("a record");
        assert_eq!((record.attempt, delay(&record, 1.0)), (attempt, 60_000));
    }
}
