//! The scheduling rules of `docs/SCHEDULING-RULES.md`: every scenario of `tests/contract`, on everything in Rust that follows them.

mod convert;
mod executor;
mod on_engine;
mod on_runner;
mod scenario;
mod subject;

use std::collections::BTreeSet;

use offstage_core::runner::Manual;
use on_engine::OnEngine;
use on_runner::OnRunner;
use scenario::{File, Scenario};
use subject::Subject;

use crate::support::test;

/// Read at build time: wasm has no files.
const FILES: [(&str, &str); 13] = [
    ("asking", include_str!("../../contract/asking.json")),
    ("clocks", include_str!("../../contract/clocks.json")),
    ("families", include_str!("../../contract/families.json")),
    ("keys", include_str!("../../contract/keys.json")),
    ("order", include_str!("../../contract/order.json")),
    ("queue", include_str!("../../contract/queue.json")),
    ("retention", include_str!("../../contract/retention.json")),
    ("retries", include_str!("../../contract/retries.json")),
    ("sessions", include_str!("../../contract/sessions.json")),
    ("slots", include_str!("../../contract/slots.json")),
    ("stop", include_str!("../../contract/stop.json")),
    ("time", include_str!("../../contract/time.json")),
    ("timeouts", include_str!("../../contract/timeouts.json")),
];
const RULES: &str = include_str!("../../../docs/SCHEDULING-RULES.md");

#[test]
fn the_engine_follows_the_rules() {
    all::<OnEngine>(&["outlives", "queue", "retention", "steps", "stop", "tally"]);
}

/// Work that was given up is dropped here: it reports nothing any more.
const RUNNER: [&str; 5] = ["queue", "retention", "steps", "stop", "tally"];

#[test]
fn the_runner_follows_the_rules() {
    all::<OnRunner<Manual>>(&RUNNER);
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_runner_follows_the_rules_on_the_executor_of_futures() {
    all::<OnRunner<executor::OnFutures>>(&RUNNER);
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn the_runner_follows_the_rules_on_tokio() {
    all::<OnRunner<executor::OnTokio>>(&RUNNER);
}

/// `abilities`: what scenarios may need and this one has.
fn all<S: Subject>(abilities: &[&str]) {
    let (mut ran, mut problems) = (0, Vec::new());
    for (file, scenario) in scenarios() {
        if scenario.needs.iter().all(|need| abilities.contains(&need.as_str())) {
            ran += 1;
            problems.extend(subject::run::<S>(&scenario).err().map(|problem| format!("{file}.json: {problem}")));
        }
    }
    assert!(problems.is_empty(), "{} of {ran} scenarios:\n\n{}", problems.len(), problems.join("\n\n"));
    assert!(ran >= 80, "only {ran} scenarios ran");
}

fn scenarios() -> impl Iterator<Item = (&'static str, Scenario)> {
    FILES.iter().flat_map(|(name, text)| {
        let file: File = serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}.json: {error}"));
        file.scenarios.into_iter().map(|scenario| (*name, scenario))
    })
}

#[test]
fn every_rule_has_a_scenario_and_every_scenario_a_rule() {
    let written: BTreeSet<String> = RULES.lines().filter_map(rule).collect();
    let shown: BTreeSet<String> = scenarios().flat_map(|(_, scenario)| scenario.rules).collect();
    let unknown: Vec<_> = shown.difference(&written).collect();
    assert!(unknown.is_empty(), "no such rules: {unknown:?}");
    // What a single process on a virtual clock cannot show, or shows in every scenario; and whose code a task runs, which
    // no engine knows (task::code, and tests/js/worker/which-code).
    let elsewhere: BTreeSet<String> = ["K1", "K4", "F5", "G3", "G5", "G6", "C3", "C4", "C5", "C6"]
        .into_iter()
        .chain(["V1", "V2", "V3", "V4", "V5"])
        .map(String::from)
        .collect();
    let left: Vec<_> = written.difference(&shown).filter(|rule| !elsewhere.contains(*rule)).collect();
    assert!(left.is_empty(), "without a scenario: {left:?}");
}

/// The rule that a line states: `- **S3** …`.
fn rule(line: &str) -> Option<String> {
    let (name, _) = line.strip_prefix("- **")?.split_once("**")?;
    Some(name.to_owned())
}

#[cfg(not(target_arch = "wasm32"))]
#[test]
fn every_file_is_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/contract");
    let names = std::fs::read_dir(folder).expect("the folder is there").flatten().map(|entry| entry.path());
    let json = names.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let mut found: Vec<_> =
        json.map(|path| path.file_stem().unwrap_or_default().to_string_lossy().into_owned()).collect();
    found.sort();
    assert_eq!(found, FILES.map(|(name, _)| name));
}
