//! What a task's code says that it has used.

use offstage_core::task::{Command, CostSource, FailureCode, Record, Spec, Usage, Used};

use crate::support::{Task, cancel, failure, test};

fn call(model: &str, input: f64, output: f64, cost: Option<f64>) -> Used {
    Used { model: Some(model.into()), input_tokens: Some(input), output_tokens: Some(output), cost, ..Used::default() }
}

fn tell(task: &mut Task, used: Used) {
    let command = Command::Usage { attempt: task.record.attempt, epoch: task.record.epoch, used };
    assert_eq!(task.does(command), ["usage"]);
}

fn usage(task: &Task) -> &Usage {
    task.record.usage.as_deref().expect("something was told")
}

#[test]
fn facts_are_summed_over_attempts_by_model() {
    let mut task = Task::new(Spec { retries: Some(1.0), ..Spec::new("t") });
    task.start();
    tell(&mut task, call("a", 10.0, 2.0, Some(0.1)));
    let fail =
        Command::Fail { attempt: 1, epoch: 1, error: failure(FailureCode::Failed), settled: true, retry_in_ms: None };
    task.does(fail);
    task.start();
    tell(&mut task, Used { steps: Some(2.0), cached_input_tokens: Some(4.0), ..call("b", 5.0, 1.0, Some(0.2)) });
    tell(&mut task, call("a", 1.0, 1.0, Some(0.0)));
    let sum = usage(&task);
    let total = &sum.total;
    assert_eq!((total.input_tokens, total.output_tokens, total.cached_input_tokens), (16, 4, 4));
    assert_eq!((total.requests, total.cost, sum.steps), (3, Some(0.3), 2));
    assert_eq!((sum.cost_source, sum.incomplete), (Some(CostSource::Provider), false));
    let models: Vec<_> = sum.models.iter().map(|one| (one.model.as_str(), one.tally.input_tokens)).collect();
    assert_eq!(models, [("a", 11), ("b", 5)]);
    assert_eq!(Record::parse(&task.record.to_json()).as_ref(), Ok(&task.record));
    assert_eq!(Record::replay(&task.events).as_ref(), Some(&task.record));
}

#[test]
fn a_cost_that_is_not_known_of_one_is_not_known_of_all_and_never_0() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    tell(&mut task, Used { steps: Some(1.0), ..Used::default() });
    assert_eq!((usage(&task).total.requests, usage(&task).total.cost), (0, None), "steps alone are no call");
    tell(&mut task, call("a", 1.0, 1.0, Some(0.5)));
    assert_eq!((usage(&task).total.cost, usage(&task).total.requests), (Some(0.5), 1));
    tell(&mut task, Used { incomplete: true, ..call("b", 1.0, 1.0, None) });
    tell(&mut task, call("a", 1.0, 1.0, Some(0.5)));
    let sum = usage(&task);
    assert_eq!((sum.total.cost, sum.cost_source, sum.incomplete), (None, None, true));
    assert_eq!(sum.models[0].tally.cost, Some(1.0), "of one model it is known");
    assert_eq!(sum.models[1].tally.cost, None);
    let told = sum.total.requests;
    tell(&mut task, Used { requests: Some(5.0), ..call("a", 1.0, 1.0, None) });
    assert_eq!(usage(&task).total.requests, told + 5, "several told as one");
}

