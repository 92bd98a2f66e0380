/** An end waits for what the code has asked for. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Fact } from '#offstage/worker/protocol.js';
import { FakeWorker, OPEN, stepStore } from './fake-worker.js';

const CHILD = { taskId: 'task_2', name: 'child', recipeName: 'child', sessionId: null, deduplicated: false };
const DONE = { kind: 'value', json: '"done"' } as const;
const lines = (facts: readonly Fact[]) => facts.flatMap((fact) => (fact.kind === 'log' ? fact.lines : []));

test('a child that nobody awaited is submitted before the end, and what comes after it', async () => {
  const worker = new FakeWorker({ submit: () => CHILD });
  const outcome = await worker.perform((ctx) => {
    void ctx.submit('one').then(() => ctx.submit('two'));
    return 'done';
  });
  assert.deepEqual([outcome, worker.methods()], [DONE, ['submit', 'submit']]);
  assert.equal(worker.run.openCalls, 0);
});

test('so is a step, its function included, when the code throws, too', async () => {
  const { stored, served } = stepStore();
  const worker = new FakeWorker(served);
  const outcome = await worker.perform((ctx) => {
    void ctx.step('k', () => new Promise((resolve) => setImmediate(() => resolve(7))));
    throw new Error('no luck');
  });
  assert.equal(outcome.kind, 'error');
  assert.deepEqual(stored, { k: '7' });
});

test('a question is asked, and its answer is not waited for', async () => {
  const worker = new FakeWorker({ ask: () => OPEN });
  const outcome = await worker.perform((ctx) => {
    void ctx.requestInput({ key: 'k', message: 'm' });
    return 'done';
  });
  assert.deepEqual([outcome, worker.methods()], [DONE, ['ask']]);
});

test('the end of a child is not waited for', async () => {
  const worker = new FakeWorker({ submit: () => CHILD, wait: () => OPEN });
  const outcome = await worker.perform(async (ctx) => {
    void (await ctx.submit('one')).wait();
    return 'done';
  });
  assert.deepEqual([outcome, worker.methods()], [DONE, ['submit', 'wait']]);
});

test('calls that fail and were not awaited are logged, and nothing else', async () => {
  const refused = { code: 'recipe_not_found', message: "Recipe 'x' not found." };
  const worker = new FakeWorker({
    submit: () => {
      throw refused;
    },
    ...stepStore().served,
  });
  const outcome = await worker.perform(async (ctx) => {
    void ctx.submit('x');
    void ctx.step('k', () => Promise.reject(new Error('no luck')));
    void ctx.requestInput({ key: '', message: 'm' });
    await ctx.submit('x').catch(() => {});
    await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would have come by now
    return 'done';
  });
  assert.deepEqual(outcome, DONE);
  assert.deepEqual(lines(worker.facts).sort(), [
    'requestInput was not awaited, and failed: key: got "", expected a text of 1 to 200 characters',
    "step 'k' was not awaited, and failed: no luck",
    "submit was not awaited, and failed: Recipe 'x' not found.",
  ]);
});

test('told to end, it waits for nothing', async () => {
  const worker = new FakeWorker({ submit: () => OPEN });
  const outcome = worker.perform((ctx) => {
    void ctx.submit('one');
    void ctx.step('k', () => new Promise(() => {}));
    return 'done';
  });
  await worker.called('submit');
  worker.run.abort({ cause: 'cancelled', message: 'stop' });
  assert.deepEqual([await outcome, lines(worker.facts)], [DONE, []]);
});
