//! What is random of an engine: a function of its seed, the task's number and the start.

use std::hash::Hasher;

use offstage_core::engine::{Engine, Now, Options, Submission};
use offstage_core::task::{BackoffSpec, Failure, FailureCode, Spec};
use offstage_core::time::MAX_SPAN;
use siphasher::sip128::{Hasher128, SipHasher24};

use super::desk::{Desk, task};
use crate::support::{failure, test};

/// All of the longest delay is random, so that it shows every bit.
fn endless() -> Spec {
    let most = Some(MAX_SPAN as f64 / 1_000.0);
    let backoff = BackoffSpec { initial: most, max: most, factor: Some(1.0), jitter: Some(1.0) };
    Spec { backoff: Some(backoff), retries: Some(1_000.0), ..Spec::new("t") }
}

/// The waits of each of so many tasks after their first attempts.
fn waits(seed: [u8; 16], submission: &Submission, tasks: usize, attempts: usize) -> Vec<Vec<i64>> {
    let mut engine = Engine::new(Options { limit: 1, ..Options::default() }, seed).expect("good options");
    let mut now = Now::at(0);
    let broke: Failure = failure(FailureCode::Failed);
    let all = (0..tasks).map(|_| {
        let key = engine.submit(submission.clone(), now).expect("it is taken").key;
        let waits = (0..attempts).map(|_| {
            let started = engine.next(now).expect("it is due");
            engine.fail(key, started.run, broke.clone(), now).expect("it runs");
            let until = engine.record(key).and_then(|record| record.run_at).expect("it backs off");
            let wait = until - now.wall;
            now = Now { wall: until, mono: now.mono };
            engine.tick(now);
            wait
        });
        let waits = waits.collect();
        engine.cancel(key, None, now);
        waits
    });
    all.collect()
}

/// SipHash-2-4 of the task's number and the epoch under the seed: its first 32 bits are the fraction.
fn fraction(seed: [u8; 16], order: u64, epoch: u64) -> f64 {
    let mut hasher = SipHasher24::new_with_key(&seed);
    hasher.write_u64(order);
    hasher.write_u64(epoch);
    let [a, b, c, d, ..] = hasher.finish128().as_bytes();
    f64::from(u32::from_be_bytes([a, b, c, d])) / 4_294_967_296.0
}

#[test]
fn the_random_share_of_a_backoff_is_a_fraction_of_32_bits() {
    for seed in [[1; 16], [250; 16]] {
        for (order, waits) in (1..).zip(waits(seed, &task(endless()), 20, 5)) {
            let fractions = (1..=5).map(|epoch| fraction(seed, order, epoch));
            let expected: Vec<i64> = fractions.map(|part| (MAX_SPAN as f64 * part).round() as i64).collect();
            assert_eq!(waits, expected, "task {order}");
        }
    }
}

#[test]
fn it_is_spread_evenly_and_alike_for_no_two() {
    let spec = Spec { backoff: Some(BackoffSpec::default()), retries: Some(9.0), ..Spec::new("t") };
    let mut first: Vec<i64> = waits([7; 16], &task(spec), 1_000, 1).into_iter().flatten().collect();
    first.sort_unstable();
    assert!((500..=510).contains(&first[0]) && (990..=1_000).contains(&first[999]), "{} {}", first[0], first[999]);
    for fifth in first.chunks(200) {
        assert!((80..=120).contains(&(fifth[199] - fifth[0])), "{} to {}", fifth[0], fifth[199]);
    }
}

#[test]
fn a_record_has_the_id_of_its_task_and_of_its_parent() {
    let mut desk = Desk::limit(9);
    let (plain, full) = (desk.plain(), desk.submit(task(Spec::new("t"))));
    desk.start_all();
    let (child, grandchild) = (desk.child(plain), desk.child(full));
    let id = |key| desk.engine.id(key);
    for (key, parent) in [(plain, None), (full, None), (child, Some(plain)), (grandchild, Some(full))] {
        let record = desk.engine.record(key).expect("it is there");
        assert_eq!((record.task_id.clone(), record.parent_id.clone()), (id(key), parent.map(id)));
    }
}

#[test]
fn one_seed_replays_one_run() {
    let run = |seed| waits(seed, &task(endless()), 10, 3);
    assert_eq!(run([1; 16]), run([1; 16]));
    let all: std::collections::BTreeSet<i64> = run([1; 16]).into_iter().chain(run([2; 16])).flatten().collect();
    assert_eq!(all.len(), 60, "another for each seed, task and attempt");
}
