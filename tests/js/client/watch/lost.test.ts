/** No wake is lost, without any safety net: the short form of what `npm run torture` does for long. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type BackgroundTaskHandle, type Client, makeClient, openVerbs } from '#offstage/client/index.js';
import { openStore } from '#offstage/store/index.js';
import { randomOf } from '../../../torture/kill.js';
import { waitRound } from '../../../torture/waits.js';
import { within } from '../../../waiting.js';
import { Driver, keepAlive } from '../drive.js';
import { Project } from '../project.js';

const SEED = Number(process.env.SEED ?? 14);

test('600 who wait for what another process ends are all told by its commits', async (t) => {
  const { half, all, processor } = await waitRound(t, { seed: SEED, tasks: 600, kills: 0 });
  t.diagnostic(`half within ${half} ms, all within ${all} ms, ${Math.round(processor)} us of processor a task`);
});

const WAYS: readonly ((client: Client, handle: BackgroundTaskHandle) => Promise<unknown>)[] = [
  (_, handle) => handle.wait(),
  (client, { id }) => client.wait([id, id]),
  (client, handle) => client.wait([handle.id], { any: true }),
  async (_, handle) => {
    for await (const { kind } of handle.events({ follow: true })) if (kind === 'completed') return;
    assert.fail('it ended before the task');
  },
];

/** Some turns of the event loop, or none. */
async function turns(count: number): Promise<void> {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve));
}

async function withoutNet(t: TestContext, project: Project): Promise<Client> {
  const none = { lookEvery: Number.POSITIVE_INFINITY };
  const verbs = await openVerbs({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    openStore: (path) => openStore(path, { mount: 'direct', ...none }),
    ...none,
  });
  t.after(() => verbs.close());
  return makeClient(verbs);
}

for (let seed = SEED; seed < SEED + 5; seed++) {
  test(`who registers just when the task ends is told, SEED=${seed}`, async (t) => {
    keepAlive(t);
    const random = randomOf(seed);
    const project = new Project(t);
    const driver = await Driver.open(t, project);
    const client = await withoutNet(t, project);
    const handles = await client.submitMany(Array.from({ length: 40 }, () => ({ recipe: 'echo' })));
    const waits: Promise<unknown>[] = [];
    for (const handle of handles) {
      const run = await driver.start();
      assert.equal(run.id, handle.id, 'they start in order');
      const ended = turns(random() * 6).then(() => driver.succeed(run));
      await turns(random() * 6);
      const way = WAYS[Math.floor(random() * WAYS.length)] as (typeof WAYS)[0];
      waits.push(within(way(client, handle), { what: `the end of ${handle.id}, SEED=${seed}` }));
      await ended;
    }
    await Promise.all(waits);
  });
}
