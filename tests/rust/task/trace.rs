//! What a task is given for telemetry, deliveries and schedules.

use offstage_core::task::{Record, Spec, Trace, submit};

use crate::support::{Task, id, test};

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

fn of(traceparent: &str, tracestate: Option<&str>) -> Option<Trace> {
    let trace = Trace { traceparent: traceparent.into(), tracestate: tracestate.map(Into::into) };
    Task::new(Spec { trace: Some(trace), ..Spec::new("t") }).record.trace.clone().map(|trace| *trace)
}

#[test]
fn a_trace_is_kept_and_read_again() {
    let kept = of(PARENT, Some("vendor=1")).expect("it is well formed");
    assert_eq!((kept.traceparent.as_str(), kept.tracestate.as_deref()), (PARENT, Some("vendor=1")));
    let task = Task::new(Spec { trace: Some(kept.clone()), ..Spec::new("t") });
    let again = Record::parse(&task.record.to_json()).expect("a record");
    assert_eq!((again.trace.as_deref(), &again), (Some(&kept), &task.record));
}

#[test]
fn a_malformed_trace_is_dropped_and_refuses_nothing() {
    let bad = [
        "",
        "00",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-02",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-éé92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ];
    for text in bad {
        assert_eq!(of(text, None), None, "{text}");
    }
    for state in ["", "a=\u{7}", &"x".repeat(513)] {
        assert_eq!(of(PARENT, Some(state)), of(PARENT, None), "{state}");
    }
    assert!(of(PARENT, Some(&"x".repeat(512))).is_some_and(|trace| trace.tracestate.is_some()));
}

#[test]
fn what_schedules_and_deliveries_need_is_kept() {
    let deliver = vec!["ops".to_owned(), "slack:C1".to_owned()];
    let schedule_id = Some("sched_1".to_owned());
    let spec =
        Spec { deliver: deliver.clone(), schedule_id: schedule_id.clone(), scheduled_for: Some(5.4), ..Spec::new("t") };
    let record = Task::new(spec).record;
    assert_eq!((&record.deliver, &record.schedule_id, record.scheduled_for), (&deliver, &schedule_id, Some(5)));
    assert_eq!(Record::parse(&record.to_json()), Ok(record));
    let bare = Task::new(Spec::new("t")).record.to_json();
    for field in ["deliver", "schedule", "trace", "usage"] {
        assert!(!bare.contains(field), "{field}: who has none pays for none");
    }
}

#[test]
fn more_than_twenty_addresses_and_moments_before_1970_are_refused() {
    let with = |count: usize| Spec { deliver: vec!["ops".to_owned(); count], ..Spec::new("t") };
    assert_eq!(Task::new(with(20)).record.deliver.len(), 20);
    let error = submit(with(21), id(), 0).expect_err("too many");
    assert_eq!(error.message(), "deliver: got 21 addresses, expected 20 at most");
    let error = submit(Spec { scheduled_for: Some(-1.0), ..Spec::new("t") }, id(), 0).expect_err("too early");
    assert_eq!(error.message(), "scheduled_for: got -1, expected milliseconds since 1970");
}
