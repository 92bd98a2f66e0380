/** Whose code a task runs, rule 17: edits and deploys at each moment of its life. */
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { view } from '#offstage/core/index.js';
import { digestOf } from '#offstage/recipe/digest.js';
import { defineRecipe, type Recipe, type RecipeContext } from '#offstage/recipe/index.js';
import { deferred } from './deferred.js';
import { Fixture, type Read, type RunningWorker } from './fixture.js';

const kindsOf = ({ events }: Read): string[] => events.map(({ kind }) => kind);
const resultOf = ({ payloads }: Read): unknown => JSON.parse(payloads.result ?? 'null');
const dataOf = ({ events }: Read, wanted: string) =>
  events.filter(({ kind }) => kind === wanted).map(({ data }) => data);
const isHeld = ({ record }: Read): boolean => record.held != null;

async function attentionOf(fixture: Fixture, id: string) {
  const task = await fixture.store.run('get', { id, payloads: [] });
  const facts = { owner: 'unknown', lease_until: null, runnable: task?.runnable ?? false } as const;
  return view(task?.record ?? '', facts, Date.now()).attention;
}

async function stop(worker: RunningWorker): Promise<void> {
  worker.stop.abort();
  await worker.ended;
}

const update = (fixture: Fixture, id: string) =>
  fixture.store.run('change', { changes: [{ id, command: { command: 'update' } }] });

/** A step that costs something, and the use of what it gave: cents as a number in version 1, in an object in version 2. */
const charge = (version: string, more: Partial<Parameters<typeof defineRecipe>[0]> = {}): Recipe =>
  defineRecipe({
    name: 'code',
    version,
    ...more,
    run: (_: unknown, ctx: RecipeContext) => (version === '1' ? chargeOne(ctx) : chargeTwo(ctx)),
  });

async function chargeOne(ctx: RecipeContext): Promise<string> {
  const cents = await ctx.step('charge', () => 500);
  await ctx.requestInput({ key: 'go', message: 'go on?' });
  return `${ctx.version}: ${cents} cents`;
}

async function chargeTwo(ctx: RecipeContext): Promise<string> {
  const { cents } = (await ctx.step('charge', () => ({ cents: 500 }))) as { cents: number };
  await ctx.requestInput({ key: 'go', message: 'go on?' });
  return `${ctx.version}: ${cents} cents`;
}

/** A task of version 1 that has charged and asks, without the code that it ran. */
async function parked(fixture: Fixture, recipe = charge('1'), more = {}): Promise<string> {
  const worker = await fixture.work({ recipes: [recipe], folders: false });
  const id = await fixture.submitCode('code', {}, { version: recipe.version, ...more });
  await fixture.until(id, ({ record }) => record.status === 'input_required');
  await stop(worker);
  return id;
}

test('an edit between submit and start: the code that is there runs, and the task knows it from then on', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await fixture.submitCode('code', {}, { version: '1' });
  await fixture.work({
    recipes: [defineRecipe({ name: 'code', version: '2', run: (_, ctx) => ctx.version })],
    folders: false,
  });
  const read = await fixture.until(id);
  assert.equal(resultOf(read), '2');
  assert.deepEqual(dataOf(read, 'code'), [{ attempt: 1, epoch: 1, version: '2', held: false }]);
  assert.equal(read.record.version, '2');
  assert.deepEqual((await attentionOf(fixture, id)).signals, ['terminal'], 'it had nothing of the old code');
});

test('between question and answer: a changed step shape is held, costs no attempt, and says so', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture);
  await fixture.work({ recipes: [charge('2')], folders: false });
  await fixture.answer(id, 'go');
  const read = await fixture.until(id, isHeld);
  assert.equal(read.record.status, 'pending');
  assert.deepEqual([read.record.attempt, read.record.hold ?? null], [1, null]);
  assert.deepEqual(dataOf(read, 'code'), [{ attempt: 1, epoch: 2, version: '2', held: true }]);
  const { kind, next_action, needs_attention, blocked, signals } = await attentionOf(fixture, id);
  assert.deepEqual([kind, next_action, needs_attention, blocked], ['code_changed', 'retry', true, true]);
  assert.deepEqual(signals, ['code_changed']);
  const { tasks } = await fixture.store.run('list', {
    status: [],
    sessionId: null,
    recipe: null,
    attention: true,
    limit: 5,
    offset: 0,
    before: null,
  });
  assert.deepEqual(
    tasks.map((task) => task.id),
    [id],
  );
});

