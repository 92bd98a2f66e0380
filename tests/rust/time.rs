use offstage_core::time::{MAX_SPAN, check_seconds, checked_ms, elapsed, parse_duration};

use crate::support::test;

#[test]
fn durations_are_read_in_seconds() {
    let good = [
        ("90", 90.0),
        ("90s", 90.0),
        ("30m", 1_800.0),
        ("2h", 7_200.0),
        ("1.5h", 5_400.0),
        ("1d", 86_400.0),
        ("500ms", 0.5),
        ("0", 0.0),
        ("0.1", 0.1),
        ("4.35", 4.35),
        (" 10 s ", 10.0),
        ("007s", 7.0),
    ];
    for (text, seconds) in good {
        assert_eq!(parse_duration(text, "timeout"), Ok(seconds), "{text}");
    }
}

#[test]
fn what_is_no_duration_is_refused_with_option_value_and_expectation() {
    for bad in [
        "",
        "s",
        "-1",
        "-5s",
        "1w",
        "1.5.2h",
        ".",
        "5.",
        ".5",
        "1e3",
        "NaN",
        "inf",
        "Infinity",
        "10 20",
        "9999999999999999s",
        "1h30m",
        "５s",
    ] {
        let error = parse_duration(bad, "timeout").expect_err(bad);
        assert!(error.is_invalid_argument(), "{bad}");
        assert!(error.message().starts_with("timeout: got "), "{error}");
        assert!(error.message().contains("expected"), "{error}");
    }
    let error = parse_duration("soon", "delay").expect_err("no duration");
    assert!(error.message().starts_with("delay: got \"soon\", expected seconds"), "{error}");
}

#[test]
fn a_number_of_seconds_is_finite_and_not_negative() {
    assert_eq!(check_seconds(0.0, "ttl"), Ok(0.0));
    assert_eq!(check_seconds(1.25, "ttl"), Ok(1.25));
    let bad = [
        (-1.0, "-1"),
        (-0.5, "-0.5"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "Infinity"),
        (f64::NEG_INFINITY, "-Infinity"),
        (4e9, "4000000000"),
        (1e300, "1e+300"),
    ];
    for (seconds, shown) in bad {
        let error = check_seconds(seconds, "ttl").expect_err(shown);
        let message = format!("ttl: got {shown}, expected a number of seconds from 0 to 100 years");
        assert_eq!(error.message(), message);
    }
    assert!(parse_duration("36526d", "ttl").is_err(), "100 years are the limit for texts too");
}

#[test]
fn the_limits_are_100_years_and_15_digits() {
    let most = MAX_SPAN as f64 / 1_000.0;
    assert_eq!(check_seconds(most, "ttl"), Ok(3_155_760_000.0));
    let error = check_seconds(most + 0.001, "ttl").expect_err("a millisecond more");
    assert_eq!(error.message(), "ttl: got 3155760000.001, expected a number of seconds from 0 to 100 years");
    for (text, seconds) in
        [("36525d", most), ("3155760000", most), ("3155760000000ms", most), ("0.00000000000001", 1e-14)]
    {
        assert_eq!(parse_duration(text, "ttl"), Ok(seconds), "{text}");
    }
    for text in ["36525.001d", "3155760000.1", "3155760000001ms", "0.000000000000001"] {
        assert!(parse_duration(text, "ttl").is_err(), "{text}");
    }
    for (ms, good) in [(-1, false), (0, true), (MAX_SPAN, true), (MAX_SPAN + 1, false)] {
        assert_eq!(checked_ms("ttl_ms", ms).ok(), good.then_some(ms));
    }
}

#[test]
fn numbers_in_messages_are_written_as_javascript_does() {
    let shown = |seconds: f64| {
        let error = check_seconds(seconds, "t").expect_err("it is refused");
        let rest = error.message().strip_prefix("t: got ").expect("it is shown");
        rest.split(", expected").next().unwrap_or_default().to_owned()
    };
    let numbers = [
        (-0.000_001, "-0.000001"),
        (-1.999_999_9, "-1.999999"),
        (-10.5, "-10.5"),
        (-100.0, "-100"),
        (999_999_999_999_999.0, "999999999999999"),
        (1e15, "1e+15"),
        (9.9e15, "9e+15"),
        (1e16, "1e+16"),
        (-1e15, "-1e+15"),
        (1e100, "1e+100"),
    ];
    for (seconds, text) in numbers {
        assert_eq!(shown(seconds), text);
    }
}

#[test]
fn elapsed_time_is_never_negative() {
    assert_eq!(elapsed(1_000, 1_500), 500);
    assert_eq!(elapsed(1_500, 1_000), 0);
    assert_eq!(elapsed(i64::MIN, i64::MAX), i64::MAX);
}
