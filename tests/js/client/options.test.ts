/** An option that does not exist is refused everywhere, with the nearest one that does: a limit that is ignored costs money. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { recipe as api } from '#offstage/api.js';
import { type Client, makeClient, openBackground, openVerbs } from '#offstage/client/index.js';
import { defineRecipe, type RecipeContext } from '#offstage/recipe/index.js';
import { BackgroundJobManager, BackgroundRunner, type TaskContext } from '#offstage/runner/index.js';
import { keepAlive } from './drive.js';
import { Project } from './project.js';

const one = defineRecipe({ name: 'one', run: () => 1 });

async function clientOf(t: TestContext): Promise<Client> {
  keepAlive(t);
  const project = new Project(t);
  const verbs = await openVerbs({ cwd: project.folder, home: project.folder, env: project.env, worker: 'none' });
  t.after(() => verbs.close());
  return makeClient(verbs);
}

type Try = (options: object) => unknown;
type Entries<Of> = Record<string, [option: string, nearest: string, call: (of: Of, options: object) => unknown]>;

const first = async (events: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of events) return;
};

const ended = async (client: Client) => {
  const task = await client.submit({ recipe: one, delay: 60 });
  await task.cancel();
  return task;
};

const CLIENT: Entries<Client> = {
  submit: ['timeoutt', 'timeout', (client, options) => client.submit({ recipe: one, ...options })],
  'submit, a callback': ['onCompleted', 'onComplete', (client, options) => client.submit({ recipe: one, ...options })],
  'submit, backoff': ['maxx', 'max', (client, options) => client.submit({ recipe: one, retries: 1, backoff: options })],
  submitMany: ['prio', 'priority', (client, options) => client.submitMany([{ recipe: one, ...options }])],
  list: ['pagesize', 'pageSize', (client, options) => client.list(options)],
  wait: [
    'timeOut',
    'timeout',
    async (client, options) => client.wait((await ended(client)).id, { timeout: 0, ...options }).catch(passOn),
  ],
  'handle.wait': [
    'timeOut',
    'timeout',
    async (client, options) => (await ended(client)).wait({ timeout: 0, ...options }).catch(passOn),
  ],
  'handle.cancel': ['stoped', 'stopped', async (client, options) => (await ended(client)).cancel(undefined, options)],
  events: ['folow', 'follow', async (client, options) => first(client.events((await ended(client)).id, options))],
  'handle.events': ['folow', 'follow', async (client, options) => first((await ended(client)).events(options))],
  recover: ['dryrun', 'dryRun', async (client, options) => client.recover((await ended(client)).id, options)],
  'recover all': ['al', 'all', (client, options) => client.recover({ all: true, ...options })],
  clear: ['olderthan', 'olderThan', (client, options) => client.clear(options)],
  respond: [
    'contents',
    'content',
    async (client, options) =>
      client.respond((await ended(client)).id, 'k', { action: 'decline', ...options }).catch(passOn),
  ],
  work: [
    'concurency',
    'concurrency',
    async (client, options) => (await client.work({ recipes: [one], ...options })).stop(),
  ],
};

/** What an entry says of other things than its options. */
function passOn(error: { code?: string }): void {
  if (error.code === 'invalid_argument') throw error;
}

const RUNNER: Entries<BackgroundRunner> = {
  submit: ['retrys', 'retries', (runner, options) => runner.submit(() => 1, options)],
  'submit, backoff': [
    'initia',
    'initial',
    (runner, options) => runner.submit(() => 1, { retries: 1, backoff: options }),
  ],
  'submit, a recipe': ['ttll', 'ttl', (runner, options) => runner.submit(one, options)],
  submitMany: ['onlost', 'onLost', (runner, options) => runner.submitMany([{ fn: () => 1, ...options }])],
  submitAgent: ['timout', 'timeout', (runner, options) => runner.submitAgent(() => 1, 'p', options)],
  submitThread: [
    'sesionId',
    'sessionId',
    (runner, options) => runner.submitThread('data:text/javascript,export default () => 1', [], options),
  ],
  runOrBackground: ['yieldMS', 'yieldMs', (runner, options) => runner.runOrBackground(() => 1, options)],
  list: ['atention', 'attention', (runner, options) => runner.list(options)],
  clear: ['al', 'all', (runner, options) => runner.clear(options)],
  events: ['signals', 'signal', (runner, options) => runner.events(options)],
  waitForTask: [
    'timeOut',
    'timeout',
    (runner, options) => runner.waitForTask(runner.submit(() => 1).id, { ...options }),
  ],
  'handle.events': ['folow', 'follow', (runner, options) => runner.submit(() => 1).events(options)],
  'handle.cancel': ['stop', 'stopped', (runner, options) => runner.submit(() => 1).cancel(undefined, options)],
  stop: ['drains', 'drain', (runner, options) => runner.stop(options)],
  'ctx.submit': ['kee', 'key', (runner, options) => within(runner, (ctx) => ctx.submit(() => 1, options))],
  'ctx.requestInput': [
    'expire',
    'expires',
    (runner, options) =>
      within(runner, (ctx) => void ctx.requestInput({ key: 'k', message: 'm', ...options })?.catch(() => {}), options),
  ],
  BackgroundJobManager: [
    'autoBackgroundTreshold',
    'autoBackgroundThreshold',
    (_, options) => new BackgroundJobManager(options),
  ],
  'new BackgroundRunner': ['maxConcurentTasks', 'maxConcurrentTasks', (_, options) => new BackgroundRunner(options)],
};