test('update has it go on with the code that is there, with what it had', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture);
  const plain = defineRecipe({
    name: 'code',
    version: '2',
    run: async (_, ctx) => [
      ctx.version,
      await ctx.step('charge', () => 'again'),
      await ctx.requestInput({ key: 'go', message: '' }),
    ],
  });
  await fixture.work({ recipes: [plain], folders: false });
  await fixture.answer(id, 'go', 7);
  await fixture.until(id, isHeld);
  await update(fixture, id);
  const read = await fixture.until(id);
  assert.deepEqual(resultOf(read), ['2', 500, { action: 'accept', content: 7 }]);
  assert.deepEqual(dataOf(read, 'updated'), [{ code: 'current' }]);
  assert.ok((await attentionOf(fixture, id)).signals.includes('code_changed'));
});

test('retry of a held task cancels it and begins from the top with the code that is there', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture, charge('1'), { idempotency_key: 'k' });
  await fixture.work({ recipes: [charge('2')], folders: false });
  await fixture.answer(id, 'go');
  await fixture.until(id, isHeld);
  const { task } = await fixture.store.run('retry', { id, start: null });
  assert.equal((await fixture.read(id)).record.status, 'cancelled');
  await fixture.until(task.id, ({ record }) => record.status === 'input_required');
  await fixture.answer(task.id, 'go');
  const read = await fixture.until(task.id);
  assert.equal(resultOf(read), '2: 500 cents');
  assert.deepEqual([read.record.retried_from, read.record.idempotency_key], [id, 'k']);
  assert.ok(!(await attentionOf(fixture, task.id)).signals.includes('code_changed'));
});

test('between attempts: a stored step holds it as well; without one it runs', async (t) => {
  const fixture = await Fixture.make(t);
  for (const withStep of [true, false]) {
    const begun = deferred();
    const first = defineRecipe({
      name: 'code',
      run: async (_, ctx) => {
        if (withStep) await ctx.step('s', () => 1);
        begun.resolve();
        return new Promise((_resolve, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
      },
    });
    const before = await fixture.work({ recipes: [first], folders: false });
    const id = await fixture.submitCode('code', {}, { on_lost: 'retry' });
    await begun.promise;
    await stop(before);
    const second = defineRecipe({ name: 'code', version: '2', run: (_, ctx) => ctx.attempt });
    const after = await fixture.work({ recipes: [second], folders: false });
    const read = await fixture.until(id, (one) => isHeld(one) || one.record.status === 'completed');
    assert.deepEqual([isHeld(read), read.record.attempt], withStep ? [true, 1] : [false, 2]);
    await stop(after);
  }
});
test('rollback: the code of before lets a held task go on, and no other', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture);
  const second = await fixture.work({ recipes: [charge('2')], folders: false });
  await fixture.answer(id, 'go');
  await fixture.until(id, isHeld);
  await stop(second);
  await fixture.work({ recipes: [charge('1')], folders: false });
  const read = await fixture.until(id);
  assert.equal(resultOf(read), '1: 500 cents');
  assert.deepEqual(dataOf(read, 'updated'), [{ code: 'found' }]);
  assert.ok(!(await attentionOf(fixture, id)).signals.includes('code_changed'), 'it ran its own code only');
});

test('half-way through a deploy: the worker that has its version takes it, whoever was faster', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture);
  await fixture.work({ recipes: [charge('2')], folders: false });
  await fixture.answer(id, 'go');
  await fixture.until(id, isHeld);
  await fixture.work({ recipes: [charge('1')], folders: false });
  assert.equal(resultOf(await fixture.until(id)), '1: 500 cents');
});

test('versions serve what older tasks ran, with the input as it was submitted', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture);
  const versions = { 1: (_: unknown, ctx: RecipeContext) => chargeOne(ctx) };
  await fixture.work({ recipes: [charge('2', { versions } as never)], folders: false });
  await fixture.answer(id, 'go');
  const read = await fixture.until(id);
  assert.equal(resultOf(read), '1: 500 cents');
  assert.ok(!kindsOf(read).includes('code'));
  const fresh = await fixture.submitCode('code', {}, { version: '2' });
  await fixture.until(fresh, ({ record }) => record.status === 'input_required');
  await fixture.answer(fresh, 'go');
  assert.equal(resultOf(await fixture.until(fresh)), '2: 500 cents');
});

