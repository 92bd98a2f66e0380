import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { test } from 'node:test';
import type { TaskEvent } from '#offstage/index.js';
import { collected, gate, KINDS, never, record, untilAborted } from './helpers.ts';
import { virtual } from './virtual.ts';

const kinds = (events: readonly TaskEvent[]): string[] => events.map(({ kind }) => kind);

test('seq is gap-free, from 1, and after leaves out what was seen', async () => {
  const { runner, clock } = virtual({ killGrace: 1 });
  const task = runner.submit(
    (ctx) => {
      ctx.log('a');
      ctx.progress(0.5);
      ctx.output(1);
      if (ctx.attempt === 1) throw new Error('again');
      return never();
    },
    { retries: 1, backoff: { initial: 1, jitter: 0 } },
  );
  await clock.advance(1_000);
  await task.cancel();
  await clock.advance(1_000);
  const all = await collected(task.events());
  assert.deepEqual(kinds(all), [
    'submitted',
    'started',
    'log',
    'progress',
    'output',
    'retry_scheduled',
    'started',
    'log',
    'progress',
    'output',
    'cancelled',
    'abandoned',
  ]);
  assert.deepEqual(
    all.map(({ seq }) => seq),
    all.map((_, at) => at + 1),
  );
  for (const event of all) {
    assert.equal(event.taskId, task.id);
    assert.ok(event.at instanceof Date && event.at.getTime() >= Date.UTC(2026, 0, 1));
    assert.ok(KINDS.includes(event.kind));
  }
  for (const after of [0, 1, 5, 12, 100]) assert.deepEqual(await collected(task.events({ after })), all.slice(after));
});

test('the same events, with the same seq, whether or not somebody listened', async () => {
  for (const listens of [false, true]) {
    const { runner, clock } = virtual();
    const heard = listens ? record(runner) : undefined;
    const task = runner.submit(() => 1);
    await clock.settle();
    const asked = await collected(task.events());
    assert.deepEqual(
      asked.map(({ seq, kind }) => `${seq} ${kind}`),
      ['1 submitted', '2 started', '3 completed'],
    );
    if (heard !== undefined) assert.deepEqual(heard, asked);
  }
});

test('of many tasks that end at once, with long texts, every event is told', async () => {
  const { runner, clock } = virtual({ maxRetained: 0 });
  const events = record(runner);
  const tasks = Array.from({ length: 300 }, () => runner.submit(never, { delay: 1 }));
  const reason = 'x'.repeat(50_000);
  runner.cancelAll(reason);
  await clock.settle();
  assert.equal(events.length, 600);
  for (const kind of ['submitted', 'cancelled'] as const) {
    assert.equal(new Set(events.filter((event) => event.kind === kind).map(({ taskId }) => taskId)).size, tasks.length);
  }
  assert.deepEqual([runner.summary().cancelled, runner.tasks.length], [300, 0]);
});

test('follow goes on to the terminal event and the end of the work', async () => {
  for (const end of ['completed', 'failed', 'stopped', 'abandoned', 'queued'] as const) {
    const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
    const open = gate();
    if (end === 'queued') runner.submit(never);
    const task = runner.submit(() => open.promise);
    const early = collected(task.events({ follow: true }));
    await clock.settle();
    const later = collected(task.events({ follow: true, after: 1 }));
    if (end === 'completed') open.open();
    if (end === 'failed') open.fail(new Error('x'));
    if (end === 'stopped' || end === 'abandoned' || end === 'queued') await task.cancel();
    await clock.settle();
    if (end === 'stopped') open.fail(Object.assign(new Error('x'), { name: 'AbortError' }));
    await clock.advance(5_000);
    const expected = {
      completed: ['submitted', 'started', 'completed'],
      failed: ['submitted', 'started', 'failed'],
      stopped: ['submitted', 'started', 'cancelled', 'stopped'],
      abandoned: ['submitted', 'started', 'cancelled', 'abandoned'],
      queued: ['submitted', 'cancelled'],
    }[end];
    assert.deepEqual(kinds(await early), expected);
    assert.deepEqual(kinds(await later), expected.slice(1));
    assert.deepEqual(kinds(await collected(task.events({ follow: true }))), expected, 'also when all is over');
  }
});

test('a stream ends with its signal, and with its reader, and leaves no listener', async () => {
  const { runner, clock } = virtual();
  const task = runner.submit(never);
  await clock.settle();
  const controller = new AbortController();
  const { signal } = controller;
  const read = [
    collected(task.events({ follow: true, signal })),
    collected(runner.events({ signal })),
    collected(task.events({ follow: true, signal })),
  ];
  const left = runner.events({ signal });
  await left.return?.();
  for await (const _ of task.events({ follow: true, signal })) break;
  await clock.settle();
  controller.abort();
  assert.deepEqual(
    (await Promise.all(read)).map((events) => events.length),
    [2, 0, 2],
  );
  assert.equal(getEventListeners(signal, 'abort').length, 0);
  for (const stream of [task.events({ follow: true, signal }), runner.events({ signal })]) {
    assert.ok((await collected(stream)).length <= 2, 'aborted before');
  }
  assert.equal(getEventListeners(signal, 'abort').length, 0);
});

