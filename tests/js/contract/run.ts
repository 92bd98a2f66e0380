/** Runs a scenario; says at which step what was different. */
import assert from 'node:assert/strict';
import type { Facts, Scenario, Spec, Step } from './scenario.ts';

type Maybe<T> = T | Promise<T>;

/** What a scenario is acted out on. Tasks go by their names. */
export interface Stage {
  /** The name of the task that was there before, if one was. */
  submit(name: string, spec?: Spec, parent?: string, key?: string): Maybe<string | undefined>;
  succeed(name: string): Maybe<void>;
  fail(name: string, message: string, retryable: boolean): Maybe<void>;
  stopWork(name: string): Maybe<void>;
  ask(name: string, key: string, expires: number | undefined): Maybe<void>;
  answer(name: string, key: string, action: 'accept' | 'decline' | 'cancel'): Maybe<void>;
  awaitChild(name: string, child: string): Maybe<void>;
  cancel(name: string): Maybe<void>;
  stop(drain: number): Maybe<void>;
  advance(ms: number): Maybe<void>;
  stepWall(ms: number): Maybe<void>;
  /** What concerns all tasks. */
  control(step: Step): Maybe<void>;
  /** Lets everything happen that is to happen at this moment. */
  settle(): Promise<void>;
  /** Events, and what work noticed, since it was asked last. */
  take(): { events: string[]; work: string[] };
  /** The facts of a task; undefined when it was dropped. */
  task(name: string): Maybe<Record<keyof Facts, unknown> | undefined>;
  counts(): Maybe<Record<string, number>>;
  stopped: boolean;
}

/** Puts events into an order in which they can be compared. */
export type Order = (events: readonly string[]) => readonly string[];

/** Acts a scenario out, and compares; `order` is for stages that cannot know the order between tasks. */
export async function run(scenario: Scenario, subject: Stage, order: Order = (events) => events): Promise<void> {
  for (const [index, step] of scenario.steps.entries()) {
    try {
      await take(subject, step, order);
    } catch (error) {
      const where = `step ${index + 1}: ${JSON.stringify(step)}`;
      throw new Error(`${where}\n${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

async function take(subject: Stage, step: Step, order: Order): Promise<void> {
  const { deduplicated, refused } = await outcome(subject, step);
  await subject.settle();
  assert.equal(refused, step.refused, 'refused');
  assert.equal(deduplicated, step.deduplicated, 'deduplicated');
  await look(subject, step);
  const { events, work } = subject.take();
  assert.deepEqual(order(events), order(step.then ?? []), 'events');
  assert.deepEqual(work, [...(step.work ?? [])].sort(), 'what work noticed');
}

interface Outcome {
  deduplicated?: string | undefined;
  refused?: string | undefined;
}

async function outcome(subject: Stage, step: Step): Promise<Outcome> {
  try {
    if (step.submit !== undefined) {
      return { deduplicated: await subject.submit(step.submit, step.spec, step.parent, step.key) };
    }
    await perform(subject, step);
    return {};
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || step.refused === undefined) throw error;
    return { refused: code };
  }
}

async function perform(subject: Stage, step: Step): Promise<void> {
  const { key = '', child = '', action = 'accept' } = step;
  if (step.succeed !== undefined) await subject.succeed(step.succeed);
  else if (step.fail !== undefined) await subject.fail(step.fail, step.message ?? 'it broke', step.retryable ?? true);
  else if (step.stop_work !== undefined) await subject.stopWork(step.stop_work);
  else if (step.ask !== undefined) await subject.ask(step.ask, key, step.expires);
  else if (step.answer !== undefined) await subject.answer(step.answer, key, action);
  else if (step.await !== undefined) await subject.awaitChild(step.await, child);
  else if (step.cancel !== undefined) await subject.cancel(step.cancel);
  else if (step.stop !== undefined) await subject.stop(step.stop.drain);
  else if (step.advance !== undefined) await subject.advance(step.advance);
  else if (step.step_wall !== undefined) await subject.stepWall(step.step_wall);
  else await subject.control(step);
}

async function look(subject: Stage, { expect, counts, stopped }: Step): Promise<void> {
  for (const [name, expected] of Object.entries(expect ?? {})) {
    const wanted: Facts | { status: string } = typeof expected === 'string' ? { status: expected } : expected;
    assert.deepEqual({ name, ...(await facts(subject, name, wanted)) }, { name, ...wanted });
  }
  if (counts !== undefined) {
    const found = await subject.counts();
    assert.deepEqual(Object.fromEntries(Object.keys(counts).map((status) => [status, found[status]])), counts);
  }
  if (stopped !== undefined) assert.equal(subject.stopped, stopped, 'stopped');
}

/** Those facts that are asked for. */
async function facts(subject: Stage, name: string, wanted: object): Promise<object> {
  const task = await subject.task(name);
  if (task === undefined) return { status: 'dropped' };
  return Object.fromEntries(Object.entries(task).filter(([key]) => key in wanted));
}
