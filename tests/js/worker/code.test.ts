import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineRecipe } from '#offstage/recipe/index.js';
import { deferred } from './deferred.js';
import { Fixture } from './fixture.js';
import { VirtualClock } from './virtual.js';

const code = (run: Parameters<typeof defineRecipe>[0]['run']) => defineRecipe({ name: 'code', run });
const kindsOf = ({ events }: { events: { kind: string }[] }): string[] => events.map(({ kind }) => kind);

test('a recipe in code runs in this process and is given its facts', async (t) => {
  const fixture = await Fixture.make(t);
  const run = code((input, ctx) => {
    ctx.log('logged');
    ctx.output({ chunk: 1 });
    ctx.progress(0.5, 'half');
    return [input, ctx.input, ctx.config, ctx.taskId, ctx.name, ctx.attempt, ctx.idempotencyKey('k'), process.pid];
  });
  const worker = await fixture.work({ recipes: [run], folders: false });
  const id = await fixture.submitCode('code', [1]);
  const read = await fixture.until(id);
  const expected = [[1], [1], {}, id, 'code', 1, `${id}:k`, process.pid];
  assert.deepEqual(JSON.parse(read.payloads.result ?? ''), expected);
  assert.equal(read.record.progress_message, 'half');
  assert.deepEqual(kindsOf(read), ['submitted', 'started', 'log', 'output', 'progress', 'completed']);
  assert.deepEqual(
    worker.events.map(({ event }) => event),
    ['ready', 'started', 'finished'],
  );
});

test('an input that was not given is undefined; falsy results stay as they are', async (t) => {
  const fixture = await Fixture.make(t);
  await fixture.work({ recipes: [code((input) => [input === undefined, 0])], folders: false });
  const id = await fixture.insert({ name: 'code', recipe: 'code' }, { code: 'code' });
  assert.equal((await fixture.until(id)).payloads.result, '[true,0]');
});

test('what it throws fails its task only, at once or later, and is told as it was thrown', async (t) => {
  const fixture = await Fixture.make(t);
  const error = new TypeError('model unavailable');
  const thrown: [string, unknown][] = [];
  const run = code((input) => {
    if (input === 'now') throw error;
    if (input === 'later') return Promise.reject(error);
    return 10n;
  });
  const onThrown = (id: string, value: unknown): void => void thrown.push([id, value]);
  await fixture.work({ recipes: [run], folders: false, onThrown });
  for (const input of ['now', 'later']) {
    const id = await fixture.submitCode('code', input);
    const { record } = await fixture.until(id);
    assert.deepEqual(
      [record.status, record.error?.name, record.error?.message],
      ['failed', 'TypeError', error.message],
    );
    assert.deepEqual(thrown.pop(), [id, error]);
  }
  const { record } = await fixture.until(await fixture.submitCode('code', 'bigint'));
  assert.equal(record.error?.code, 'unserializable');
});

test('a cancel aborts its signal; the end of the code is the end of the work', async (t) => {
  const fixture = await Fixture.make(t);
  const clock = new VirtualClock(Date.now());
  const [begun, aborted, ends] = [deferred(), deferred<Error>(), deferred()];
  const run = code(async (_, { signal }) => {
    signal.addEventListener('abort', () => aborted.resolve(signal.reason));
    begun.resolve();
    await ends.promise;
    throw signal.reason;
  });
  await fixture.work({ recipes: [run], folders: false, clock });
  const id = await fixture.submitCode('code', {}, { kill_grace_ms: 1000 });
  await begun.promise;
  await fixture.cancel(id, 'not wanted');
  const reason = await aborted.promise;
  assert.deepEqual([reason.name, reason.message], ['TaskCancelledError', 'not wanted']);
  clock.advance(999);
  assert.ok((await fixture.read(id)).record.hold, 'it is stopping');
  ends.resolve();
  assert.deepEqual(kindsOf(await fixture.until(id)).slice(-2), ['cancelled', 'stopped']);
});