test('the events of the runner: all tasks from then on, until it has stopped', async () => {
  const { runner, clock } = virtual();
  runner.submit(() => 'before');
  await clock.settle();
  const all = collected(runner.events());
  const task = runner.submit(() => 1, { name: 'one' });
  const stuck = runner.submit(never);
  await clock.settle();
  const stopped = runner.stop();
  await clock.advance(5_000);
  await stopped;
  const events = await all;
  assert.deepEqual(kinds(events.filter(({ taskId }) => taskId === task.id)), ['submitted', 'started', 'completed']);
  assert.deepEqual(kinds(events.filter(({ taskId }) => taskId === stuck.id)), [
    'submitted',
    'started',
    'cancelled',
    'abandoned',
  ]);
  assert.equal(events.length, 7);
  assert.deepEqual(await collected(runner.events()), [], 'of a stopped runner: nothing any more');
});

test('several readers of one stream share it; what was pushed first is read first', async () => {
  const { runner, clock } = virtual();
  const stream = runner.events();
  const reads = [stream.next(), stream.next(), stream.next(), stream.next()];
  runner.submit(() => 1);
  await clock.settle();
  await runner.stop();
  const got = await Promise.all(reads);
  assert.deepEqual(
    got.map(({ value }) => value?.kind),
    ['submitted', 'started', 'completed', undefined],
  );
  assert.equal(got[3]?.done, true);
});

test('on calls back for one kind, until it is told to end', async () => {
  const { runner, clock } = virtual();
  const seen: string[] = [];
  const off = runner.on('started', ({ taskId }) => void seen.push(taskId));
  const first = runner.submit(() => 1);
  await clock.settle();
  off();
  off();
  runner.submit(() => 1);
  await clock.settle();
  assert.deepEqual(seen, [first.id]);
  assert.throws(() => runner.on('done' as never, () => {}), { code: 'invalid_argument', message: /kind: got "done"/ });
  assert.throws(() => runner.on('started', 5 as never), { code: 'invalid_argument', message: /listener: got 5/ });
});

test('a listener that ends another while events are told keeps it from being called', async () => {
  const { runner, clock } = virtual();
  const seen: string[] = [];
  runner.on('completed', () => {
    seen.push('first');
    off();
  });
  const off = runner.on('completed', () => void seen.push('second'));
  runner.submit(() => 1);
  await clock.settle();
  assert.deepEqual(seen, ['first']);
});

test('follow begun inside a callback tells every event once', async () => {
  const { runner, clock } = virtual();
  const streams: Promise<TaskEvent[]>[] = [];
  for (const kind of ['submitted', 'started', 'cancelled', 'stopped'] as const) {
    runner.on(kind, ({ taskId }) => void streams.push(collected(runner.handle(taskId).events({ follow: true }))));
  }
  const task = runner.submit(untilAborted);
  await clock.settle();
  await task.cancel();
  await clock.settle();
  assert.equal(streams.length, 4);
  for (const stream of streams)
    assert.deepEqual(
      (await stream).map(({ seq }) => seq),
      [1, 2, 3, 4],
    );
});

test('what callbacks throw disturbs neither the runner nor other callbacks, and is an uncaught exception', async () => {
  const thrown: unknown[] = [];
  const catchIt = (error: unknown): void => void thrown.push(error);
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', catchIt);
  try {
    const boom = (what: string) => (): never => {
      throw new Error(what);
    };
    const { runner, clock } = virtual({ onComplete: boom('runner') });
    const heard: string[] = [];
    for (const kind of ['submitted', 'started', 'progress', 'completed'] as const) {
      runner.on(kind, boom(kind));
      runner.on(kind, () => void heard.push(kind));
      runner.on(kind, (async () => Promise.reject(new Error(`${kind} later`))) as () => void);
    }
    const task = runner.submit((ctx) => ctx.progress(1), { onComplete: boom('task'), onProgress: boom('onProgress') });
    await clock.settle();
    assert.equal(await task.wait(), undefined);
    assert.deepEqual(heard, ['submitted', 'started', 'progress', 'completed']);
    assert.equal(await runner.submit(() => 5).wait(), 5);
    await clock.settle();
    const messages = new Set(thrown.map((error) => (error as Error).message));
    for (const what of [
      'runner',
      'task',
      'onProgress',
      'submitted',
      'started',
      'progress',
      'completed',
      'completed later',
    ]) {
      assert.ok(messages.has(what), what);
    }
  } finally {
    process.removeAllListeners('uncaughtException');
    for (const other of others) process.on('uncaughtException', other);
  }
});

for (const [options, message] of [
  [{ after: -1 }, /after: got -1/],
  [{ after: Number.NaN }, /after: got NaN/],
  [{ after: '1' }, /after: got "1"/],
  [{ since: 1 }, /unknown option 'since'/],
] as const) {
  test(`events(${JSON.stringify(options)}) is refused`, () => {
    const { runner } = virtual();
    assert.throws(() => runner.submit(() => 1).events(options as never), { name: 'InvalidArgumentError', message });
  });
}
