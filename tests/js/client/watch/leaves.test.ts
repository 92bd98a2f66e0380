/** Who waits no more leaves nothing, and whoever waits when all is closed is told so. */
import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { type TestContext, test } from 'node:test';
import { type BackgroundTaskHandle, makeClient, openVerbs, type Verbs } from '#offstage/client/index.js';
import { verbsOf } from '#offstage/client/open.js';
import { VerbContext } from '#offstage/client/verb-context.js';
import { hubOf } from '#offstage/client/watch/hub.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { openStore } from '#offstage/store/index.js';
import { until, within } from '../../../waiting.js';
import { unhandledDuring } from '../../runner/invariants.js';
import { deferred } from '../../worker/deferred.js';
import { Driver, keepAlive } from '../drive.js';
import { Project } from '../project.js';

async function scene(t: TestContext, mount: 'direct' | 'thread' = 'direct') {
  keepAlive(t);
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const lookEvery = Number.POSITIVE_INFINITY;
  const context = await VerbContext.open({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    lookEvery,
    openStore: (path) => openStore(path, { mount, lookEvery }),
  });
  t.after(() => context.close());
  const verbs: Verbs = verbsOf(context);
  return { verbs, driver, context, client: makeClient(verbs), hub: hubOf(context) };
}

async function followed(handle: BackgroundTaskHandle, signal?: AbortSignal): Promise<void> {
  for await (const _ of handle.events({ follow: true, signal }));
}

test('10,000 waits that are aborted leave nothing', async (t) => {
  const { client, verbs, hub } = await scene(t);
  const [handle, other] = await client.submitMany([{ recipe: 'echo' }, { recipe: 'echo' }]);
  assert.ok(handle && other);
  const { signal, abort } = ((controller: AbortController) => ({
    signal: controller.signal,
    abort: (reason: Error) => controller.abort(reason),
  }))(new AbortController());
  const waits = Array.from({ length: 10_000 }, () => handle.wait({ signal }));
  const ids = [handle.id, other.id];
  const all = [...waits, client.wait(ids, { signal }), verbs.events([other.id], { after: 1, wait: true, signal })];
  const settled = Promise.allSettled(all);
  const follower = followed(handle, signal);
  await until(() => hub.size === 10_000 + 2 + 1 + 1, { what: 'all to be registered' });
  assert.equal(getEventListeners(signal, 'abort').length, 1);
  const reason = new Error('enough');
  abort(reason);
  const answers = await within(settled, { what: 'the end of all' });
  assert.ok(answers.every((answer) => answer.status === 'rejected' && answer.reason === reason));
  await within(follower, { what: 'the end of the follower' });
  assert.deepEqual([hub.size, hub.isWatching, getEventListeners(signal, 'abort').length], [0, false, 0]);
});

for (const mount of ['direct', 'thread'] as const) {
  test(`whoever waits when all is closed is told so, mounted ${mount}`, async (t) => {
    const { client, verbs, hub } = await scene(t, mount);
    const handles = await client.submitMany(Array.from({ length: 30 }, () => ({ recipe: 'echo' })));
    const ids = handles.map(({ id }) => id);
    const waits = [
      ...handles.map((handle) => handle.wait()),
      client.wait(ids),
      client.wait(ids, { any: true }),
      verbs.events([ids[0] as string], { after: 1, wait: true }),
      ...handles.slice(0, 5).map((handle) => followed(handle)),
    ];
    const settled = Promise.allSettled(waits);
    await until(() => hub.size === 30 + 30 + 30 + 1 + 5, { what: 'all to be registered' });
    await verbs.close();
    for (const answer of await within(settled, { what: 'the end of all' })) {
      assert.equal(answer.status, 'rejected');
      const { name, code } = (answer as PromiseRejectedResult).reason;
      assert.deepEqual([name, code], ['StoreError', 'store']);
    }
    assert.deepEqual([hub.size, hub.isWatching], [0, false]);
  });
}

for (const worker of ['app', 'none'] as const) {
  test(`whoever asks once all is closed is told so, and nothing else is rejected; worker ${worker}`, async (t) => {
    const { client, handle } = await closedScene(t, worker);
    const asks: Record<string, () => Promise<unknown>> = {
      'client.wait': () => client.wait(handle.id),
      'client.wait of several': () => client.wait([handle.id, handle.id]),
      wait: () => handle.wait(),
      status: () => handle.status(),
      snapshot: () => handle.snapshot(),
      events: () => handle.events()[Symbol.asyncIterator]().next(),
      follow: () => followed(handle),
      cancel: () => handle.cancel(),
      submit: () => client.submit({ recipe: 'echo' }),
    };
    const told: Record<string, unknown> = {};
    const unhandled = await unhandledDuring(async () => {
      for (const [name, ask] of Object.entries(asks)) {
        told[name] = await within(
          ask().catch((error) => error.code),
          { what: name },
        );
      }
    });
    assert.deepEqual(unhandled, []);
    assert.deepEqual(told, Object.fromEntries(Object.keys(asks).map((name) => [name, 'store'])));
  });
}

/** A client that has submitted a task, and run it where it is a worker itself, and is closed. */
async function closedScene(t: TestContext, worker: 'app' | 'none') {
  const project = new Project(t);
  const at = { cwd: project.folder, home: project.folder, env: project.env };
  const client = makeClient(await openVerbs({ ...at, worker, mount: 'direct' }));
  const handle = await client.submit({ recipe: defineRecipe({ name: 'one', run: () => 1 }) });
  if (worker === 'app') assert.equal(await handle.wait(30), 1);
  await client.close();
  return { client, handle };
}

test('a wait of several for one that is not there drops nothing of the others', async (t) => {
  const { verbs, driver, context } = await scene(t);
  const [done] = await verbs.submit([{ recipe: 'echo' }]);
  await driver.succeed(await driver.start());
  const { run } = context;
  context.run = async (op, args) => {
    if (op === 'see') throw new Error('it cannot be written down');
    return run.call(context, op, args) as ReturnType<typeof run<typeof op>>;
  };
  const nobody = `task_${'0'.repeat(32)}`;
  const unhandled = await unhandledDuring(async () => {
    await assert.rejects(verbs.wait([done?.task_id as string, nobody]), { code: 'task_not_found', taskId: nobody });
  });
  assert.deepEqual(unhandled, []);
});

test('callbacks leave nothing once their tasks have ended, and a client that is closed calls none', async (t) => {
  const { client, verbs, driver, hub } = await scene(t);
  const told = deferred<string>('onComplete');
  let calls = 0;
  const { signal } = new AbortController();
  await client.submit({ recipe: 'echo', signal, onComplete: ({ taskId }) => told.resolve(taskId) });
  await client.submitMany(Array.from({ length: 20 }, () => ({ recipe: 'echo', signal, onComplete: () => calls++ })));
  assert.equal(hub.size, 21);
  const run = await driver.start();
  await driver.succeed(run);
  assert.equal(await within(told.promise, { what: 'the first callback' }), run.id);
  assert.deepEqual([hub.size, getEventListeners(signal, 'abort').length], [20, 1]);
  await verbs.close();
  assert.deepEqual([hub.size, hub.isWatching, calls, getEventListeners(signal, 'abort').length], [0, false, 0, 0]);
});