test('on_code_change: run goes on, hold holds what has nothing yet, fail fails', async (t) => {
  const fixture = await Fixture.make(t);
  const running = await parked(fixture, charge('1'), { on_code_change: 'run' });
  await fixture.answer(running, 'go');
  const held = await fixture.submitCode('code', {}, { version: '1', on_code_change: 'hold' });
  const fails = await fixture.submitCode('code', {}, { version: '1', on_code_change: 'fail', retries: 3 });
  const worker = defineRecipe({ name: 'code', version: '2', run: (_, ctx) => ctx.version });
  await fixture.work({ recipes: [worker], folders: false });
  assert.equal(resultOf(await fixture.until(running)), '2');
  assert.ok((await attentionOf(fixture, running)).signals.includes('code_changed'));
  await fixture.until(held, isHeld);
  const { record } = await fixture.until(fails);
  assert.deepEqual([record.error?.code, record.error?.name, record.attempt], ['failed', 'CodeChangedError', 1]);
  assert.match(record.error?.message ?? '', /version 2 now; it was submitted for version 1/);
});

test('a worker with nothing but held tasks is idle', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await fixture.submitCode('code', {}, { version: '1', on_code_change: 'hold' });
  const worker = await fixture.work({ recipes: [charge('2')], folders: false, exitWhenIdle: 0 });
  await worker.ended;
  assert.ok(isHeld(await fixture.read(id)));
  await fixture.cancel(id);
  assert.equal((await fixture.read(id)).record.status, 'cancelled');
});

test('a task of a store of before, which knows no version, runs and knows it from then on', async (t) => {
  const fixture = await Fixture.make(t);
  const worker = defineRecipe({ name: 'code', version: '7', run: (_, ctx) => ctx.version });
  await fixture.work({ recipes: [worker], folders: false });
  const id = await fixture.submitCode('code', {}, { version: null });
  const read = await fixture.until(id);
  assert.deepEqual([resultOf(read), read.record.version], ['7', '7']);
  assert.deepEqual((await attentionOf(fixture, id)).signals, ['terminal']);
});

/** A folder's recipe of that version, which uses a helper and asks between two lines. */
const folderRecipe = (greeting: string): string => `
  import { word } from './lib/word.mjs';
  export default async (_, ctx) => {
    const first = await ctx.step('first', () => word());
    const { content } = await ctx.requestInput({ key: 'go', message: '?' });
    return [ctx.version, first, word(), content, '${greeting}'];
  };`;

function deploy(
  fixture: Fixture,
  { version, word, source }: { version?: string; word: string; source?: string },
): string {
  const root = fixture.recipe('job', source ?? folderRecipe('hello'));
  mkdirSync(join(root, 'lib'), { recursive: true });
  writeFileSync(join(root, 'lib', 'word.mjs'), `export const word = () => '${word}';`);
  if (version !== undefined) writeFileSync(join(root, 'TEMPLATE.yaml'), `name: job\nversion: "${version}"\n`);
  return root;
}

async function asking(fixture: Fixture): Promise<string> {
  const worker = await fixture.work();
  const id = await fixture.submit('job');
  await fixture.until(id, ({ record }) => record.status === 'input_required');
  await stop(worker);
  return id;
}

test('a changed helper of a folder with the same version: it goes on, told by the signal, the event and the log', async (t) => {
  const fixture = await Fixture.make(t);
  deploy(fixture, { word: 'old' });
  const id = await asking(fixture);
  const root = deploy(fixture, { word: 'new' });
  await fixture.work();
  await fixture.answer(id, 'go', 1);
  const read = await fixture.until(id);
  assert.deepEqual(resultOf(read), ['1', 'old', 'new', 1, 'hello']);
  assert.deepEqual(dataOf(read, 'code'), [
    { attempt: 1, epoch: 2, version: '1', digest: await digestOf(root), held: false },
  ]);
  assert.ok(
    dataOf(read, 'log').some(({ line }) => /changed since this task last saw it: version 1, digest/.test(String(line))),
  );
  assert.deepEqual((await attentionOf(fixture, id)).signals, ['code_changed', 'terminal']);
});

test('a folder of another version is held, also from the next attempt; its own files let it go', async (t) => {
  const fixture = await Fixture.make(t);
  deploy(fixture, { word: 'old' });
  const id = await asking(fixture);
  deploy(fixture, { word: 'new', version: '2' });
  await fixture.work();
  await fixture.answer(id, 'go', 1);
  const held = await fixture.until(id, isHeld);
  assert.deepEqual([held.record.held?.version, held.record.attempt, held.record.status], ['2', 1, 'pending']);
  deploy(fixture, { word: 'old', version: '1' });
  assert.deepEqual(resultOf(await fixture.until(id)), ['1', 'old', 'old', 1, 'hello']);
});

