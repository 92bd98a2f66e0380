import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { defineRecipe, type Recipe } from '#offstage/recipe/index.js';
import { type Deferred, deferred } from './deferred.js';
import { Fixture, type Read } from './fixture.js';
import { kinOf } from './kin.js';

const isRunning = ({ record }: Read): boolean => record.status === 'running';

/** Recipes in code that write down what happens; `leaf` waits for its gate. */
function make(order: string[], gates: Record<string, Deferred> = {}): Recipe[] {
  const leaf = defineRecipe({
    name: 'leaf',
    run: async (input, ctx) => {
      const { name, fail } = input as { name: string; fail?: boolean };
      order.push(`${name} starts`);
      await Promise.race([
        gates[name]?.promise,
        new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))),
      ]);
      if (fail) throw new Error('no leaf');
      order.push(`${name} ends`);
      return name;
    },
  });
  const parent = defineRecipe({
    name: 'parent',
    run: async (_, ctx) => {
      order.push('parent starts');
      const child = await ctx.submit('leaf', { input: { name: 'child' } });
      const result = await child.wait();
      order.push('parent goes on');
      await gates.parent?.promise;
      return result;
    },
  });
  return [leaf, parent];
}

async function work(t: TestContext, recipes: Recipe[], concurrency = 1) {
  const fixture = await Fixture.make(t);
  const family = kinOf(fixture);
  const worker = await fixture.work({ recipes, folders: false, concurrency, family });
  return { fixture, worker, family };
}

test('a parent in the only slot that awaits its child does not deadlock, and goes on before others start', async (t) => {
  for (let round = 0; round < 10; round++) {
    const order: string[] = [];
    const gates = { child: deferred(), parent: deferred() };
    const { fixture, worker } = await work(t, make(order, gates));
    const parent = await fixture.submitCode('parent');
    await fixture.until(parent, () => order.includes('child starts'));
    const other = await fixture.submitCode('leaf', { name: 'other' }, { priority: 20 });
    gates.child.resolve();
    gates.parent.resolve();
    assert.equal((await fixture.until(parent)).payloads.result, '"child"');
    await fixture.until(other);
    const expected = ['parent starts', 'child starts', 'child ends', 'parent goes on', 'other starts', 'other ends'];
    assert.deepEqual(order, expected, `round ${round}`);
    worker.stop.abort();
    await worker.ended;
  }
});

test('a slot that was lent and is in use comes back when it is free', async (t) => {
  const order: string[] = [];
  const gates = { child: deferred(), other: deferred() };
  const recipes = make(order, gates);
  const { fixture } = await work(t, recipes);
  const parent = await fixture.submitCode('parent');
  const child = await childOf(fixture, parent);
  const other = await fixture.submitCode('leaf', { name: 'other' });
  await fixture.until(child, isRunning);
  await fixture.cancel(child);
  await fixture.until(other, isRunning).catch(() => {});
  gates.other.resolve();
  const { record } = await fixture.until(parent);
  assert.equal(record.status, 'failed', 'its child was cancelled');
  assert.equal((await fixture.until(other)).record.status, 'completed');
});

/** The child of a task, once there is one. */
function childOf(fixture: Fixture, parent: string): Promise<string> {
  return fixture.watch(async () => {
    const { tasks } = await fixture.store.run('list', {
      status: [],
      sessionId: null,
      recipe: 'leaf',
      attention: false,
      limit: 100,
      offset: 0,
      before: null,
    });
    return tasks.find(({ record }) => JSON.parse(record).parent_id === parent)?.id;
  });
}

test('a parent that is cancelled while it wants its slot back goes on at once', async (t) => {
  const order: string[] = [];
  const gates = { child: deferred(), other: deferred(), wait: deferred() };
  const told = deferred<string>();
  const [leaf] = make(order, gates) as [Recipe];
  const parent = defineRecipe({
    name: 'parent',
    run: async (_, ctx) => {
      const child = await ctx.submit('leaf', { input: { name: 'child' } });
      await gates.wait.promise;
      await child.wait().catch((error: Error) => told.resolve(error.name));
      ctx.signal.throwIfAborted();
    },
  });
  const { fixture } = await work(t, [leaf, parent]);
  const id = await fixture.submitCode('parent');
  const child = await childOf(fixture, id);
  const other = await fixture.submitCode('leaf', { name: 'other' }, { priority: 5 });
  gates.wait.resolve();
  await fixture.until(other, isRunning); // it took the slot before the child could
  await fixture.cancel(child);
  await fixture.cancel(id);
  assert.equal(await told.promise, 'TaskCancelledError');
  assert.equal((await fixture.until(id)).record.status, 'cancelled');
  assert.ok(isRunning(await fixture.read(other)), 'it never got its slot back');
  gates.other.resolve();
  await fixture.until(other);
});

test('a wait that is over by its time gives the slot back; the child goes on', async (t) => {
  const order: string[] = [];
  const gates = { child: deferred() };
  const [leaf] = make(order, gates) as [Recipe];
  const parent = defineRecipe({
    name: 'parent',
    run: async (_, ctx) => {
      const child = await ctx.submit('leaf', { input: { name: 'child' } });
      const error = await child.wait(0).catch((thrown: Error) => thrown);
      return (error as Error).name;
    },
  });
  const { fixture } = await work(t, [leaf, parent]);
  const id = await fixture.submitCode('parent');
  assert.equal((await fixture.until(id)).payloads.result, '"TimeoutError"');
  gates.child.resolve();
});