test('code that does not end is given up after the grace; its place is free, its result comes too late', async (t) => {
  const fixture = await Fixture.make(t);
  const clock = new VirtualClock(Date.now());
  const [begun, aborted, ends] = [deferred(), deferred(), deferred()];
  const run = code(async (input, ctx) => {
    if (input === 'next') return 'next';
    ctx.signal.addEventListener('abort', () => aborted.resolve());
    begun.resolve();
    await ends.promise;
    ctx.log('not heard any more');
    return 'late';
  });
  await fixture.work({ recipes: [run], folders: false, concurrency: 1, clock });
  const id = await fixture.submitCode('code', {}, { kill_grace_ms: 1000 });
  await begun.promise;
  await fixture.cancel(id);
  await aborted.promise;
  const next = await fixture.submitCode('code', 'next');
  clock.advance(999);
  assert.equal((await fixture.read(next)).record.status, 'pending');
  clock.advance(1);
  assert.equal((await fixture.until(next)).payloads.result, '"next"');
  const given = await fixture.read(id);
  assert.deepEqual([given.record.status, kindsOf(given).at(-1)], ['cancelled', 'abandoned']);
  ends.resolve();
  await fixture.until(id, (read) => kindsOf(read).includes('late_result'));
  const late = await fixture.read(id);
  assert.deepEqual([late.record.status, late.payloads.late_result], ['cancelled', '"late"']);
  assert.ok(!kindsOf(late).includes('log'));
});

test('a timeout is counted from the start of the code, and a further attempt waits for its end', async (t) => {
  const fixture = await Fixture.make(t);
  const clock = new VirtualClock(Date.now());
  const ends = deferred();
  const begun = [deferred(), deferred()];
  const reasons: string[] = [];
  const run = code(async (_, { attempt, signal }) => {
    signal.addEventListener('abort', () => reasons.push(signal.reason.name));
    begun[attempt - 1]?.resolve();
    if (attempt === 2) return 'second';
    await ends.promise;
    throw signal.reason;
  });
  await fixture.work({ recipes: [run], folders: false, clock });
  const backoff = { initial: 0, max: 0, factor: 1, jitter: 0 };
  const id = await fixture.submitCode('code', {}, { timeout_ms: 60_000, kill_grace_ms: 60_000, retries: 1, backoff });
  await begun[0]?.promise;
  clock.advance(59_999);
  assert.equal((await fixture.read(id)).record.status, 'running');
  clock.advance(1);
  const pending = await fixture.until(id, ({ record }) => record.status === 'pending');
  assert.ok(pending.record.hold, 'the first attempt has not ended');
  ends.resolve();
  const read = await fixture.until(id);
  assert.deepEqual([read.record.attempt, read.payloads.result], [2, '"second"']);
  const order = kindsOf(read).filter((kind) => ['started', 'stopped', 'retry_scheduled'].includes(kind));
  assert.deepEqual(order, ['started', 'retry_scheduled', 'stopped', 'started']);
  assert.deepEqual(reasons, ['TimeoutError']);
});

test('an orderly stop tells the code to end, waits for it, and loses what it ran', async (t) => {
  const fixture = await Fixture.make(t);
  for (const onLost of ['fail', 'retry'] as const) {
    const begun = deferred();
    let told = '';
    const run = code(
      (_, { signal }) =>
        new Promise((resolve) => {
          begun.resolve();
          signal.addEventListener('abort', () => {
            told = signal.reason.message;
            resolve('half of it');
          });
        }),
    );
    const worker = await fixture.work({ recipes: [run], folders: false });
    const id = await fixture.submitCode('code', {}, { on_lost: onLost, kill_grace_ms: 60_000 });
    await begun.promise;
    worker.stop.abort();
    await worker.ended;
    assert.match(told, /shutting down/);
    const { record, payloads } = await fixture.read(id);
    const expected = onLost === 'fail' ? ['failed', 'lost'] : ['pending', undefined];
    assert.deepEqual([record.status, record.error?.code], expected);
    assert.deepEqual([record.hold ?? null, payloads.result], [null, undefined]);
    await fixture.cancel(id);
  }
});

test('a worker without folders leaves those to others, and code that it does not have', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('folder', 'export default () => 1;');
  const here = await fixture.work({ recipes: [code(() => 'code')], folders: false });
  const folder = await fixture.submit('folder');
  const other = await fixture.submitCode('unknown');
  await fixture.until(await fixture.submitCode('code'));
  for (const id of [folder, other]) assert.equal((await fixture.read(id)).record.status, 'pending');
  here.stop.abort();
  await here.ended;
  await fixture.work();
  assert.equal((await fixture.until(folder)).payloads.result, '1');
  const mine = await fixture.submitCode('code');
  await fixture.until(await fixture.submit('folder'));
  assert.equal((await fixture.read(mine)).record.status, 'pending');
});

test('two recipes of one name are refused', async (t) => {
  const fixture = await Fixture.make(t);
  await assert.rejects(fixture.work({ recipes: [code(() => 1), code(() => 2)] }), {
    code: 'invalid_argument',
    message: /^recipes/,
  });
});
