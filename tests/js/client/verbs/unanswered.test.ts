/** What was committed and whose answer never came: it is there once, and nobody is told that it was refused. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { openVerbs } from '#offstage/client/index.js';
import { verbsOf } from '#offstage/client/open.js';
import { VerbContext } from '#offstage/client/verb-context.js';
import { defineRecipe, openBackground } from '#offstage/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import type { Reply } from '#offstage/store/thread.js';
import { until, within } from '../../../waiting.js';
import { submitOne, tempFolder } from '../../store/helpers.js';
import { Project } from '../project.js';

/** From now on: of the first answer to a submit nothing arrives, and the thread that has committed it is ended. */
function loseAnswer(t: TestContext): { isLost: boolean } {
  const { emit } = Worker.prototype;
  const state = { isLost: false };
  const isAnswer = (reply: Reply): boolean =>
    'answer' in reply && /"(submitted|tasks)":\[\{/.test(JSON.stringify(reply.answer));
  const mocked = t.mock.method(Worker.prototype, 'emit', function (this: Worker, ...said: Parameters<typeof emit>) {
    const [name, replies] = said;
    if (String(name) !== 'message' || state.isLost || !(replies as Reply[]).some(isAnswer))
      return emit.apply(this, said);
    state.isLost = true;
    void this.terminate();
    return true;
  });
  t.after(() => mocked.mock.restore());
  return state;
}

const UNKNOWN = {
  name: 'StoreError',
  code: 'store',
  message:
    /^the store's thread died: .*; whether what was asked of it was stored is not known, look before you ask again$/,
  details: { reason: 'thread_died' },
};

for (const runsHere of [false, true]) {
  test(`submits whose answer is lost with the store's thread are there once, and their callers are told that nobody knows${runsHere ? '; beside a worker of this process' : ''}`, async (t) => {
    const folder = tempFolder(t);
    const client = await openBackground(`${folder}/tasks.db`, { worker: 'none' });
    t.after(() => client.close());
    const recipe = defineRecipe({ name: 'job', run: () => 1 });
    if (runsHere) await client.work({ recipes: [recipe] });
    const first = await client.submit({ recipe });
    if (runsHere) await first.wait();
    const lost = loseAnswer(t);
    const names = ['a', 'b', 'c'];
    const ends = await within(Promise.allSettled(names.map((name) => client.submit({ recipe, name, delay: 3600 }))), {
      what: 'three submits',
    });
    assert.ok(lost.isLost, 'the answer was lost');
    for (const end of ends) {
      assert.equal(end.status, 'rejected');
      assert.throws(() => {
        throw (end as PromiseRejectedResult).reason;
      }, UNKNOWN);
    }
    const { tasks } = await client.list({ status: ['pending'] });
    const found = tasks.map(({ name }) => name).filter((name) => name !== 'job');
    assert.deepEqual(found.toSorted(), names, 'the same client looks anew');
    assert.equal((await client.submit({ recipe, name: 'd', delay: 3600 })).name, 'd');
  });
}

test("a waiter's fault at a commit is no answer to who has asked for it", async (t) => {
  const store = await openStore(`${tempFolder(t)}/tasks.db`, { mount: 'direct' });
  t.after(() => store.close());
  const warnings: string[] = [];
  t.mock.method(process, 'emitWarning', (text: string, { code }: { code: string }) =>
    warnings.push(`${code}: ${text}`),
  );
  store.watch(() => {
    throw new Error('a fault of a waiter');
  });
  const id = await submitOne(store);
  assert.deepEqual(warnings, ['OFFSTAGE_STORE_WAKE: a commit was not told to all who wait: a fault of a waiter']);
  assert.deepEqual(await store.run('ids', { status: ['pending'] }), [id]);
});

test('tasks that are stored are answered though nobody can be started for them', async (t) => {
  const project = new Project(t);
  const warnings: string[] = [];
  const context = await VerbContext.open({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    onWarning: (text) => warnings.push(text),
    async openStore(path) {
      const store = await openStore(path, { mount: 'direct' });
      const run: Store['run'] = (op, args) => {
        if (op === 'needWorker' || op === 'provision') throw new Error('the store cannot be asked now');
        if (op !== 'submit') return store.run(op, args);
        return store.run(op, { ...args, start: null } as typeof args).then((answer) => {
          const { tasks } = answer as { tasks: { id: string }[] };
          return { ...(answer as object), unheld: tasks.map(({ id }) => id) } as never;
        });
      };
      return { ...store, run };
    },
  });
  t.after(() => context.close());
  const verbs = verbsOf(context);
  const [task] = await verbs.submit([{ recipe: 'echo' }]);
  assert.equal(task?.status, 'pending');
  assert.deepEqual(warnings, ['no worker could be started: the store cannot be asked now']);
  const others = await openVerbs({ cwd: project.folder, home: project.folder, env: project.env, worker: 'none' });
  t.after(() => others.close());
  await until(async () => (await others.list({})).total === 1);
});
