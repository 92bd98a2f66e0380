import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import type { FeedEvent } from '#offstage/wire/feed.js';
import { within } from '../../../waiting.js';
import { Driver } from '../drive.js';
import { Project } from '../project.js';

async function collect(events: AsyncIterable<FeedEvent>): Promise<FeedEvent[]> {
  const all: FeedEvent[] = [];
  for await (const event of events) all.push(event);
  return all;
}

const kinds = (events: readonly { kind: string }[]): string[] => events.map(({ kind }) => kind);

test('the feed pages through all tasks, filters, and goes on from any event', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const verbs = await project.verbs(t, 'none');
  const client = makeClient(verbs);
  const task = await client.submit({ recipe: 'echo', name: 'mine', sessionId: 's' });
  await driver.succeed(await driver.start());
  await client.submit({ recipe: 'nothing' });
  const all = await collect(client.feed({ limit: 1 }));
  assert.deepEqual(kinds(all), ['submitted', 'started', 'completed', 'submitted']);
  const [first, second] = all;
  assert.deepEqual([first?.taskId, first?.name, first?.recipe, first?.seq], [task.id, 'mine', 'echo', 1]);
  assert.ok(first?.at instanceof Date);
  assert.match(first?.cursor ?? '', /^[0-9a-f]{16}\.1$/);
  assert.deepEqual(await collect(client.feed({ after: second?.cursor })), all.slice(2));
  assert.deepEqual(kinds(await collect(client.feed({ session: 's', kinds: ['completed'] }))), ['completed']);
  assert.deepEqual(kinds(await collect(client.feed({ task: task.id, after: first?.cursor }))), [
    'started',
    'completed',
  ]);
  assert.deepEqual(await collect(client.feed({ after: 'now' })), []);
});

test('who follows misses none of what comes, whoever commits it, also when the newest events go', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const verbs = await project.verbs(t, 'none');
  const other = await project.verbs(t, 'none');
  const client = makeClient(verbs);
  const controller = new AbortController();
  const seen: string[] = [];
  const told = new EventTarget();
  const following = (async () => {
    for await (const event of client.feed({ follow: true, signal: controller.signal })) {
      seen.push(`${event.kind} ${event.taskId}`);
      told.dispatchEvent(new Event(event.kind));
    }
  })();
  const next = (kind: string) =>
    within(new Promise((resolve) => told.addEventListener(kind, resolve, { once: true })), { what: kind });
  const submitted = next('submitted');
  const gone = (await makeClient(other).submit({ recipe: 'echo' })).id;
  await submitted;
  const completed = next('completed');
  await driver.succeed(await driver.start());
  await completed;
  const cleared = next('cleared');
  await other.clear({ ids: [gone] });
  await cleared;
  const again = next('submitted');
  const last = (await makeClient(other).submit({ recipe: 'echo' })).id;
  await again;
  controller.abort();
  await within(following, { what: 'the end of the iteration' });
  const of = (kind: string, id: string) => `${kind} ${id}`;
  const life = ['submitted', 'started', 'completed', 'cleared'].map((kind) => of(kind, gone));
  assert.deepEqual(seen, [...life, of('submitted', last)]);
});

test('who looks starts no clean-up: no outcome is seen, and no record goes', async (t) => {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const verbs = await project.verbs(t, 'none');
  const task = await makeClient(verbs).submit({ recipe: 'echo', input: { value: 7 } });
  const old = await makeClient(verbs).submit({ recipe: 'echo' });
  await driver.succeed(await driver.start(), '7');
  await driver.succeed(await driver.start());
  const db = connect(project.store);
  t.after(() => db.close());
  db.exec(`UPDATE tasks SET drop_at = 1 WHERE id = '${old.id}'`);
  await verbs.feed();
  const peeked = await verbs.peek(task.id);
  assert.deepEqual([peeked.status, peeked.result, peeked.input], ['completed', 7, { value: 7 }]);
  await verbs.peek(old.id);
  const rows = () =>
    db
      .prepare('SELECT id, seen_at FROM tasks ORDER BY seq')
      .all()
      .map((row) => ({ ...row }));
  assert.deepEqual(rows(), [
    { id: task.id, seen_at: null },
    { id: old.id, seen_at: null },
  ]);
  const controller = new AbortController();
  for await (const _ of verbs.changes({ signal: controller.signal, dropNothing: true })) controller.abort();
  assert.equal(rows().length, 2);
  await verbs.get([task.id]);
  assert.deepEqual(
    rows().map(({ id, seen_at }) => [id, seen_at !== null]),
    [[task.id, true]],
    'a reader does both',
  );
});

