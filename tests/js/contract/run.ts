/** Runs a scenario; says at which step what was different. */
import assert from 'node:assert/strict';
import type { Facts, Scenario, Step } from './scenario.ts';
import { Subject } from './subject.ts';

export async function run(scenario: Scenario): Promise<void> {
  const subject = new Subject(scenario.options);
  for (const [index, step] of scenario.steps.entries()) {
    try {
      await take(subject, step);
    } catch (error) {
      const where = `step ${index + 1}: ${JSON.stringify(step)}`;
      throw new Error(`${where}\n${error instanceof Error ? error.message : error}`, { cause: error });
    }
  }
}

async function take(subject: Subject, step: Step): Promise<void> {
  const { deduplicated, refused } = await outcome(subject, step);
  await subject.clock.settle();
  assert.equal(refused, step.refused, 'refused');
  assert.equal(deduplicated, step.deduplicated, 'deduplicated');
  look(subject, step);
  const { events, work } = subject.take();
  assert.deepEqual(events, step.then ?? [], 'events');
  assert.deepEqual(work, [...(step.work ?? [])].sort(), 'what work noticed');
}

interface Outcome {
  deduplicated?: string | undefined;
  refused?: string | undefined;
}

async function outcome(subject: Subject, step: Step): Promise<Outcome> {
  try {
    if (step.submit !== undefined) {
      return { deduplicated: subject.submit(step.submit, step.spec, step.parent, step.key) };
    }
    await perform(subject, step);
    return {};
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code !== 'string' || step.refused === undefined) throw error;
    return { refused: code };
  }
}

async function perform(subject: Subject, step: Step): Promise<void> {
  const { key = '', child = '', action = 'accept' } = step;
  if (step.succeed !== undefined) subject.succeed(step.succeed);
  else if (step.fail !== undefined) subject.fail(step.fail, step.message ?? 'it broke', step.retryable ?? true);
  else if (step.stop_work !== undefined) subject.stopWork(step.stop_work);
  else if (step.ask !== undefined) subject.ask(step.ask, key, step.expires);
  else if (step.answer !== undefined) await subject.answer(step.answer, key, action);
  else if (step.await !== undefined) subject.awaitChild(step.await, child);
  else if (step.cancel !== undefined) await subject.cancel(step.cancel);
  else if (step.stop !== undefined) subject.stop(step.stop.drain);
  else if (step.advance !== undefined) await subject.clock.advance(step.advance);
  else if (step.step_wall !== undefined) subject.clock.stepWall(step.step_wall);
  else subject.control(step);
}

function look(subject: Subject, { expect, counts, stopped }: Step): void {
  for (const [name, expected] of Object.entries(expect ?? {})) {
    const wanted: Facts | { status: string } = typeof expected === 'string' ? { status: expected } : expected;
    assert.deepEqual({ name, ...facts(subject, name, wanted) }, { name, ...wanted });
  }
  if (counts !== undefined) {
    const found = subject.counts();
    assert.deepEqual(Object.fromEntries(Object.keys(counts).map((status) => [status, found[status]])), counts);
  }
  if (stopped !== undefined) assert.equal(subject.stopped, stopped, 'stopped');
}

/** Those facts that are asked for. */
function facts(subject: Subject, name: string, wanted: object): object {
  const task = subject.task(name);
  if (task === undefined) return { status: 'dropped' };
  const all: Record<string, unknown> = {
    status: task.status,
    code: task.error?.code,
    attempt: task.attempt,
    abandoned: task.taskStatus.signals.includes('abandoned'),
  };
  return Object.fromEntries(Object.keys(wanted).map((key) => [key, all[key]]));
}