async function within(
  runner: BackgroundRunner,
  work: (ctx: TaskContext) => unknown,
  options?: object,
): Promise<unknown> {
  const task = runner.submit((ctx) => (options === undefined ? work(ctx) : asked(ctx, options)));
  return task.wait(30).catch((error: Error) => {
    throw error.cause ?? error;
  });
}

/** The answer is not waited for, a refusal is. */
const asked = (ctx: Pick<TaskContext, 'requestInput'>, options: object): Promise<unknown> =>
  Promise.race([
    ctx.requestInput({ key: 'k', message: 'm', ...options }),
    new Promise((resolve) => setImmediate(resolve)),
  ]);

const INSIDE: Entries<RecipeContext> = {
  'ctx.submit': ['kee', 'key', (ctx, options) => ctx.submit(one, options as { input: unknown })],
  'ctx.submit, a spec': ['recipes', 'recipe', (ctx, options) => ctx.submit({ recipe: one, ...options })],
  'ctx.requestInput': ['expire', 'expires', (ctx, options) => asked(ctx as never, options)],
};

async function refuses(call: Try, option: string, nearest: string): Promise<void> {
  const refused = async (): Promise<void> => void (await call({ [option]: 1 }));
  await assert.rejects(refused, (error: { code: string; message: string }) => {
    assert.equal(error.code, 'invalid_argument', error.message);
    assert.ok(
      new RegExp(`^unknown option '([a-z]+\\.)?${option}'; did you mean '${nearest}'\\? Known are `).test(
        error.message,
      ),
      error.message,
    );
    return true;
  });
}

for (const [name, [option, nearest, call]] of Object.entries(CLIENT)) {
  test(`a client refuses unknown options: ${name}`, async (t) => {
    const client = await clientOf(t);
    await refuses((options) => call(client, options), option, nearest);
    await call(client, { [option]: undefined }); // the same as leaving it out
  });
}

for (const [name, [option, nearest, call]] of Object.entries(RUNNER)) {
  test(`a runner refuses unknown options: ${name}`, async () => {
    const runner = new BackgroundRunner();
    await refuses((options) => call(runner, options), option, nearest);
    await call(runner, { [option]: undefined });
    await runner.stop();
  });
}

for (const [name, [option, nearest, call]] of Object.entries(INSIDE)) {
  test(`the context of a stored task refuses unknown options: ${name}`, async (t) => {
    keepAlive(t);
    const project = new Project(t);
    const verbs = await openVerbs({ cwd: project.folder, home: project.folder, env: project.env });
    t.after(() => verbs.close());
    const told: Error[] = [];
    const asks = defineRecipe({
      name: 'asks',
      run: (_: undefined, ctx) =>
        refuses((options) => call(ctx, options), option, nearest).catch((error) => told.push(error)),
    });
    await (await makeClient(verbs).submit({ recipe: asks })).wait(30);
    assert.deepEqual(told, []);
  });
}

test('openBackground, recipe.run, recipe.runBackground and defineRecipe refuse them as well', async () => {
  await refuses((options) => openBackground('a.db', options), 'workers', 'worker');
  await refuses((options) => api.runBackground('one', options), 'stor', 'store');
  await refuses((options) => api.run('one', options), 'waitTimeot', 'waitTimeout');
  await refuses((options) => defineRecipe({ name: 'x', run: () => 1, ...options }), 'inputs', 'input');
});

test('arguments that a method does not take are refused, options of later versions among them', async (t) => {
  const client = await clientOf(t);
  const { id } = await ended(client);
  const refused = { code: 'invalid_argument', message: /expected nothing$/ };
  const cancel = client.cancel as (id: string, reason?: string, more?: object) => Promise<boolean>;
  await assert.rejects(cancel(id, 'x', { stopped: true }), refused);
  await assert.rejects(client.retry(id, { priority: 5 } as never), { message: /^unknown option 'retry.priority'/ });
  await assert.rejects((await client.work({ recipes: [one] })).stop({ drain: 5 } as never), {
    message: /^drain: got an object/,
  });
  const runner = new BackgroundRunner();
  type Step = (key: string, fn: () => unknown, more: object) => Promise<unknown>;
  await assert.rejects(
    runner.submit((ctx) => (ctx.step as Step)('k', () => 1, { retries: 3 })).wait(30),
    refused.message,
  );
  await runner.stop();
});

test('what is no id is refused by all that take one', async (t) => {
  const client = makeClient(await new Project(t).verbs(t, 'none'));
  for (const bad of [undefined, null, 5, 5n, {}, ['task']] as unknown as string[]) {
    const asks: Record<string, () => unknown> = {
      handle: async () => client.handle(bad),
      get: () => client.get(bad),
      cancel: () => client.cancel(bad),
      events: () => client.events(bad)[Symbol.asyncIterator]().next(),
      follow: () => client.events(bad, { follow: true })[Symbol.asyncIterator]().next(),
      retry: () => client.retry(bad),
      update: () => client.update(bad, { code: 'current' }),
      respond: () => client.respond(bad, 'key', { action: 'accept' }),
      recover: () => client.recover(bad),
      ...(Array.isArray(bad) ? {} : { wait: () => client.wait(bad) }),
    };
    for (const [name, ask] of Object.entries(asks)) {
      await assert.rejects(ask() as Promise<unknown>, { code: 'invalid_argument', message: /^id: got / }, name);
    }
  }
  assert.throws(() => client.handle(7 as never), { message: "id: got 7, expected a task's id" });
});

test('what only looks like an option is none', async (t) => {
  const client = await clientOf(t);
  for (const option of ['toString', 'constructor', '__proto__x']) {
    await assert.rejects(client.submit({ recipe: one, [option]: 1 }), {
      message: new RegExp(`^unknown option '${option}'`),
    });
  }
});