test('update of a held task of a folder runs what is there at once', async (t) => {
  const fixture = await Fixture.make(t);
  deploy(fixture, { word: 'old' });
  const id = await asking(fixture);
  deploy(fixture, { word: 'new', version: '2' });
  await fixture.work();
  await fixture.answer(id, 'go', 1);
  await fixture.until(id, isHeld);
  await update(fixture, id);
  assert.deepEqual(resultOf(await fixture.until(id)), ['2', 'old', 'new', 1, 'hello']);
});

test('versions of a module of a folder serve older tasks; one that comes later lets a held one go', async (t) => {
  const fixture = await Fixture.make(t);
  deploy(fixture, { word: 'old' });
  const id = await asking(fixture);
  const module = (versions: string) => `
    export default { name: 'job', run: (_, ctx) => ['new', ctx.version], ${versions} };`;
  deploy(fixture, { word: 'new', version: '2', source: module('') });
  await fixture.work();
  await fixture.answer(id, 'go', 1);
  await fixture.until(id, isHeld);
  const old = "versions: { '1': async (_, ctx) => ['old', ctx.version, await ctx.step('first', () => 'again')] }";
  deploy(fixture, { word: 'new', version: '2', source: module(old) });
  assert.deepEqual(resultOf(await fixture.until(id)), ['old', '1', 'old']);
  assert.deepEqual(resultOf(await fixture.until(await fixture.submit('job', {}, { version: '2' }))), ['new', '2']);
});

test('a folder that changed between submit and start runs what its template names now', async (t) => {
  const fixture = await Fixture.make(t);
  const root = deploy(fixture, { word: 'old' });
  const id = await fixture.submit('job');
  rmSync(join(root, 'recipe.mjs'));
  writeFileSync(join(root, 'main.mjs'), 'export default (_, ctx) => ["main", ctx.version];');
  writeFileSync(join(root, 'TEMPLATE.yaml'), 'name: job\nversion: "2"\nentry: main.mjs\n');
  await fixture.work();
  assert.deepEqual(resultOf(await fixture.until(id)), ['main', '2']);
});

test('a command of a folder is held like a module', async (t) => {
  const fixture = await Fixture.make(t);
  const root = deploy(fixture, { word: 'x', version: '2' });
  writeFileSync(join(root, 'TEMPLATE.yaml'), 'name: job\nversion: "2"\ncommand: [echo, hi]\n');
  const source = { command: ['echo', 'hi'], entry: undefined };
  const id = await fixture.submit('job', {}, { version: '1', on_code_change: 'hold', source });
  await fixture.work();
  assert.equal((await fixture.until(id, isHeld)).record.held?.version, '2');
  await update(fixture, id);
  assert.equal(resultOf(await fixture.until(id)), 'hi');
});

test('two machines with one version and two contents are told of once', async (t) => {
  const fixture = await Fixture.make(t);
  deploy(fixture, { word: 'x', source: 'export default () => 1;' });
  const source = { place: 'another machine', root: '/nowhere/job' };
  const ids = [1, 2].map(() => fixture.submit('job', {}, { digest: 'theirs', source }));
  const search = { configured: [join(fixture.folder, 'recipes')], cwd: fixture.folder, home: fixture.folder, env: {} };
  const { trouble } = await fixture.work({ search });
  for (const id of ids) await fixture.until(await id);
  const said = trouble.filter((text) => /'job' is version 1 here and elsewhere, with other files/.test(text));
  assert.equal(said.length, 1, trouble.join());
});

test('a step with another name is another step: with the same version it runs', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture);
  const renamed = defineRecipe({
    name: 'code',
    run: async (_, ctx) => [await ctx.step('pay', () => 'new'), await ctx.step('charge', () => 'again')],
  });
  await fixture.work({ recipes: [renamed], folders: false });
  await fixture.answer(id, 'go');
  assert.deepEqual(resultOf(await fixture.until(id)), ['new', 500]);
});

test('a recipe with another name is another recipe: its tasks wait for the old one', async (t) => {
  const fixture = await Fixture.make(t);
  const id = await parked(fixture);
  await fixture.answer(id, 'go');
  await fixture.work({ recipes: [defineRecipe({ name: 'renamed', run: () => 1 })], folders: false });
  const { kind, next_action, signals } = await attentionOf(fixture, id);
  assert.deepEqual([kind, next_action, signals], ['queued', 'worker', ['no_worker']]);
});
