//! Two tasks, one slot, and everything that can happen to them, at every point where it can happen.
//!
//! A virtual scheduler runs the same small world again and again. Before each poll it may inject one of the acts below,
//! up to a budget; and it may poll whichever future was woken. It goes through all of these schedules, none is drawn.
//!
//! After each poll and each act: one slot at most, counts that agree with the tasks. At the end: one terminal event a task
//! and none after it, every waiter woken and answered alike, nothing left running, waiting or armed.

mod schedule;
mod world;

use schedule::Schedule;
use world::{Act, Tasks, World};

use crate::support::test;

/// Goes through all schedules with so many acts; answers how many there were.
fn explore(tasks: Tasks, budget: usize, any_order: bool) -> usize {
    let mut schedule = Schedule::default();
    loop {
        let mut world = World::new(tasks);
        let mut acts: Vec<Act> = Act::ALL.to_vec();
        let mut left = budget;
        loop {
            let polls = if any_order { world.woken() } else { world.woken().min(1) };
            let open = if left > 0 { acts.len() } else { 0 };
            // At rest, the last choice is to leave it at that.
            let choices = open + polls.max(1);
            match schedule.choose(choices) {
                choice if choice < open => {
                    left -= 1;
                    world.act(acts.remove(choice));
                }
                _ if polls == 0 => break,
                choice => world.poll(choice - open),
            }
            world.check();
        }
        world.close();
        if !schedule.next() {
            return schedule.count;
        }
    }
}

/// How many acts; `ACTS=…` of them where somebody asks: 4 take minutes.
fn budget() -> usize {
    let asked = std::env::var("ACTS").ok().and_then(|text| text.parse().ok());
    asked.unwrap_or(3)
}

#[test]
fn tasks_that_listen() {
    let count = explore(Tasks { listen: true, retries: 0 }, budget(), false);
    assert!(count > 1_000, "{count} schedules");
}

#[test]
fn tasks_that_do_not_listen() {
    let count = explore(Tasks { listen: false, retries: 0 }, budget(), false);
    assert!(count > 1_000, "{count} schedules");
}

#[test]
fn tasks_that_are_tried_again() {
    for listen in [true, false] {
        let count = explore(Tasks { listen, retries: 1 }, budget() - 1, false);
        assert!(count > 1_000, "{count} schedules");
    }
}

#[test]
fn whatever_order_the_executor_has() {
    for listen in [true, false] {
        let count = explore(Tasks { listen, retries: 0 }, budget() - 1, true);
        assert!(count > 1_000, "{count} schedules");
    }
}
