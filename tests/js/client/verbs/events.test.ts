import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import type { TaskEvent } from '#offstage/wire/event.js';
import { only } from '#offstage/wire/only.js';
import { Driver } from '../drive.js';
import { Project } from '../project.js';

async function collect(events: AsyncIterable<TaskEvent>): Promise<TaskEvent[]> {
  const all: TaskEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}
const seqs = (events: readonly { seq: number }[]): number[] => events.map(({ seq }) => seq);

test('pages by any limit hold every event once, and the cursor after the last one stays', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const verbs = await project.verbs(t, 'none');
  const task = await makeClient(verbs).submit({ recipe: 'echo' });
  const run = await driver.start();
  for (let n = 0; n < 450; n++) await driver.progress(run, n / 450);
  await driver.succeed(run);
  const whole = await verbs.events([task.id]);
  assert.deepEqual(
    seqs(whole.events),
    Array.from({ length: 453 }, (_, index) => index + 1),
  );
  assert.deepEqual(whole.tasks, [{ task_id: task.id, next_after: 453, first_seq: 1, over: true }]);
  for (const limit of [1, 7, 200, 453, 1000]) {
    const found: number[] = [];
    for (let after = 0; ; ) {
      const page = await verbs.events([task.id], { after, limit });
      const { next_after, over } = only(page.tasks);
      assert.ok(page.events.length <= limit);
      if (page.events.length === 0) {
        assert.deepEqual([next_after, over], [453, true]);
        break;
      }
      found.push(...seqs(page.events));
      assert.equal(next_after, found.at(-1));
      assert.equal(over, next_after === 453);
      after = next_after;
    }
    assert.deepEqual(found, seqs(whole.events), `in pages of ${limit}`);
  }
  assert.deepEqual(await collect(task.events()), await collect(task.events({ follow: true })));
  assert.deepEqual(seqs(await collect(task.events({ after: 451 }))), [452, 453]);
});

test('events come as they are in the API: camelCase keys, dates, data untouched', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const client = makeClient(await project.verbs(t, 'none'));
  const task = await client.submit({ recipe: 'echo', name: 'n' });
  const run = await driver.start();
  await driver.say(run, { command: 'output', chunk: { snake_case: [null] } });
  const events = await collect(client.events(task.id));
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['submitted', 'started', 'output'],
  );
  const [, , output] = events;
  assert.deepEqual(Object.keys(output as object), ['taskId', 'seq', 'at', 'kind', 'data']);
  assert.ok(output?.at instanceof Date);
  assert.deepEqual([output.taskId, output.data], [task.id, { chunk: { snake_case: [null] } }]);
});

test('a follower gets each event while it happens, and ends when the work of the cancelled task has stopped', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const client = makeClient(await project.verbs(t, 'none'));
  const task = await client.submit({ recipe: 'echo' });
  const kinds: string[] = [];
  let run: Awaited<ReturnType<Driver['start']>> | undefined;
  for await (const { kind, seq } of task.events({ follow: true })) {
    kinds.push(kind);
    assert.equal(seq, kinds.length);
    // each step is taken only once the one before was seen
    if (kind === 'submitted') run = await driver.start();
    if (kind === 'started' && run) await driver.progress(run, 0.5);
    if (kind === 'progress') await task.cancel();
    if (kind === 'cancelled' && run) await driver.say(run, { command: 'stopped' });
  }
  assert.deepEqual(kinds, ['submitted', 'started', 'progress', 'cancelled', 'stopped']);
});

test('many followers of one task see the same', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const client = makeClient(await project.verbs(t, 'none'));
  const task = await client.submit({ recipe: 'echo' });
  const all = Array.from({ length: 20 }, (_, after) => collect(task.events({ follow: true, after: after % 4 })));
  const run = await driver.start();
  for (let n = 0; n < 30; n++) await driver.progress(run, n / 30, `step ${n}`);
  await driver.succeed(run);
  for (const [index, events] of (await Promise.all(all)).entries()) {
    const after = index % 4;
    assert.deepEqual(
      seqs(events),
      Array.from({ length: 33 - after }, (_, n) => after + n + 1),
    );
  }
});

test('the signal ends a follower, also before it began; leaving the loop does too', async (t) => {
  const project = new Project(t);
  await Driver.open(t, project);
  const client = makeClient(await project.verbs(t, 'none'));
  const task = await client.submit({ recipe: 'echo' });
  const controller = new AbortController();
  const seen: string[] = [];
  for await (const { kind } of task.events({ follow: true, signal: controller.signal })) {
    seen.push(kind);
    setImmediate(() => controller.abort());
  }
  assert.deepEqual(seen, ['submitted']);
  assert.deepEqual(await collect(task.events({ follow: true, signal: AbortSignal.abort() })), []);
  assert.deepEqual(await collect(task.events({ signal: AbortSignal.abort() })), []);
  for await (const { kind } of task.events({ follow: true })) {
    assert.equal(kind, 'submitted');
    break;
  }
});

test('what time decides ends a follower: a task whose ttl is over', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  const task = await client.submit({ recipe: 'echo', ttl: '50ms' });
  const events = await collect(task.events({ follow: true }));
  assert.deepEqual(
    events.map(({ kind }) => kind),
    ['submitted', 'failed'],
  );
});

test('wait answers with what comes next, or that nothing will', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const verbs = await project.verbs(t, 'none');
  const { id } = await makeClient(verbs).submit({ recipe: 'echo' });
  const next = verbs.events([id], { after: 1, wait: true });
  const run = await driver.start();
  assert.deepEqual(
    (await next).events.map(({ kind }) => kind),
    ['started'],
  );
  const last = verbs.events([id], { after: 3, wait: true });
  await driver.succeed(run);
  assert.deepEqual(await last, {
    events: [],
    tasks: [{ task_id: id, next_after: 3, first_seq: 1, over: true }],
  });
  const reason = new Error('enough');
  await assert.rejects(verbs.events([id], { after: 0, wait: true, signal: AbortSignal.abort(reason) }), reason);
});

test('an unknown task, and options that are none', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  const id = `task_${'0'.repeat(32)}`;
  for (const follow of [false, true]) {
    await assert.rejects(collect(client.events(id, { follow })), { code: 'task_not_found' });
  }
  assert.equal(existsSync(project.store), false, 'asking makes no store');
  await assert.rejects(collect(client.events(id, { after: -1 })), { message: /^after: got -1, expected a whole/ });
  await assert.rejects(collect(client.events(id, { after: 1.5, follow: true })), { message: /^after: got 1.5/ });
  await assert.rejects(collect(client.events(id, { from: 1 } as never)), { message: /^unknown option 'from'/ });
  await assert.rejects(collect(client.events(id, 7 as never)), { message: /^options: got 7, expected an object/ });
});
