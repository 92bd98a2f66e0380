import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorFrom, isTaskError, MissingDependencyError, QueueFullError, TaskError } from '#offstage/errors/index.js';
import { BackgroundRunner } from '#offstage/runner/index.js';
import { never } from '../runner/helpers.js';

test('QueueFullError says what it is in every way there is to ask', () => {
  const error = new QueueFullError('max concurrent tasks reached (5)', { details: { limit: 5 } });
  assert.ok(error instanceof TaskError && error instanceof Error && isTaskError(error));
  assert.deepEqual(
    [error.name, error.code, error.message],
    ['QueueFullError', 'queue_full', 'max concurrent tasks reached (5)'],
  );
  assert.equal(error.taskId, undefined, 'no task was made');
  assert.deepEqual(JSON.parse(JSON.stringify(error)), {
    name: 'QueueFullError',
    code: 'queue_full',
    message: 'max concurrent tasks reached (5)',
    details: { limit: 5 },
  });
});

test('QueueFullError comes out of its code, as it crosses a boundary', () => {
  const error = errorFrom({ code: 'queue_full', message: 'full', details: { limit: 2 } });
  assert.ok(error instanceof QueueFullError);
  assert.deepEqual([error.message, error.details], ['full', { limit: 2 }]);
});

test('a runner that queues nothing throws it at once, with the limit, and takes tasks again later', async () => {
  const runner = new BackgroundRunner({ maxConcurrentTasks: 2, maxQueued: 0 });
  const tasks = [runner.submit(never), runner.submit(never)];
  assert.throws(
    () => runner.submit(never),
    (error) => error instanceof QueueFullError && error.message === 'max concurrent tasks reached (2)',
  );
  assert.equal(runner.summary().total, 2);
  await tasks[0]?.cancel();
  await runner.waitAll(0).catch(() => {});
  await runner.stop();
});

test('MissingDependencyError names the package and the line that installs it', () => {
  const cause = new Error('not found');
  const error = new MissingDependencyError('submitThread', 'piscina', 'npm install piscina@5', { cause });
  assert.ok(isTaskError(error));
  assert.deepEqual(
    [error.name, error.code, error.missing, error.cause],
    ['MissingDependencyError', 'missing_dependency', ['piscina'], cause],
  );
  assert.equal(
    error.message,
    "submitThread needs the package 'piscina', which is not installed here: npm install piscina@5",
  );
  assert.deepEqual(error.toJSON().details, { missing: ['piscina'], install: 'npm install piscina@5' });
});
