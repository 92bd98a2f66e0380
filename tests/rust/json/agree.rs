//! The same texts are taken as by serde_json, and are the same values.

use offstage_core::json;
use offstage_core::task::{Command, Json, Record};
use serde_json::Value;
use serde_json::value::RawValue;

use super::random;
use crate::support::{Rng, ShowOnPanic, fresh_seed, setting, test};

#[cfg(not(target_arch = "wasm32"))]
const TEXTS: u64 = 60_000;
#[cfg(target_arch = "wasm32")]
const TEXTS: u64 = 20_000;

fn each_text(mut look: impl FnMut(&mut Rng)) {
    let given = setting("SEED", option_env!("SEED"));
    let mut seeds = Rng::new(given.unwrap_or_else(fresh_seed));
    for n in 0..TEXTS {
        let seed = given.filter(|_| n == 0).unwrap_or_else(|| seeds.next());
        let _shown = ShowOnPanic(seed);
        look(&mut Rng::new(seed));
    }
}

#[test]
fn any_text_is_read_as_serde_json_reads_it() {
    let (mut good, mut bad) = (0, 0);
    each_text(|rng| {
        let text = random::value(rng, 3);
        let text = random::bent(rng, text);
        match (json::read::<Value>(&text), serde_json::from_str::<Value>(&text)) {
            (Ok(value), Ok(expected)) => {
                assert!(alike(&value, &expected), "{text:?}: {value} is not {expected}");
                good += 1;
            }
            (Err(_), Err(_)) => bad += 1,
            (read, expected) => panic!("{text:?}: {read:?}, where serde_json says {expected:?}"),
        }
    });
    assert!(good > TEXTS / 10 && bad > TEXTS / 10, "{good} of {TEXTS} are JSON, {bad} are not");
}

/// The same, but for the last digit of a fraction.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other
                || one.as_f64().zip(other.as_f64()).is_some_and(|(one, other)| (one / other - 1.0).abs() < 1e-14)
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|((key, one), (same, other))| key == same && alike(one, other))
        }
        _ => one == other,
    }
}

#[test]
fn what_is_carried_along_is_any_json_and_stays_as_it_is() {
    each_text(|rng| {
        let text = random::value(rng, 4);
        let text = random::bent(rng, text);
        match (Json::parse(&text, "value"), serde_json::from_str::<Box<RawValue>>(&text)) {
            (Ok(carried), Ok(expected)) => assert_eq!(carried.as_str(), expected.get(), "{text:?}"),
            (Err(_), Err(_)) => {}
            (carried, expected) => panic!("{text:?}: {carried:?}, where serde_json says {expected:?}"),
        }
    });
}

const RECORD: &str = r#"{"task_id":"task_01010101010141018101010101010101","name":"a \"b\"","recipe":"","status":"running",
    "attempt":1,"max_attempts":3,"backoff":{"initial":0.25,"max":60,"factor":2,"jitter":0.5},"progress":0.125,
    "created_at":1700000000000,"updated_at":1700000000001,"timeout_ms":300000,"seq":4,"epoch":2,
    "hold":{"worker":"w1","attempt":1,"epoch":2},"late":[{"attempt":1,"epoch":1}],
    "error":{"code":"failed","name":"E","message":"m","retryable":true,"details":{"b":1.50,"a":[null]}},
    "requests":{"k":{"message":"?","requested_at":5,"answer":{"action":"accept","content":"x"}}},"source": {"z":0, "y":""}}"#;
const COMMANDS: [&str; 4] = [
    r#"{"command":"fail","attempt":1,"epoch":1,"error":{"code":"failed","name":"E","message":"m"},"retry_in_ms":1.5}"#,
    r#"{"command":"progress","attempt":1,"epoch":1,"fraction":0.25,"message":null,"more":[{"of":"it"}]}"#,
    r#"{"command":"output","attempt":1,"epoch":1,"chunk":{"b":1.50,"a":2}}"#,
    r#"{"command":"answer","key":"k","action":"accept","content":[1]}"#,
];

#[test]
fn a_record_or_command_is_read_as_serde_json_reads_it() {
    let mut good = 0;
    each_text(|rng| {
        let record = random::bent(rng, RECORD.into());
        match (Record::parse(&record), serde_json::from_str::<Record>(&record)) {
            (Ok(read), Ok(expected)) => {
                assert_eq!(read, expected, "{record}");
                good += 1;
            }
            (Err(_), Err(_)) => {}
            (read, expected) => panic!("{record}: {read:?}, where serde_json says {expected:?}"),
        }
        let command = rng.pick(&COMMANDS).to_string();
        let command = random::bent(rng, command);
        match (json::read::<Command>(&command), serde_json::from_str::<Command>(&command)) {
            // A fraction that is left out is no number, which equals nothing.
            (Ok(read), Ok(expected)) => assert_eq!(format!("{read:?}"), format!("{expected:?}"), "{command}"),
            (Err(_), Err(_)) => {}
            (read, expected) => panic!("{command}: {read:?}, where serde_json says {expected:?}"),
        }
    });
    assert!(good > TEXTS / 10, "{good} of {TEXTS} are records");
}
