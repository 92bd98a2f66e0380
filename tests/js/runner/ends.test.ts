/** The end of a task waits for what its function has asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundRunner, type RunnerTaskHandle, type TaskContext } from '#offstage/runner/index.js';

const soon = <T>(value: T): Promise<T> => new Promise((resolve) => setImmediate(() => resolve(value)));

async function logOf(task: RunnerTaskHandle): Promise<string[]> {
  const lines: string[] = [];
  for await (const { kind, data } of task.events()) if (kind === 'log') lines.push((data as { line: string }).line);
  return lines;
}

const unawaited = (ctx: TaskContext, ran: string[]): void => {
  void ctx.step('first', () => soon(1)).then(() => ctx.step('second', () => soon(ran.push('second'))));
};

for (const [how, work] of [
  ['a function that returns', (ctx: TaskContext, ran: string[]) => unawaited(ctx, ran)],
  ['an async function', async (ctx: TaskContext, ran: string[]) => unawaited(ctx, ran)],
] as const) {
  test(`${how}: steps that nobody awaited are finished before its end`, async () => {
    const runner = new BackgroundRunner();
    const ran: string[] = [];
    const task = runner.submit((ctx) => work(ctx, ran));
    await task.wait(30);
    assert.deepEqual(ran, ['second']);
    const kinds: string[] = [];
    for await (const { kind } of task.events()) kinds.push(kind);
    assert.deepEqual(kinds.slice(-3), ['step', 'step', 'completed']);
    await runner.stop();
  });
}

test('the next attempt begins when the steps of the one before have ended', async () => {
  const runner = new BackgroundRunner();
  const ran: number[] = [];
  const task = runner.submit(
    (ctx) => {
      void ctx.step('k', () => soon(ran.push(ctx.attempt)));
      if (ctx.attempt === 1) throw new Error('no luck');
    },
    { retries: 1, backoff: { initial: 0, max: 0 } },
  );
  await task.wait(30);
  assert.deepEqual(ran, [1], 'the second attempt found what the first one had left');
  await runner.stop();
});

test('what fails unheard is logged; an answer of a person is not waited for', async () => {
  const runner = new BackgroundRunner();
  const task = runner.submit((ctx) => {
    void ctx.step('k', () => Promise.reject(new Error('no luck')));
    void ctx.requestInput({ key: '', message: 'm' });
    void ctx.requestInput({ key: 'q', message: 'm' });
    return 'done';
  });
  assert.equal(await task.wait(30), 'done');
  assert.deepEqual((await logOf(task)).sort(), [
    'requestInput was not awaited, and failed: key: got "", expected a text of 1 to 200 characters',
    "step 'k' was not awaited, and failed: no luck",
  ]);
  await runner.stop();
});

test('a cancel ends the waiting', async () => {
  const runner = new BackgroundRunner({ killGrace: 30 });
  const task = runner.submit((ctx) => {
    void ctx.step('k', () => new Promise(() => {}));
    return 'done';
  });
  await soon(0);
  assert.equal(await task.cancel('enough', { stopped: true }), true);
  assert.equal(await task.status(), 'cancelled');
  await runner.stop();
});
