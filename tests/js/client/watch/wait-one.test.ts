/** What waits ask the store for. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { settledTurn } from '#offstage/store/turn.js';
import { until, within } from '../../../waiting.js';
import { Driver, keepAlive } from '../drive.js';
import { Project } from '../project.js';

/** A client, a living worker that a test plays, and what the client asks, in order, of how many tasks each time. */
async function scene(t: TestContext, { lookEvery = 1000, concurrency = 5 } = {}) {
  const project = new Project(t);
  const driver = await Driver.open(t, project, { concurrency });
  const asked: string[] = [];
  const looked: number[] = [];
  const counted = async (path: string): Promise<Store> => {
    const store = await openStore(path, { mount: 'direct' });
    t.after(() => store.close());
    return {
      path,
      folder: store.folder,
      run: (op, args) => {
        asked.push(op);
        if ('ids' in args) looked.push(args.ids?.length ?? 0);
        return store.run(op, args);
      },
      watch: (listener) => store.watch(listener),
      keepLease: () => {},
      dropLease: () => {},
      close: async () => {},
    };
  };
  const at = { cwd: project.folder, home: project.folder, env: project.env, worker: 'detached' } as const;
  const verbs = await openVerbs({ ...at, lookEvery, openStore: counted });
  t.after(() => verbs.close());
  keepAlive(t);
  return { verbs, client: makeClient(verbs), driver, asked, looked };
}

test('a wait for a task that a living worker can run starts nobody, and reads the outcome once', async (t) => {
  const { client, driver, asked } = await scene(t);
  const handle = await client.submit({ recipe: 'echo' });
  asked.length = 0;
  const waiting = handle.wait();
  await until(() => asked.length === 3); // looks, hangs up its bell, looks again
  const run = await driver.start();
  await driver.succeed(run, '1');
  assert.equal(await waiting, 1);
  await settledTurn();
  assert.deepEqual([...new Set(asked)].sort(), ['outcomes', 'overdue', 'seeAll']);
  assert.equal(asked.filter((op) => op === 'seeAll').length, 1);
  assert.equal(asked.at(-1), 'seeAll', 'what it answers with was read by the look that saw the end');
});

test('what cannot be asked for keeps no answer from others that are asked for in the same turn', async (t) => {
  const { verbs, client, driver } = await scene(t);
  const ids = (await client.submitMany(Array.from({ length: 3 }, () => ({ recipe: 'echo' })))).map(({ id }) => id);
  for (let n = 0; n < ids.length; n++) await driver.succeed(await driver.start(), '7');
  for (const bad of [undefined, 5n, Symbol('none')] as unknown as string[]) {
    const waits = [ids[0], ids[1], bad, ids[2]].map((id) => verbs.outcome(id as string, { timeout: 1 }));
    const answers = await within(Promise.allSettled(waits), { what: `the waits beside ${String(bad)}` });
    const told = answers.map((one) => (one.status === 'fulfilled' ? one.value.came : 'rejected'));
    assert.deepEqual(told, ['completed', 'completed', 'rejected', 'completed'], String(bad));
  }
  await verbs.close();
  const closed = await Promise.allSettled(ids.map((id) => verbs.outcome(id)));
  assert.ok(closed.every((one) => one.status === 'rejected' && one.reason.code === 'store'));
});

test('a wait for many looks at each a few times, however many commits there are', async (t) => {
  const [count, chunk] = [200, 10];
  const net = { lookEvery: Number.POSITIVE_INFINITY, concurrency: count };
  const { client, driver, asked, looked } = await scene(t, net);
  const handles = await client.submitMany(Array.from({ length: count }, () => ({ recipe: 'echo' })));
  const { started } = await driver.store.run('claim', { worker: driver.id });
  assert.equal(started.length, count);
  asked.length = 0;
  looked.length = 0;
  const waiting = client.wait(handles.map(({ id }) => id));
  await until(() => looked.length === 2, { what: 'both looks at all' });
  for (let n = 0; n < count; n += chunk) {
    const ends = started.slice(n, n + chunk).map(({ id, attempt, epoch }) => ({
      id,
      command: { command: 'succeed', attempt, epoch } as const,
    }));
    await driver.store.run('change', { changes: ends });
  }
  assert.equal((await waiting).length, count);
  const sum = looked.reduce((all, one) => all + one, 0);
  assert.ok(
    sum <= 4 * count,
    `${sum} looks at ${count} tasks: two at first, one where the feed begins, one at its end`,
  );
  const others = asked.filter((op) => op !== 'see');
  assert.ok(others.length <= 10 + (3 * count) / chunk, others.join());
});
