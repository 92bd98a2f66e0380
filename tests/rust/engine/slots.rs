//! The table of entries: it grows in pieces of 16, 32, … up to 65,536, the first twelve of which have 65,520 entries.

use std::collections::BTreeSet;
use std::sync::Arc;

use offstage_core::engine::{Key, Options, Plain};
use offstage_core::task::Status;

use super::desk::Desk;
use crate::support::test;

/// Three of the largest pieces, and a part of a fourth.
const MANY: u64 = 65_520 + 3 * 65_536 + 100;

/// The last of a piece and the first of the next, where a mistake would show first.
fn edges() -> impl Iterator<Item = u64> {
    let small = (4..16).map(|bits| (1 << (bits + 1)) - 16);
    small.chain((1..=3).map(|large| 65_520 + large * 65_536)).flat_map(|first| [first - 1, first, first + 1])
}

fn filled(options: Options) -> (Desk, Vec<Key>) {
    let mut desk = Desk::new(options);
    let names: Vec<Arc<str>> = (0..1_000).map(|n| format!("t{n}").into()).collect();
    let submit = |n: u64| {
        let plain = Plain { name: names[(n % 1_000) as usize].clone(), priority: 0, timeout_ms: None };
        desk.engine.submit_plain(plain, desk.now).expect("it is taken")
    };
    let keys = (0..MANY).map(submit).collect();
    (desk, keys)
}

#[test]
fn more_tasks_than_one_piece_has_are_each_found_again() {
    let (desk, keys) = filled(Options::default());
    let slots: BTreeSet<u32> = keys.iter().map(|key| key.slot).collect();
    assert_eq!(slots.len() as u64, MANY, "one entry each");
    assert_eq!(desk.engine.keys_where(|_| true), keys, "in the order of creation");
    for n in edges() {
        let key = keys[n as usize];
        let record = desk.engine.record(key).expect("it is there");
        assert_eq!((key.order, record.name.clone()), (n + 1, format!("t{}", n % 1_000)));
        assert_eq!(desk.engine.key_in(key.slot), Some(key));
    }
    let beyond = Key { order: MANY + 1, slot: MANY as u32 };
    assert_eq!((desk.status(beyond), desk.engine.key_in(beyond.slot)), (None, None));
    let far = Key { order: 1, slot: u32::MAX };
    assert_eq!((desk.status(far), desk.engine.key_in(far.slot)), (None, None));
}

#[test]
fn they_start_and_end_in_their_order_and_all_entries_are_used_again() {
    let (mut desk, keys) = filled(Options { limit: usize::MAX, max_retained: 0, ..Options::default() });
    assert_eq!(desk.start_all(), keys);
    for n in edges() {
        assert_eq!(desk.status(keys[n as usize]), Some(Status::Running));
    }
    for &key in &keys {
        desk.succeed(key);
    }
    desk.effects();
    assert!(desk.engine.is_idle() && desk.engine.keys_where(|_| true).is_empty());
    let slots: BTreeSet<u32> = (0..MANY).map(|_| desk.plain().slot).collect();
    assert_eq!(slots, keys.iter().map(|key| key.slot).collect(), "no entry more");
}
