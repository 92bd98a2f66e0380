//! The engine: a property test against the rules told naively, and scenarios for what that does not say clearly.
//!
//! `SEED=… SEQUENCES=1` lives one life again; a failure prints its seed.

mod act;
mod counts;
mod debug;
mod desk;
mod extremes;
mod history;
mod ids;
mod learn;
mod lend;
mod life;
mod naive;
mod plain;
mod random;
mod retain;
mod sessions;
mod slots;
mod start;
mod world;

use std::collections::BTreeSet;

use life::Life;

use crate::support::{Rng, ShowOnPanic, fresh_seed, setting, test};

#[cfg(not(target_arch = "wasm32"))]
const DEFAULT_SEQUENCES: u64 = 5_000;
#[cfg(target_arch = "wasm32")]
const DEFAULT_SEQUENCES: u64 = 1_000;

/// So many different acts, answers, deeds and events there are at least.
const THINGS: usize = 57;

#[test]
fn random_lives_of_engines_follow_the_rules() {
    let sequences = setting("SEQUENCES", option_env!("SEQUENCES")).unwrap_or(DEFAULT_SEQUENCES);
    let given = setting("SEED", option_env!("SEED"));
    let mut seeds = Rng::new(given.unwrap_or_else(fresh_seed));
    let (mut seen, mut acts) = (BTreeSet::new(), 0);
    for n in 0..sequences {
        // The first life of a given seed is that seed's own, so that a printed seed replays its life.
        let seed = given.filter(|_| n == 0).unwrap_or_else(|| seeds.next());
        let _shown = ShowOnPanic(seed);
        match Life::live(seed) {
            Ok(life) => {
                seen.extend(life.seen);
                acts += life.acts;
            }
            Err(problem) => panic!("life {n} went wrong; replay it with SEED={seed} SEQUENCES=1\n{problem}"),
        }
    }
    println!("{sequences} lives, {acts} acts, {} things seen", seen.len());
    assert!(sequences < 1_000 || seen.len() >= THINGS, "the lives were not varied enough: {seen:?}");
}
