//! What a spec may say at most: the last value that is taken, and the first that is not.

use offstage_core::task::{Backoff, BackoffSpec, Json, Record, Spec, submit};
use offstage_core::time::{MAX_MOMENT, MAX_SPAN};

use crate::support::{Task, id, test};

fn accepted(spec: Spec) -> Record {
    Task::new(spec).record
}

#[track_caller]
fn refused(spec: Spec, message: &str) {
    let error = submit(spec, id(), 1_000).expect_err(message);
    assert!(error.is_invalid_argument());
    assert_eq!(error.message(), message);
}

type Texts = [(&'static str, fn(&mut Spec, String), fn(&Record) -> Option<&str>); 6];

const TEXTS: Texts = [
    ("name", |spec, text| spec.name = text, |record| Some(&record.name)),
    ("recipe", |spec, text| spec.recipe = text, |record| Some(&record.recipe)),
    ("session_id", |spec, text| spec.session_id = Some(text), |record| record.session_id.as_deref()),
    ("idempotency_key", |spec, text| spec.idempotency_key = Some(text), |record| record.idempotency_key.as_deref()),
    ("version", |spec, text| spec.version = Some(text), |record| record.version.as_deref()),
    ("digest", |spec, text| spec.digest = Some(text), |record| record.digest.as_deref()),
];

#[test]
fn texts_have_1_to_200_characters_and_a_recipe_may_have_none() {
    for (option, set, get) in TEXTS {
        let with = |text: &str| {
            let mut spec = Spec::new("t");
            set(&mut spec, text.into());
            spec
        };
        for text in ["x".to_owned(), "x".repeat(200), "é".repeat(200)] {
            assert_eq!(get(&accepted(with(&text))), Some(text.as_str()), "{option}");
        }
        let least = if option == "recipe" { 0 } else { 1 };
        let expected = format!("expected {least} to 200 characters");
        for text in ["x".repeat(201), "é".repeat(201)] {
            refused(with(&text), &format!("{option}: got 201 characters, {expected}"));
        }
        match least {
            0 => assert_eq!(get(&accepted(with(""))), Some("")),
            _ => refused(with(""), &format!("{option}: got 0 characters, {expected}")),
        }
    }
}

#[test]
fn a_source_and_what_is_carried_have_32_kib() {
    let source = |bytes: usize| Some(Json::of(&"x".repeat(bytes - 2)));
    let most = source(32 * 1024);
    assert_eq!(accepted(Spec { source: most.clone(), ..Spec::new("t") }).source, most);
    let more = Spec { source: source(32 * 1024 + 1), ..Spec::new("t") };
    refused(more, "source: got 32769 bytes, expected at most 32 KiB");
    let carried = |bytes: usize| Spec { carried: source(bytes), ..Spec::new("t") };
    assert_eq!(accepted(carried(32 * 1024)).carried, source(32 * 1024));
    refused(carried(32 * 1024 + 1), "carried: got 32769 bytes, expected at most 32 KiB");
}

#[test]
fn a_priority_has_32_bits() {
    let with = |priority: f64| Spec { priority: Some(priority), ..Spec::new("t") };
    for priority in [i32::MIN, -1, 0, 1, i32::MAX] {
        assert_eq!(accepted(with(priority.into())).priority, priority);
    }
    for (bad, shown) in [(2_147_483_648.0, "2147483648"), (-2_147_483_649.0, "-2147483649"), (-0.5, "-0.5")] {
        refused(with(bad), &format!("priority: got {shown}, expected a whole number of 32 bits"));
    }
}

#[test]
fn there_are_0_to_1000_retries() {
    let with = |retries: f64| Spec { retries: Some(retries), ..Spec::new("t") };
    for (retries, attempts) in [(0.0, 1), (1.0, 2), (1_000.0, 1_001)] {
        assert_eq!(accepted(with(retries)).max_attempts, attempts);
    }
    for (bad, shown) in [(-1.0, "-1"), (0.5, "0.5"), (1_001.0, "1001")] {
        refused(with(bad), &format!("retries: got {shown}, expected a whole number from 0 to 1000"));
    }
}

#[test]
fn a_moment_is_one_of_the_calendar() {
    let with = |run_at: f64| Spec { run_at: Some(run_at), ..Spec::new("t") };
    let last = MAX_MOMENT as f64;
    for (run_at, kept) in [(0.0, 0), (0.4, 0), (1.5, 2), (last, MAX_MOMENT)] {
        assert_eq!(accepted(with(run_at)).run_at, Some(kept));
    }
    for (bad, shown) in [(-1.0, "-1"), (last + 1.0, "8e+15")] {
        refused(with(bad), &format!("run_at: got {shown}, expected milliseconds since 1970"));
    }
}

type Spans = [(&'static str, fn(&mut Spec, f64), fn(&Record) -> Option<i64>); 7];

const SPANS: Spans = [
    ("timeout_ms", |spec, ms| spec.timeout_ms = Some(ms), |record| record.timeout_ms),
    ("ttl_ms", |spec, ms| spec.ttl_ms = Some(ms), |record| record.ttl_ms),
    ("delay_ms", |spec, ms| spec.delay_ms = Some(ms), |record| record.run_at.map(|at| at - 1_000)),
    ("kill_grace_ms", |spec, ms| spec.kill_grace_ms = Some(ms), |record| Some(record.kill_grace_ms)),
    ("cleanup_delay_ms", |spec, ms| spec.cleanup_delay_ms = Some(ms), |record| Some(record.cleanup_delay_ms)),
    ("keep_failed_ms", |spec, ms| spec.keep_failed_ms = Some(ms), |record| Some(record.keep_failed_ms)),
    ("keep_keyed_ms", |spec, ms| spec.keep_keyed_ms = Some(ms), |record| Some(record.keep_keyed_ms)),
];

#[test]
fn a_span_has_0_to_100_years_in_whole_milliseconds_and_more_than_0_is_not_0() {
    let longest = MAX_SPAN as f64;
    for (option, set, get) in SPANS {
        let with = |ms: f64| {
            let mut spec = Spec::new("t");
            set(&mut spec, ms);
            spec
        };
        for (ms, kept) in [(0.001, 1), (0.5, 1), (1.4, 1), (1.5, 2), (longest, MAX_SPAN)] {
            assert_eq!(get(&accepted(with(ms))), Some(kept), "{option}: {ms}");
        }
        let none = if ["timeout_ms", "delay_ms"].contains(&option) { None } else { Some(0) };
        assert_eq!(get(&accepted(with(0.0))), none, "{option}: 0");
        for (bad, shown) in [(longest + 1.0, "3155760000001"), (-0.001, "-0.001")] {
            refused(with(bad), &format!("{option}: got {shown}, expected milliseconds from 0 to 100 years"));
        }
    }
}

type Set = fn(&mut BackoffSpec, f64);
type Parts = [(&'static str, Set, fn(&Backoff) -> f64, [f64; 2], [(f64, &'static str); 2], &'static str); 4];

/// Name, setter and getter, the least and the most, what is refused and how it is shown, what is expected.
const PARTS: Parts = [
    (
        "initial",
        |backoff, value| backoff.initial = Some(value),
        |backoff| backoff.initial,
        [0.0, 3_155_760_000.0],
        [(-0.25, "-0.25"), (3_155_760_000.25, "3155760000.25")],
        "seconds from 0",
    ),
    (
        "max",
        |backoff, value| backoff.max = Some(value),
        |backoff| backoff.max,
        [0.0, 3_155_760_000.0],
        [(-0.25, "-0.25"), (3_155_760_000.25, "3155760000.25")],
        "seconds from 0",
    ),
    (
        "factor",
        |backoff, value| backoff.factor = Some(value),
        |backoff| backoff.factor,
        [1.0, 1_000_000.0],
        [(0.75, "0.75"), (1_000_000.25, "1000000.25")],
        "a number from 1 to 1,000,000",
    ),
    (
        "jitter",
        |backoff, value| backoff.jitter = Some(value),
        |backoff| backoff.jitter,
        [0.0, 1.0],
        [(-0.25, "-0.25"), (1.25, "1.25")],
        "a number from 0 to 1",
    ),
];

#[test]
fn each_part_of_a_backoff_has_its_range() {
    for (part, set, get, good, bad, expected) in PARTS {
        let with = |value: f64| {
            let mut backoff = BackoffSpec::default();
            set(&mut backoff, value);
            Spec { backoff: Some(backoff), ..Spec::new("t") }
        };
        for value in good {
            assert_eq!(get(&accepted(with(value)).backoff), value, "{part}");
        }
        for (value, shown) in bad {
            refused(with(value), &format!("backoff.{part}: got {shown}, expected {expected}"));
        }
    }
}

#[test]
fn zero_has_no_sign() {
    let backoff = BackoffSpec { factor: Some(0.0), ..BackoffSpec::default() };
    let spec = Spec { backoff: Some(backoff), ..Spec::new("t") };
    refused(spec, "backoff.factor: got 0, expected a number from 1 to 1,000,000");
    let backoff = BackoffSpec { jitter: Some(0.0), ..BackoffSpec::default() };
    let text = accepted(Spec { backoff: Some(backoff), ..Spec::new("t") }).to_json();
    assert!(text.contains(r#""jitter":0}"#), "{text}");
}

#[test]
fn a_backoff_is_kept_in_millionths() {
    let backoff = BackoffSpec { initial: Some(0.123_456_7), factor: Some(1.000_000_4), ..BackoffSpec::default() };
    let kept = accepted(Spec { backoff: Some(backoff), ..Spec::new("t") }).backoff;
    assert_eq!(kept, Backoff { initial: 0.123_457, factor: 1.0, ..Backoff::default() });
}