test('a keyed child is given back to the next attempt, with the results of steps; others are cancelled', async (t) => {
  const order: string[] = [];
  const gates = { keyed: deferred(), plain: deferred() };
  const [leaf] = make(order, gates) as [Recipe];
  let steps = 0;
  const parent = defineRecipe({
    name: 'parent',
    run: async (_, ctx) => {
      const step = await ctx.step('once', () => ++steps);
      const keyed = await ctx.submit('leaf', { key: 'k', input: { name: 'keyed' } });
      if (ctx.attempt === 1) {
        const plain = await ctx.submit('leaf', { input: { name: 'plain' } });
        throw new Error([keyed.taskId, plain.taskId].join());
      }
      gates.keyed.resolve();
      return [step, keyed.taskId, keyed.deduplicated, await keyed.wait()];
    },
  });
  const { fixture } = await work(t, [leaf, parent], 5);
  const backoff = { initial: 0, max: 0, factor: 1, jitter: 0 };
  const read = await fixture.until(await fixture.submitCode('parent', {}, { retries: 1, backoff }));
  const retried = read.events.find(({ kind }) => kind === 'retry_scheduled');
  const [keyed, plain] = String((retried?.data.error as Error | undefined)?.message).split(',') as [string, string];
  assert.deepEqual(JSON.parse(read.payloads.result ?? ''), [1, keyed, true, 'keyed']);
  assert.equal((await fixture.until(plain)).record.status, 'cancelled');
  assert.equal(steps, 1);
});

test('handles of children: status, snapshot, events, answer and cancel', async (t) => {
  const order: string[] = [];
  const [leaf] = make(order, { child: deferred() }) as [Recipe];
  const asks = defineRecipe({ name: 'asks', run: (_, ctx) => ctx.requestInput({ key: 'ok', message: '?' }) });
  const parent = defineRecipe({
    name: 'parent',
    run: async (_, ctx) => {
      const child = await ctx.submit('leaf', { input: { name: 'child' } });
      const cancelled = [await child.cancel('enough'), await child.cancel()];
      const question = await ctx.submit('asks');
      const kinds: string[] = [];
      for await (const { kind } of question.events({ follow: true })) {
        kinds.push(kind);
        if (kind === 'input_requested') await question.respond('ok', { action: 'accept', content: 'yes' });
      }
      const { content } = (await question.wait()) as { content: unknown };
      return [await child.status(), cancelled, kinds, content, (await question.snapshot()).status];
    },
  });
  const fixture = await Fixture.make(t);
  const kin = kinOf(fixture);
  // as a client does: answers when there is something after `after`
  const events: typeof kin.events = (id, how) =>
    fixture.watch(async () => {
      const page = await kin.events(id, how);
      return page.events.length > 0 || page.over ? page : undefined;
    });
  await fixture.work({ recipes: [leaf, asks, parent], folders: false, family: { ...kin, events } });
  const { payloads } = await fixture.until(await fixture.submitCode('parent'));
  assert.deepEqual(JSON.parse(payloads.result ?? ''), [
    'cancelled',
    [true, false],
    ['submitted', 'started', 'input_requested', 'input_answered', 'started', 'completed'],
    'yes',
    'completed',
  ]);
});

test('without a client the tasks of a worker have no children', async (t) => {
  const fixture = await Fixture.make(t);
  const parent = defineRecipe({ name: 'parent', run: (_, ctx) => ctx.submit('leaf') });
  await fixture.work({ recipes: [parent], folders: false });
  const { record } = await fixture.until(await fixture.submitCode('parent'));
  assert.match(record.error?.message ?? '', /no client/);
});

test('in processes of their own: the slot of a worker with one place is lent, and the step is durable', async (t) => {
  const fixture = await Fixture.make(t);
  const kin = kinOf(fixture);
  fixture.recipe(
    'parent',
    `import { appendFileSync, existsSync } from 'node:fs';
     export default async ({ file }, ctx) => {
       const first = await ctx.step('one', () => { appendFileSync(file, '.'); return { at: ctx.attempt }; });
       const child = await ctx.submit('child', { input: { x: 1 }, key: 'k' });
       if (ctx.attempt === 1) process.exit(1);
       return [first, await child.wait()];
     };`,
  );
  fixture.recipe('child', 'export default (input) => input.x + 1;');
  const submit: typeof kin.submit = async (request, { parent, key }) => {
    const { recipe, input } = request as { recipe: string; input: unknown };
    const before = await fixture.store.run('get', { id: parent.id, payloads: [] });
    assert.equal(before?.status, 'running');
    const id = await fixture.submit(recipe, input, { parent_id: parent.id }, { parent, childKey: key });
    return { task: await kin.get(id), deduplicated: false };
  };
  await fixture.work({ concurrency: 1, family: { ...kin, submit } });
  const backoff = { initial: 0, max: 0, factor: 1, jitter: 0 };
  const file = fixture.file('steps');
  const id = await fixture.submit('parent', { file }, { retries: 1, backoff });
  const { payloads, events } = await fixture.until(id);
  assert.deepEqual(JSON.parse(payloads.result ?? ''), [{ at: 1 }, 2]);
  assert.equal(readFileSync(file, 'utf8'), '.');
  assert.equal(events.filter(({ kind }) => kind === 'step').length, 1);
});

test('a worker that stops gives lent slots back in its drain', async (t) => {
  const order: string[] = [];
  const gates = { child: deferred() };
  const fixture = await Fixture.make(t);
  const worker = await fixture.work({
    recipes: make(order, gates),
    folders: false,
    concurrency: 1,
    family: kinOf(fixture),
    drain: 600,
  });
  const parent = await fixture.submitCode('parent');
  await fixture.until(parent, () => order.includes('child starts'));
  worker.stop.abort();
  gates.child.resolve();
  await worker.ended;
  assert.equal((await fixture.read(parent)).record.status, 'completed');
});