test('a store that was deleted and made anew says so; from there it goes on', async (t) => {
  const project = new Project(t);
  const verbs = await project.verbs(t, 'none');
  const client = makeClient(verbs);
  await client.submit({ recipe: 'echo' });
  const [event] = await collect(client.feed());
  await verbs.close();
  rmSync(project.file('.offstage'), { recursive: true });
  const later = await project.verbs(t, 'none');
  const gone = await later.feed({ after: event?.cursor });
  assert.deepEqual([gone.reset, gone.events, gone.more], ['store_replaced', [], false]);
  const { id } = await makeClient(later).submit({ recipe: 'echo' });
  assert.deepEqual(
    (await later.feed({ after: gone.next })).events.map(({ task_id }) => task_id),
    [id],
    'what came after it was gone',
  );
  const next = (await later.feed()).next;
  await assert.rejects(
    collect(makeClient(later).feed({ after: event?.cursor })),
    (error: Error & { code?: string; reset?: string; next?: string }) =>
      error.code === 'feed_reset' && error.reset === 'store_replaced' && error.next === next,
  );
});

test('who follows while the file is deleted is told, whether or not there is another one', async (t) => {
  const project = new Project(t);
  const verbs = await project.verbs(t, 'none');
  const other = await project.verbs(t, 'none');
  await makeClient(other).submit({ recipe: 'echo' });
  const events = makeClient(verbs).feed({ follow: true })[Symbol.asyncIterator]();
  assert.equal((await events.next()).value?.kind, 'submitted');
  await other.close();
  rmSync(project.file('.offstage'), { recursive: true });
  await assert.rejects(within(events.next(), { what: 'the end of the feed' }), { code: 'feed_reset' });
});

test('what cannot be asked is refused before anything is read', async (t) => {
  const verbs = await new Project(t).verbs(t, 'none');
  const refused: [object, RegExp][] = [
    [{ after: '12' }, /^after: got "12", expected 'start', 'now', or a cursor/],
    [{ after: 12 }, /^after: got 12,/],
    [{ limit: 0 }, /^limit: got 0, expected a whole number from 1 to 1000/],
    [{ kinds: ['ended'] }, /^kinds: got "ended", expected an array of submitted/],
    [{ kinds: [] }, /^kinds: got/],
    [{ recipes: 'x' }, /^unknown option 'recipes'; did you mean 'recipe'/],
  ];
  for (const [query, message] of refused)
    await assert.rejects(verbs.feed(query), { code: 'invalid_argument', message });
  await assert.rejects(collect(makeClient(verbs).feed({ folow: true } as object)), /unknown option 'folow'/);
});

test('a submit that is repeated under its key is answered as the first one was', async (t) => {
  const project = new Project(t);
  await Driver.open(t, project);
  const client = makeClient(await project.verbs(t, 'none'));
  const spec = { recipe: 'echo', input: { a: 1, b: 2 } };
  const first = await client.submit(spec, { requestKey: 'k' });
  const again = await client.submit({ input: { b: 2, a: 1 }, recipe: 'echo' }, { requestKey: 'k' });
  assert.deepEqual([again.id, again.deduplicated, again.sessionId], [first.id, false, first.sessionId]);
  await assert.rejects(client.submit({ recipe: 'echo', input: { a: 2 } }, { requestKey: 'k' }), { code: 'conflict' });
  const many = await client.submitMany([spec, spec], { requestKey: 'two' });
  const manyAgain = await client.submitMany([spec, spec], { requestKey: 'two' });
  assert.deepEqual(
    manyAgain.map(({ id }) => id),
    many.map(({ id }) => id),
  );
  assert.equal((await client.list()).total, 3);
  await assert.rejects(client.submit(spec, { requestKey: '' }), /^InvalidArgumentError: requestKey: got ""/);
  await assert.rejects(client.submit(spec, { requestkey: 'k' } as object), /unknown option 'requestkey'/);
});

test('the children of a task are listed by its id', async (t) => {
  const project = new Project(t);
  await Driver.open(t, project);
  const client = makeClient(await project.verbs(t, 'none'));
  const parent = await client.submit({ recipe: 'echo' });
  const child = await client.submit({ recipe: 'echo', parent });
  const { tasks, total } = await client.list({ parentId: parent.id });
  assert.deepEqual([tasks.map(({ taskId }) => taskId), total], [[child.id], 1]);
  assert.equal((await client.list({ parentId: child.id })).total, 0);
});
