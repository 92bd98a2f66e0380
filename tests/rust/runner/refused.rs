//! What is accepted is never refused later: options and names are looked at up front.

use std::time::Duration;

use offstage_core::engine::{self, Engine, Now, Plain, Submission};
use offstage_core::runner::{BackgroundRunner, Failure, Manual, Options};
use offstage_core::task::Spec;
use offstage_core::time::MAX_SPAN;

use super::rig::{Rig, for_ever, named, secs};
use crate::support::{Rng, ShowOnPanic, fresh_seed, setting, test};

/// Numbers at the edges of what is allowed and of what a number can be, and some in between.
fn spans(seed: u64) -> Vec<i64> {
    let mut rng = Rng::new(seed);
    let edges = [0, 1, -1, 1_000, MAX_SPAN - 1, MAX_SPAN, MAX_SPAN + 1, i64::MAX / 1_000, i64::MAX, i64::MIN];
    let others = (0..50).map(|_| (rng.next() as i64) >> (rng.next() % 64));
    edges.into_iter().chain(others).collect()
}

const fn is_allowed(span: i64) -> bool {
    0 <= span && span <= MAX_SPAN
}

/// A runner of such options lives: its tasks can be cancelled and looked at, and it can be stopped.
fn assert_lives(options: Options) {
    let time = Manual::new();
    let runner = BackgroundRunner::new(time.clone(), options).expect("the options are allowed");
    let plain = runner.submit(std::future::pending::<Result<(), Failure>>()).unwrap();
    let full = runner.submit_with("full", for_ever).unwrap();
    time.run();
    assert!(plain.cancel(None) && full.cancel(None));
    let _ = (plain.record(), full.record());
    let idle = runner.stop(Duration::MAX);
    time.advance(Duration::from_millis(MAX_SPAN as u64));
    assert!(futures::FutureExt::now_or_never(idle).is_some(), "it stops");
}

#[test]
fn spans_of_options_over_their_whole_range() {
    let seed = ShowOnPanic(setting("SEED", option_env!("SEED")).unwrap_or_else(fresh_seed));
    for span in spans(seed.0) {
        for set in [
            |options: &mut engine::Options, span| options.kill_grace_ms = span,
            |options: &mut engine::Options, span| options.cleanup_delay_ms = span,
        ] {
            let mut options = Options { seed: Some([7; 16]), ..Options::default() };
            set(&mut options.engine, span);
            let refused = BackgroundRunner::new(Manual::new(), options.clone()).err();
            assert_eq!(refused.is_none(), is_allowed(span), "{span}: {refused:?}");
            match refused {
                Some(error) => assert!(error.message().contains("_ms: got "), "{error}"),
                None => assert_lives(options),
            }
        }
    }
}

#[test]
fn default_timeouts_over_their_whole_range() {
    let longest = Duration::from_millis(MAX_SPAN as u64);
    for (timeout, allowed) in [
        (Duration::ZERO, true),
        (Duration::from_nanos(1), true),
        (longest, true),
        (longest + Duration::from_millis(1), false),
        (Duration::MAX, false),
    ] {
        let options = Options { default_timeout: timeout, seed: Some([7; 16]), ..Options::default() };
        let made = BackgroundRunner::new(Manual::new(), options.clone());
        assert_eq!(made.is_ok(), allowed, "{timeout:?}");
        if allowed {
            assert_lives(options);
        }
    }
}

#[test]
fn plain_tasks_over_the_range_of_their_timeout() {
    let seed = ShowOnPanic(setting("SEED", option_env!("SEED")).unwrap_or_else(fresh_seed));
    for span in spans(seed.0) {
        let mut engine = Engine::new(engine::Options::default(), [7; 16]).unwrap();
        engine.observe(span % 2 == 0);
        let plain = Plain { timeout_ms: Some(span), ..Plain::new("t") };
        match engine.submit_plain(plain, Now::at(0)) {
            Ok(key) => assert!(is_allowed(span) && engine.record(key).is_some(), "{span}"),
            Err(error) => {
                assert!(!is_allowed(span), "{span}: {error}");
                assert_eq!((engine.counts().total, engine.keys_where(|_| true).len()), (0, 0), "nothing was added");
            }
        }
    }
}

#[test]
fn names_of_plain_tasks() {
    for (name, allowed) in [
        (String::new(), false),
        ("x".into(), true),
        ("x".repeat(200), true),
        ("x".repeat(201), false),
        ("é".repeat(200), true),
        ("é".repeat(201), false),
    ] {
        let mut engine = Engine::new(engine::Options::default(), [7; 16]).unwrap();
        let submitted = engine.submit_plain(Plain::new(&name), Now::at(0));
        assert_eq!(submitted.is_ok(), allowed, "{} characters", name.chars().count());
        assert_eq!(engine.counts().pending, usize::from(allowed));
    }
}

#[test]
fn a_parent_is_named_by_its_key_alone() {
    let rig = Rig::new(1);
    let (parent, _strings) = rig.puppet("parent");
    let by_id = Spec { parent_id: Some(parent.id().to_string()), ..named("child") };
    let error = rig.runner.submit_with(by_id, for_ever).unwrap_err();
    assert!(error.message().starts_with("parent_id: got \"task_"), "{error}");
    rig.time.run();
    let by_key = Submission { parent: Some(parent.key()), ..named("child").into() };
    let child = rig.runner.submit_with(by_key, for_ever).unwrap();
    assert_eq!(child.record().parent_id, Some(parent.id()));
    drop(rig.runner.stop(secs(0)));
    rig.time.advance(secs(5));
}
