/** What a handle is: the runner's own entry of its task, of which nobody sees more than the handle's methods. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BackgroundRunner } from '#offstage/runner/index.js';

test('a task has one handle, wherever it is asked for', async () => {
  const runner = new BackgroundRunner();
  const handle = runner.submit(() => 1);
  assert.equal(runner.handle(handle.id), handle);
  assert.equal(await runner.handle(handle.id).wait(), 1);
  assert.equal(runner.handle(handle.id), handle, 'also when it has ended');
});

test('a handle shows nothing of what the runner keeps in it', () => {
  const handle = new BackgroundRunner().submit(() => 1, { sessionId: 's', input: { a: 1 } });
  assert.deepEqual(Reflect.ownKeys(handle), []);
  assert.equal(JSON.stringify(handle), '{}');
});

test('that of a submit which added nothing is another one, of the same task', async () => {
  const runner = new BackgroundRunner();
  const options = { idempotencyKey: 'k', sessionId: 's' };
  const first = runner.submit(() => 1, options);
  const second = runner.submit(() => 2, options);
  assert.notEqual(second, first);
  assert.deepEqual(
    [first, second].map(({ deduplicated, id, name, sessionId }) => ({ deduplicated, id, name, sessionId })),
    [false, true].map((deduplicated) => ({ deduplicated, id: first.id, name: 'task', sessionId: 's' })),
  );
  assert.deepEqual(await Promise.all([first.wait(), second.wait(), second.status()]), [1, 1, 'pending']);
  assert.equal(await second.cancel(), false);
});
