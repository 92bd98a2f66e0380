use offstage_core::json::{self, Unfit};
use offstage_core::task::{Action, Body, Failure, Json, Run, Spec};

use crate::support::test;

fn number(text: &str) -> Option<f64> {
    json::read(text).ok()
}

#[test]
fn a_fraction_of_fifteen_digits_is_exact() {
    let all = [
        ("0", 0.0),
        ("-2.5", -2.5),
        ("0.1", 0.1),
        ("0.000001", 0.000001),
        ("123456789.123456", 123456789.123456),
        ("3155760000.999999", 3155760000.999999),
        ("1.5e3", 1_500.0),
        ("25E-1", 2.5),
        ("1e22", 1e22),
        ("1e-22", 1e-22),
        ("-0.0", 0.0),
        ("0e999999999999", 0.0),
        ("1e-999999999999", 0.0),
    ];
    for (text, value) in all {
        assert_eq!(number(text), Some(value), "{text}");
    }
}

#[test]
fn longer_ones_are_near() {
    let texts = [
        "0.30000000000000004",
        "1.7976931348623157e308",
        "5e-324",
        "2.2250738585072014e-308",
        "184467440737095516199.25",
        "0.1234567890123456789012345678901234567890",
        "100000000000000000000000000000",
        "18446744073709551616.1e-5",
    ];
    for text in texts {
        let (read, exact) = (number(text).expect(text), text.parse::<f64>().expect(text));
        assert!((read - exact).abs() <= exact.abs() * 1e-15, "{text}: {read}, not {exact}");
    }
    assert_eq!(number("1e309"), None, "out of range");
}

fn problem<T: serde::de::DeserializeOwned>(text: &str) -> String {
    json::read::<T>(text).map(drop).expect_err(text).to_string()
}

#[test]
fn what_does_not_fit_is_named() {
    let all = [
        (problem::<Run>("{"), "expected a key at byte 1"),
        (problem::<Run>(r#"{"attempt":1}"#), "missing field `epoch`"),
        (problem::<Run>(r#"{"attempt":1,"attempt":1}"#), "duplicate field `attempt`"),
        (problem::<Run>(r#"{"attempt":-1}"#), "invalid value: integer `-1`, expected u32"),
        (problem::<Run>(r#"{"attempt":4294967296}"#), "invalid value: integer `4294967296`, expected u32"),
        (problem::<Run>(r#"{"attempt":1.5}"#), "invalid type: floating point `1.5`, expected u32"),
        (problem::<Run>(r#"{"attempt":"a\"b"}"#), r#"invalid type: string "a\"b", expected u32"#),
        (problem::<Run>(r#"{"attempt":true}"#), "invalid type: boolean `true`, expected u32"),
        (problem::<Run>(r#"{"attempt":null}"#), "invalid type: null, expected u32"),
        (problem::<Run>(r#"{"attempt":[1]}"#), "invalid type: sequence, expected u32"),
        (problem::<Run>(r#"{"attempt":{}}"#), "invalid type: map, expected u32"),
        (problem::<Run>("[1,2]"), "invalid type: sequence, expected struct Run"),
        (problem::<Run>(r#"{"attempt":1,"epoch":2} x"#), "expected the end at byte 24"),
        (problem::<Run>(r#"{"attempt":01"#), "expected no digit after a leading zero at byte 13"),
        (problem::<Action>(r#""maybe""#), "unknown variant `maybe`, expected one of `accept`, `decline`, `cancel`"),
        (problem::<Action>("1"), "invalid type: integer `1`, expected enum Action"),
        (problem::<Spec>(r#"{"name":5}"#), "invalid type: integer `5`, expected a string"),
        (
            problem::<Failure>(r#"{"code":"failed","name":"E","message":"m","retryable":0}"#),
            "invalid type: integer `0`, expected a boolean",
        ),
    ];
    for (said, expected) in all {
        assert_eq!(said, expected);
    }
}

#[test]
fn a_variant_with_data_is_an_object_of_one_entry() {
    assert_eq!(json::read(r#"{"step":{"key":"a"}}"#).as_ref().map(Body::kind), Ok("step"));
    for bad in [r#"{}"#, r#""step""#, r#"{"step":{"key":"a"},"log":{"line":""}}"#, r#"{"walk":1}"#] {
        assert!(json::read::<Body>(bad).is_err(), "{bad}");
    }
}

#[test]
fn no_depth_is_too_deep_for_what_is_carried_along() {
    let deep = format!("{}{}", r#"[{"a":"#.repeat(100_000), "1".to_owned() + &"}]".repeat(100_000));
    assert_eq!(Json::parse(&deep, "deep").as_ref().map(Json::as_str), Ok(deep.as_str()));
    assert!(Json::parse(&deep[1..], "deep").is_err());
}

#[test]
fn a_list_that_nobody_reads_to_its_end_is_refused() {
    let tuple: Result<(u32, u32), Unfit> = json::read("[1,2,3]");
    assert_eq!(tuple.map_err(|unfit| unfit.to_string()), Err("expected no further item at byte 5".into()));
    assert_eq!(json::read("[1,2]"), Ok((1, 2)));
}
