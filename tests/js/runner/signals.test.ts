/** Signals of callers: their reasons, and one for many. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import { BackgroundRunner, TaskCancelledError } from '#offstage';
import { gate, untilAborted } from './helpers.js';

const failure = (task: { wait(): Promise<unknown> }): Promise<unknown> => task.wait().catch((error: unknown) => error);

test("a signal's reason is the cause of what its code and every waiter get, whatever it is", async () => {
  await using runner = new BackgroundRunner({ maxConcurrentTasks: 9 });
  for (const reason of [new Error('the user left'), 'a text', undefined, { code: 7 }]) {
    const controller = new AbortController();
    const started = gate();
    let inside: unknown;
    const work = (ctx: { signal: AbortSignal }): Promise<never> => {
      started.open();
      ctx.signal.addEventListener('abort', () => {
        inside = ctx.signal.reason;
      });
      return untilAborted(ctx);
    };
    const running = runner.submit(work, { signal: controller.signal });
    const pending = runner.submit(untilAborted, { signal: controller.signal, delay: 60 });
    await started.promise;
    controller.abort(reason);
    for (const error of [inside, await failure(running), await failure(running), await failure(pending)]) {
      assert.ok(error instanceof TaskCancelledError);
      assert.equal(error.cause, controller.signal.reason);
    }
  }
  const plain = runner.submit(untilAborted);
  await plain.cancel('no more');
  assert.equal('cause' in ((await failure(plain)) as Error), false);
});

test("code that ends with the submitter's own reason did what it was told", async () => {
  await using runner = new BackgroundRunner();
  const controller = new AbortController();
  const { signal } = controller;
  const started = gate();
  const task = runner.submit(
    () => {
      started.open();
      return untilAborted({ signal });
    },
    { signal },
  );
  await started.promise;
  controller.abort(new Error('over'));
  await failure(task);
  await runner.stop();
  const kinds: string[] = [];
  for await (const { kind } of task.events()) kinds.push(kind);
  assert.deepEqual(kinds, ['submitted', 'started', 'cancelled', 'stopped']);
});

test('a thousand submits, waits and followers share one listener, and leave none', async () => {
  await using runner = new BackgroundRunner({ maxConcurrentTasks: 1000, maxRetained: 2000 });
  const { signal } = new AbortController();
  const end = gate<number>();
  const tasks = Array.from({ length: 1000 }, () => runner.submit(() => end.promise, { signal }));
  const waits = tasks.map((task) => task.wait({ signal }));
  const followed = tasks.map(async (task) => {
    for await (const _ of task.events({ follow: true, signal }));
  });
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  end.open(1);
  await Promise.all([...waits, ...followed]);
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});
