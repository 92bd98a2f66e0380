use offstage_core::id::{HEADS, Reference, TaskId, parse_reference, session_id, task_id};

use crate::support::{Rng, test};

fn bytes(rng: &mut Rng) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&rng.next().to_le_bytes());
    bytes[8..].copy_from_slice(&rng.next().to_le_bytes());
    bytes
}

#[test]
fn a_task_id_is_task_and_32_lowercase_hex_digits() {
    let mut rng = Rng::new(1);
    for _ in 0..1_000 {
        let id = task_id(rng.next() as u8, bytes(&mut rng));
        let hex = id.as_str().strip_prefix("task_").expect("it begins with task_");
        assert_eq!(hex.len(), 32);
        assert!(hex.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c)), "{id}");
        assert_eq!(TaskId::parse(id.as_str(), "id"), Ok(id));
    }
}

#[test]
fn a_task_id_is_its_head_and_all_but_six_bits_of_the_given_ones() {
    let zeros = task_id(0, [0; 16]);
    let ones = task_id(63, [0xff; 16]);
    assert_eq!(zeros.as_str(), "task_00000000000000000000000000000000");
    assert_eq!(ones.as_str(), "task_ffffffffffffffffffffffffffffffff");
    let mut changed = [0; 16];
    for bit in 0..128 {
        changed[bit / 8] = 1 << (bit % 8);
        let is_of_head = bit / 8 == 0 && bit % 8 >= 2;
        assert_eq!(task_id(0, changed) == zeros, is_of_head, "bit {bit}");
        changed[bit / 8] = 0;
    }
}

#[test]
fn task_ids_are_sorted_by_their_heads_which_come_back_after_64() {
    let mut rng = Rng::new(2);
    for _ in 0..100 {
        let (one, other) = (bytes(&mut rng), bytes(&mut rng));
        for head in 0..HEADS {
            assert_eq!(task_id(head + HEADS, one), task_id(head, one), "head {head}");
            if head > 0 {
                assert!(task_id(head - 1, one) < task_id(head, other), "head {head}");
            }
        }
    }
}

#[test]
fn what_is_not_a_full_id_is_refused_by_name() {
    for bad in [
        "",
        "task_",
        "9f1c20ab",
        "task_9f1c",
        "task_0000000000004000800000000000000G",
        "TASK_00000000000040008000000000000000",
    ] {
        let error = TaskId::parse(bad, "parent_id").expect_err(bad);
        assert!(error.is_invalid_argument());
        assert!(error.message().starts_with("parent_id: got \""), "{error}");
    }
}

#[test]
fn a_session_id_has_8_hex_digits() {
    assert_eq!(session_id([0, 0, 0, 1]), "session_00000001");
    assert_eq!(session_id([0xff, 0xee, 0xdd, 0xcc]), "session_ffeeddcc");
}

#[test]
fn a_reference_is_an_id_or_a_prefix_with_or_without_task() {
    let id = "00112233445546678899aabbccddeeff";
    let full = TaskId::parse(&format!("task_{id}"), "id").expect("a full id");
    assert_eq!(parse_reference(id), Ok(Reference::Id(full.clone())));
    assert_eq!(parse_reference(&format!(" task_{} ", id.to_uppercase())), Ok(Reference::Id(full)));
    for text in ["0011", "task_0011", "TASK_0011"] {
        assert_eq!(parse_reference(text), Ok(Reference::Prefix("task_0011".into())), "{text}");
    }
    let longest = &id[..31];
    assert_eq!(parse_reference(longest), Ok(Reference::Prefix(format!("task_{longest}"))));
}

#[test]
fn a_reference_that_is_too_short_too_long_or_not_hex_is_refused() {
    for bad in
        ["", "task_", "001", "task_001", "xyz1", "0011-", "é011", "00112233445546678899aabbccddeeff0", "task_task_0011"]
    {
        let error = parse_reference(bad).expect_err(bad);
        assert!(error.is_invalid_argument());
        assert!(error.message().contains("4 or more hex digits"), "{error}");
    }
}
