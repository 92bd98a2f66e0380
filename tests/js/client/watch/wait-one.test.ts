/** What a wait for one task asks the store for. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { until } from '../../../waiting.js';
import { Driver, keepAlive } from '../drive.js';
import { Project } from '../project.js';

/** A client, a living worker that a test plays, and what the client asks, in order. */
async function scene(t: TestContext) {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const asked: string[] = [];
  const counted = async (path: string): Promise<Store> => {
    const store = await openStore(path, { mount: 'direct' });
    t.after(() => store.close());
    return {
      path,
      folder: store.folder,
      run: (op, args) => {
        asked.push(op);
        return store.run(op, args);
      },
      watch: (listener) => store.watch(listener),
      keepLease: () => {},
      dropLease: () => {},
      close: async () => {},
    };
  };
  const at = { cwd: project.folder, home: project.folder, env: project.env, worker: 'detached' } as const;
  const verbs = await openVerbs({ ...at, openStore: counted });
  t.after(() => verbs.close());
  keepAlive(t);
  return { client: makeClient(verbs), driver, asked };
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
  assert.deepEqual([...new Set(asked)].sort(), ['get', 'overdue', 'see']);
  assert.equal(asked.filter((op) => op === 'see').length, 1);
  assert.equal(asked.at(-1), 'see', 'what it answers with was read by the look that saw the end');
});
