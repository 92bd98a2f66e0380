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
fn an_error_is_a_standard_error() {
    let error: Box<dyn std::error::Error> = Box::new(Error::conflict("busy", &()));
    assert_eq!(error.to_string(), "busy");
    assert_eq!(format!("{:?}", Error::conflict("busy", &())), "Error(conflict: busy)");
}
