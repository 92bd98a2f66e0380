use offstage_core::error::Error;
use serde_json::json;

use crate::support::test;

#[test]
fn an_invalid_argument_names_option_value_and_expectation() {
    let error = Error::invalid("timeout", "\"x\"", "seconds");
    assert_eq!(error.code(), "invalid_argument");
    assert_eq!(error.to_string(), "timeout: got \"x\", expected seconds");
    assert_eq!(error.details(), json!({ "option": "timeout", "expected": "seconds" }));
    assert!(error.is_invalid_argument() && !error.is_conflict() && !error.is_unreadable());
}

#[test]
fn each_code_has_its_predicate() {
    let conflict = Error::conflict("busy", &());
    assert_eq!((conflict.code(), conflict.is_conflict()), ("conflict", true));
    assert!(!conflict.is_invalid_argument() && !conflict.is_unreadable());
    let unreadable = Error::unreadable("no JSON");
    assert_eq!((unreadable.code(), unreadable.is_unreadable()), ("unreadable", true));
    assert!(!unreadable.is_invalid_argument() && !unreadable.is_conflict());
    let malformed = Error::malformed("command", "missing field `epoch`");
    assert!(malformed.is_invalid_argument());
    assert_eq!(malformed.message(), "command: missing field `epoch`");
}

#[test]
fn a_full_queue_says_which_limit_it_has() {
    let full = Error::queue_full(5, 20);
    assert_eq!((full.code(), full.message()), ("queue_full", "max queued tasks reached (20)"));
    assert_eq!(full.details(), json!({ "limit": 5, "max_queued": 20 }));
    let none = Error::queue_full(5, 0);
    assert_eq!(none.message(), "max concurrent tasks reached (5)", "nobody may wait at all");
    assert_eq!(none.details_json(), r#"{"limit":5,"max_queued":0}"#);
}

#[test]
fn exactly_one_predicate_holds() {
    let all = [
        Error::invalid("a", 1, "2"),
        Error::conflict("busy", &()),
        Error::queue_full(1, 1),
        Error::unreadable("no JSON"),
    ];
    for (n, error) in all.iter().enumerate() {
        let is = [error.is_invalid_argument(), error.is_conflict(), error.is_queue_full(), error.is_unreadable()];
        assert_eq!(is, [0, 1, 2, 3].map(|m| m == n), "{error:?}");
    }
    assert_eq!(all[1].details(), json!(null), "nothing more to say");
    assert!(all.iter().enumerate().all(|(n, one)| all.iter().position(|other| other == one) == Some(n)));
}

#[test]
fn an_error_is_a_standard_error() {
    let error: Box<dyn std::error::Error> = Box::new(Error::conflict("busy", &()));
    assert_eq!(error.to_string(), "busy");
    assert_eq!(format!("{:?}", Error::conflict("busy", &())), "Error(conflict: busy)");
}
