//! The property test: random lives of a task, each step judged by `decide` and by a naive oracle.
//!
//! `SEED=… SEQUENCES=1` lives one life again; a failure prints its seed.

mod invariants;
mod model;
mod random;
mod sequence;

use sequence::{Coverage, live};

use crate::support::{Rng, ShowOnPanic, fresh_seed, setting, test};

#[cfg(not(target_arch = "wasm32"))]
const DEFAULT_SEQUENCES: u64 = 100_000;
#[cfg(target_arch = "wasm32")]
const DEFAULT_SEQUENCES: u64 = 20_000;

#[test]
fn random_lives_agree_with_the_oracle() {
    let sequences = setting("SEQUENCES", option_env!("SEQUENCES")).unwrap_or(DEFAULT_SEQUENCES);
    let given = setting("SEED", option_env!("SEED"));
    let mut seeds = Rng::new(given.unwrap_or_else(fresh_seed));
    let mut coverage = Coverage::default();
    for n in 0..sequences {
        // The first life of a given seed is that seed's own, so that a printed seed replays its life.
        let seed = given.filter(|_| n == 0).unwrap_or_else(|| seeds.next());
        let _shown = ShowOnPanic(seed);
        match live(seed) {
            Ok(life) => coverage.add(&life),
            Err(problem) => panic!("life {n} went wrong; replay it with SEED={seed} SEQUENCES=1\n{problem}"),
        }
    }
    println!("{sequences} lives, {} events, {} refusals", coverage.commands, coverage.refused);
    assert!(sequences < 1_000 || coverage.is_full(), "the lives were not varied enough: {}", coverage.seen());
}

#[test]
fn a_seed_replays_its_life() {
    let (one, again) = (live(42).expect("a good life"), live(42).expect("a good life"));
    assert_eq!(one.events, again.events);
    assert_ne!(one.events, live(43).expect("a good life").events);
}
