import assert from 'node:assert/strict';
import { test } from 'node:test';
import { collected } from './helpers.js';
import { virtual } from './virtual.js';

test('the context can be taken apart', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(
    async ({ taskId, input, progress, log, output, step, idempotencyKey, requestInput, submit }) => {
      progress(0.5, 'half');
      log('a line');
      output({ chunk: 1 });
      const child = await submit(() => 'child').wait();
      const { content } = await requestInput({ key: 'q', message: 'And?' });
      return [taskId, input, await step('once', () => 'step'), idempotencyKey('k'), child, content];
    },
    { input: 'given' },
  );
  await clock.settle();
  await task.respond('q', { action: 'accept', content: 'answered' });
  await clock.settle();
  assert.deepEqual(await task.wait(), [task.id, 'given', 'step', `${task.id}:k`, 'child', 'answered']);
  const kinds = (await collected(task.events())).map(({ kind }) => kind);
  for (const kind of ['progress', 'log', 'output', 'step', 'input_requested', 'input_answered']) {
    assert.ok(
      kinds.some((seen) => seen === kind),
      `no ${kind} in ${kinds.join()}`,
    );
  }
});
