use std::collections::BTreeMap;

use offstage_core::json::{self, Unwritable};
use serde::Serialize;

use crate::support::test;

#[derive(Serialize)]
struct All<'a> {
    is: bool,
    least: i64,
    most: u64,
    half: u64,
    small: (),
    none: Option<u8>,
    some: Option<u8>,
    text: &'a str,
    letter: char,
    list: Vec<i8>,
    empty: Vec<u16>,
    map: BTreeMap<&'a str, i32>,
}

#[test]
fn it_is_what_serde_json_writes() {
    let all = All {
        is: true,
        least: i64::MIN,
        most: u64::MAX,
        half: u32::MAX.into(),
        small: (),
        none: None,
        some: Some(7),
        text: "\"\\/\u{8}\u{c}\n\r\t\u{0}\u{1f}\u{7f}é€😀\u{2028}",
        letter: '"',
        list: vec![-128, 0, 127],
        empty: Vec::new(),
        map: BTreeMap::from([("a b", -1), ("\n", 10)]),
    };
    assert_eq!(json::write(&all), Ok(serde_json::to_string(&all).expect("JSON")));
}

#[derive(Serialize)]
struct Nothing;

#[test]
fn what_holds_nothing_is_null() {
    assert_eq!(json::write(&Nothing).as_deref(), Ok("null"));
    assert_eq!(json::write(&()).as_deref(), Ok("null"));
}

#[test]
fn whole_numbers_of_every_size() {
    let all = [
        (json::write(&i8::MIN), "-128"),
        (json::write(&i16::MIN), "-32768"),
        (json::write(&i32::MIN), "-2147483648"),
        (json::write(&i64::MIN), "-9223372036854775808"),
        (json::write(&u8::MAX), "255"),
        (json::write(&u16::MAX), "65535"),
        (json::write(&u32::MAX), "4294967295"),
        (json::write(&(1_u64 << 32)), "4294967296"),
        (json::write(&u64::MAX), "18446744073709551615"),
    ];
    for (written, text) in all {
        assert_eq!(written.as_deref(), Ok(text));
    }
}

#[test]
fn a_fraction_has_six_decimals() {
    let all = [
        (0.0, "0"),
        (1.0, "1"),
        (-2.5, "-2.5"),
        (0.1 + 0.2, "0.3"),
        (0.000_000_4, "0"),
        (3_155_760_000.999_999, "3155760000.999999"),
        (1e21, "1e+21"),
        (f64::NAN, "null"),
        (f64::NEG_INFINITY, "null"),
    ];
    for (value, text) in all {
        assert_eq!(json::write(&value).as_deref(), Ok(text));
    }
    assert_eq!(json::write(&0.5_f32).as_deref(), Ok("0.5"));
}

#[test]
fn what_none_of_the_types_has_is_refused() {
    assert_eq!(json::write(&(1, 2)), Err(Unwritable));
    assert_eq!(json::write(&1_u128), Err(Unwritable));
    assert_eq!(json::write(&BTreeMap::from([(1, 2)])), Err(Unwritable));
    assert_eq!(json::write(&Ok::<u8, u8>(1)), Err(Unwritable));
    assert_eq!(Unwritable.to_string(), "it cannot be JSON");
}