#[test]
fn steps_alone_leave_the_cost_and_whatever_else_is_told_is_a_call() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    tell(&mut task, Used { cost: Some(0.25), ..Used::default() });
    tell(&mut task, Used { steps: Some(3.0), ms: Some(5.0), step: Some("s".into()), ..Used::default() });
    assert_eq!((usage(&task).total.requests, usage(&task).total.cost, usage(&task).steps), (1, Some(0.25), 3));
    for used in [
        Used { incomplete: true, ..Used::default() },
        Used { model: Some("m".into()), ..Used::default() },
        Used { input_tokens: Some(0.0), ..Used::default() },
        Used { output_tokens: Some(0.0), ..Used::default() },
        Used { cached_input_tokens: Some(0.0), ..Used::default() },
        Used { reasoning_tokens: Some(7.0), ..Used::default() },
        Used { incomplete: true, ..Used::default() },
    ] {
        let told = usage(&task).total.requests;
        tell(&mut task, used.clone());
        assert_eq!(usage(&task).total.requests, told + 1, "{used:?}");
    }
    let sum = usage(&task);
    assert_eq!((sum.total.cost, sum.incomplete, sum.total.reasoning_tokens), (None, true, 7));
}

#[test]
fn a_price_of_the_configuration_says_so_for_the_sum() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    tell(&mut task, Used { cost_source: Some(CostSource::Config), ..call("a", 1.0, 1.0, Some(0.000_000_2)) });
    tell(&mut task, call("a", 1.0, 1.0, Some(0.000_000_2)));
    assert_eq!((usage(&task).total.cost, usage(&task).cost_source), (Some(0.000_000_4), Some(CostSource::Config)));
}

#[test]
fn the_names_of_models_are_bounded() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    for index in 0..30 {
        tell(&mut task, call(&format!("m{index}"), 1.0, 0.0, None));
    }
    let models = &usage(&task).models;
    assert_eq!((models.len(), models[20].model.as_str(), models[20].tally.input_tokens), (21, "others", 10));
    assert_eq!(usage(&task).total.input_tokens, 30);
    tell(&mut task, call("m3", 5.0, 0.0, None));
    let models = &usage(&task).models;
    assert_eq!((models.len(), models[3].tally.input_tokens), (21, 6), "who has a name keeps it");
}

#[test]
fn what_others_have_used_is_added() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    tell(&mut task, call("a", 1.0, 2.0, Some(0.5)));
    let mut total = Usage::default();
    total.add(usage(&task));
    assert_eq!(&total, usage(&task));
    total.add(usage(&task));
    assert_eq!((total.total.input_tokens, total.total.requests, total.total.cost), (2, 2, Some(1.0)));
    assert_eq!(total.models.len(), 1);
}

#[test]
fn only_the_execution_that_holds_the_task_tells() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let stale = Command::Usage { attempt: 1, epoch: 2, used: call("a", 1.0, 1.0, None) };
    assert_eq!(task.does(stale), [""; 0]);
    task.does(cancel());
    let late = Command::Usage { attempt: 1, epoch: 1, used: call("a", 1.0, 1.0, None) };
    assert_eq!(task.does(late), [""; 0]);
    assert_eq!(task.record.usage, None);
}

#[test]
fn what_is_no_count_is_refused() {
    let mut task = Task::new(Spec::new("t"));
    task.start();
    let refused = [
        (Used { input_tokens: Some(-1.0), ..Used::default() }, "input_tokens: got -1, expected a whole number from 0"),
        (Used { output_tokens: Some(0.5), ..Used::default() }, "output_tokens: got 0.5,"),
        (Used { reasoning_tokens: Some(f64::NAN), ..Used::default() }, "reasoning_tokens: got NaN,"),
        (Used { steps: Some(1e16), ..Used::default() }, "steps: got 1e+16,"),
        (Used { cost: Some(-0.1), ..Used::default() }, "cost: got -0.1, expected US dollars from 0"),
        (Used { ms: Some(-1.0), ..Used::default() }, "ms: got -1,"),
        (Used { model: Some(String::new()), ..Used::default() }, "model: got 0 characters, expected 1 to 200"),
        (Used { finish_reason: Some("x".repeat(201)), ..Used::default() }, "finish_reason: got 201 characters"),
    ];
    for (used, begins) in refused {
        let error = task.put(Command::Usage { attempt: 1, epoch: 1, used }).expect_err(begins);
        assert!(error.is_invalid_argument() && error.message().starts_with(begins), "{error}");
    }
}
