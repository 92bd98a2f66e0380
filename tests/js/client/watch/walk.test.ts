/** What a task that runs in the process that has submitted it asks of the store, from its submit to its result. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type Client, makeClient, openVerbs } from '#offstage/client/index.js';
import { TaskCancelledError, TaskFailedError } from '#offstage/errors/index.js';
import { defineRecipe } from '#offstage/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { settledTurn } from '#offstage/store/turn.js';
import type { Ops, Turn } from '#offstage/store/types.js';
import { keepAlive } from '../drive.js';
import { Project } from '../project.js';

const double = defineRecipe({ name: 'double', run: (n: number) => 2 * n });
const failing = defineRecipe({
  name: 'failing',
  run: () => {
    throw new Error('no');
  },
});

/** A client that is its own worker, never looks again by itself, and tells what it asks, in order. */
async function scene(t: TestContext) {
  const project = new Project(t);
  const asked: (keyof Ops)[] = [];
  const opened = async (path: string): Promise<Store> => {
    const store = await openStore(path, { mount: 'direct', lookEvery: Number.POSITIVE_INFINITY });
    return {
      ...store,
      run: (op, args) => {
        const isEmpty = op === 'turn' && (args as Turn).changes.length + (args as Turn).submits.length === 0;
        if (!isEmpty && op !== 'poll' && op !== 'overdue' && op !== 'changedCode') asked.push(op);
        return store.run(op, args);
      },
    };
  };
  const at = { cwd: project.folder, home: project.folder, env: project.env, worker: 'app' } as const;
  const verbs = await openVerbs({ ...at, lookEvery: Number.POSITIVE_INFINITY, openStore: opened });
  const client: Client = makeClient(verbs);
  t.after(() => client.close());
  keepAlive(t);
  await client.work({ recipes: [double, failing], concurrency: 100 });
  await (await client.submit({ recipe: double, input: 1 })).wait(); // its worker for folders has started
  await settledTurn();
  asked.length = 0;
  return { client, asked };
}

test('submit, run and wait are two turns, and that it was seen', async (t) => {
  const { client, asked } = await scene(t);
  const handle = await client.submit({ recipe: double, input: 21, name: 'n', sessionId: 's' });
  assert.deepEqual(
    [handle.name, handle.recipeName, handle.sessionId, handle.deduplicated],
    ['n', 'double', 's', false],
  );
  assert.equal(await handle.wait(), 42);
  await settledTurn();
  assert.deepEqual(asked, ['turn', 'turn', 'seeAll']);
  const task = await client.get(handle.id);
  assert.equal(task?.input, 21);
  assert.ok(task?.dropAt != null && task.dropAt.getTime() < Date.now() + 3_600_000 + 60_000, 'it counts as seen');
});

test('sixty-four at once are two turns as well, and who waits late, or again, is told the same', async (t) => {
  const { client, asked } = await scene(t);
  const handles = await Promise.all(Array.from({ length: 64 }, (_, input) => client.submit({ recipe: double, input })));
  assert.deepEqual(
    await Promise.all(handles.map((one) => one.wait())),
    Array.from({ length: 64 }, (_, n) => 2 * n),
  );
  assert.ok(asked.filter((op) => op === 'turn').length <= 4, asked.join());
  assert.equal(asked.filter((op) => op === 'get' || op === 'see').length, 0);
  const late = await client.submit({ recipe: double, input: 5 });
  await client.submit({ recipe: double, input: 6 }).then((one) => one.wait());
  assert.deepEqual([await late.wait(), await late.wait()], [10, 10]);
  assert.deepEqual(await Promise.all([handles[0]?.wait(), handles[0]?.wait()]), [0, 0]);
});

test('a failure, a cancel and a time that is over are told as ever', async (t) => {
  const { client } = await scene(t);
  const failed = await client.submit({ recipe: failing });
  await assert.rejects(failed.wait(), (error) => error instanceof TaskFailedError && /no/.test(error.message));
  const later = await client.submit({ recipe: double, input: 1, delay: 60 });
  await assert.rejects(later.wait(0.001), { code: 'wait_timeout' });
  const waiting = assert.rejects(later.wait(), TaskCancelledError);
  await later.cancel();
  await waiting;
  await assert.rejects(later.wait(), TaskCancelledError);
});
