import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { type Deferred, deferred } from './deferred.js';
import { Fixture, type Read } from './fixture.js';
import { membersOf, until } from './processes.js';
import { VirtualClock } from './virtual.js';

const isAsking = ({ record }: Read): boolean => record.status === 'input_required';
const isRunning = ({ record }: Read): boolean => record.status === 'running';
const kindsOf = ({ events }: Read): string[] => events.map(({ kind }) => kind);

/** A worker on a clock of its own, with one recipe in code. */
async function make(t: TestContext, run: Parameters<typeof defineRecipe>[0]['run'], concurrency = 1) {
  const fixture = await Fixture.make(t);
  const clock = new VirtualClock(Date.now());
  const recipes = [defineRecipe({ name: 'code', run })];
  const worker = await fixture.work({ recipes, folders: false, concurrency, clock });
  return { fixture, clock, worker };
}

test('the clock of an attempt stands still while it asks, and goes on with what is left', async (t) => {
  const asked = deferred<unknown>();
  const ended = deferred<Error>();
  const begun = deferred();
  const ask = deferred();
  const { fixture, clock } = await make(t, async (_, ctx) => {
    ctx.signal.addEventListener('abort', () => ended.resolve(ctx.signal.reason));
    begun.resolve();
    await ask.promise;
    asked.resolve(await ctx.requestInput({ key: 'ok', message: 'Shall I?' }));
    await new Promise((_resolve, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason)));
  });
  const id = await fixture.submitCode('code', {}, { timeout_ms: 10_000 });
  await begun.promise;
  clock.advance(6000);
  ask.resolve();
  await fixture.until(id, isAsking);
  clock.advance(3_600_000);
  assert.equal((await fixture.read(id)).record.status, 'input_required');
  await fixture.answer(id, 'ok', { yes: true });
  assert.deepEqual(await asked.promise, { action: 'accept', content: { yes: true } });
  const read = await fixture.read(id);
  assert.deepEqual([read.record.status, read.record.attempt, read.record.hold?.epoch], ['running', 1, 2]);
  clock.advance(3999);
  assert.equal((await fixture.read(id)).record.status, 'running');
  clock.advance(1);
  assert.equal((await ended.promise).name, 'TimeoutError');
  const { record } = await fixture.until(id);
  assert.deepEqual([record.status, record.error?.code], ['failed', 'timeout']);
});

test('what it tells after the answer belongs to the execution that went on', async (t) => {
  const { fixture } = await make(t, async (_, ctx) => {
    ctx.log('before');
    const { action } = await ctx.requestInput({ key: 'ok', message: '?' });
    ctx.log('after');
    ctx.progress(0.5, 'half');
    await ctx.step('one', () => 1);
    return action;
  });
  const id = await fixture.submitCode('code');
  await fixture.until(id, isAsking);
  await fixture.answer(id, 'ok', undefined, 'decline');
  const read = await fixture.until(id);
  assert.equal(read.payloads.result, '"decline"');
  const told = kindsOf(read).filter((kind) => kind !== 'submitted');
  const expected = ['started', 'log', 'input_requested', 'input_answered', 'started', 'log', 'progress', 'step'];
  assert.deepEqual(told, [...expected, 'completed']);
});

test('of several questions all must be answered; each gets its own answer', async (t) => {
  const { fixture } = await make(t, (_, ctx) =>
    Promise.all(['a', 'b', 'a'].map((key) => ctx.requestInput({ key, message: key }))),
  );
  const id = await fixture.submitCode('code');
  await fixture.until(id, (read) => kindsOf(read).filter((kind) => kind === 'input_requested').length === 2);
  await fixture.answer(id, 'b', 2);
  assert.ok(isAsking(await fixture.read(id)));
  await fixture.answer(id, 'a', 1);
  const { payloads } = await fixture.until(id);
  const [a, b] = [1, 2].map((content) => ({ action: 'accept', content }));
  assert.deepEqual(JSON.parse(payloads.result ?? ''), [a, b, a]);
});

test('a worker with one place runs others while a task asks, and goes on with it before the next', async (t) => {
  const order: string[] = [];
  const gates: Record<string, Deferred> = { b: deferred(), c: deferred() };
  const { fixture } = await make(t, async (input, ctx) => {
    const { name } = input as { name: string };
    order.push(name);
    if (name === 'asks') {
      await ctx.requestInput({ key: 'ok', message: '?' });
      order.push('asks goes on');
    } else {
      await gates[name]?.promise;
    }
  });
  const asks = await fixture.submitCode('code', { name: 'asks' });
  const b = await fixture.submitCode('code', { name: 'b' });
  await fixture.until(asks, isAsking);
  await fixture.until(b, isRunning);
  const c = await fixture.submitCode('code', { name: 'c' });
  await fixture.answer(asks, 'ok');
  assert.equal((await fixture.read(asks)).record.status, 'pending', 'its place is taken');
  gates.b?.resolve();
  assert.equal((await fixture.until(asks)).record.status, 'completed');
  gates.c?.resolve();
  await fixture.until(c);
  assert.deepEqual(order, ['asks', 'b', 'asks goes on', 'c']);
});

test('work that ends by itself while it waits for its turn ends the task', async (t) => {
  const gates = { asks: deferred(), b: deferred() };
  const { fixture } = await make(t, async (input, ctx) => {
    const { name } = input as { name: 'asks' | 'b' };
    if (name === 'asks') ctx.requestInput({ key: 'ok', message: '?' }).catch(() => {});
    await gates[name].promise;
    return name;
  });
  const asks = await fixture.submitCode('code', { name: 'asks' });
  const b = await fixture.submitCode('code', { name: 'b' });
  await fixture.until(b, isRunning);
  await fixture.answer(asks, 'ok');
  gates.asks.resolve();
  const read = await fixture.until(asks);
  assert.deepEqual([read.record.status, read.payloads.result], ['completed', '"asks"']);
  assert.equal(kindsOf(read).filter((kind) => kind === 'started').length, 1);
  gates.b.resolve();
  await fixture.until(b);
});

test('work that ends while it is answered and claimed ends the task, whoever is first', async (t) => {
  const gates = new Map<string, Deferred>();
  const { fixture } = await make(t, async (_, ctx) => {
    const gate = deferred();
    gates.set(ctx.taskId, gate);
    ctx.requestInput({ key: 'ok', message: '?' }).catch(() => {});
    await gate.promise;
    return 1;
  });
  for (let n = 0; n < 50; n++) {
    const id = await fixture.submitCode('code');
    await fixture.until(id, isAsking);
    const answered = fixture.answer(id, 'ok').catch(({ code }) => assert.equal(code, 'conflict'));
    if (n % 2 === 0) await answered;
    for (let k = 0; k < n % 7; k++) await new Promise(setImmediate);
    gates.get(id)?.resolve();
    const read = await fixture.until(id);
    assert.equal(read.record.status, 'completed', JSON.stringify(read.events));
    assert.ok(!kindsOf(read).includes('late_result'));
    await answered;
  }
});

test('a cancel and an answer that cancels reach the code that asks', async (t) => {
  const { fixture } = await make(t, (_, ctx) => ctx.requestInput({ key: 'ok', message: '?' }));
  const byCaller = await fixture.submitCode('code');
  await fixture.until(byCaller, isAsking);
  await fixture.cancel(byCaller, 'no more');
  assert.equal((await fixture.until(byCaller)).record.status, 'cancelled');
  const byAnswer = await fixture.submitCode('code');
  await fixture.until(byAnswer, isAsking);
  await fixture.answer(byAnswer, 'ok', undefined, 'cancel');
  const read = await fixture.until(byAnswer);
  assert.deepEqual([read.record.status, kindsOf(read).at(-1)], ['cancelled', 'stopped']);
});

test('a question that expires fails the task; the code hears of a timeout', async (t) => {
  const reason = deferred<Error>();
  const { fixture } = await make(t, async (_, ctx) => {
    ctx.signal.addEventListener('abort', () => reason.resolve(ctx.signal.reason));
    await ctx.requestInput({ key: 'ok', message: '?', expires: 0.05 });
  });
  const id = await fixture.submitCode('code');
  const { record } = await fixture.until(id, isAsking);
  const { expires_at = 0, requested_at = 0 } = Object.values(record.requests ?? {})[0] ?? {};
  assert.ok(Math.abs((expires_at ?? 0) - requested_at - 50) < 5000, 'from the clock of the worker');
  await until(() => due(fixture.store));
  const { name, message } = await reason.promise;
  assert.equal(name, 'TimeoutError');
  assert.match(message, /request/);
  assert.equal((await fixture.until(id)).record.error?.code, 'input_expired');
});

test('a stopping worker parks what asks, at once and without loss; the answer starts it elsewhere from the top', async (t) => {
  const fixture = await Fixture.make(t);
  const runs: string[] = [];
  const recipes = [
    defineRecipe({
      name: 'code',
      run: async (_, ctx) => {
        runs.push(`run of attempt ${ctx.attempt}`);
        const value = await ctx.step('dear', () => {
          runs.push('step');
          return { dear: 1 };
        });
        const { content } = await ctx.requestInput({ key: 'ok', message: '?' });
        return [value, content];
      },
    }),
  ];
  const first = await fixture.work({ recipes, folders: false, drain: 600 });
  const id = await fixture.submitCode('code');
  await fixture.until(id, isAsking);
  first.stop.abort();
  await first.ended;
  const parked = await fixture.read(id);
  assert.deepEqual([parked.record.status, parked.record.hold ?? null], ['input_required', null]);
  await fixture.answer(id, 'ok', 'yes');
  await fixture.work({ recipes, folders: false });
  const read = await fixture.until(id);
  assert.deepEqual(JSON.parse(read.payloads.result ?? ''), [{ dear: 1 }, 'yes']);
  assert.deepEqual(runs, ['run of attempt 1', 'step', 'run of attempt 1']);
  assert.equal(read.record.attempt, 1);
});

test('in a process of its own: the same process goes on after the answer, and is killed when the worker parks it', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'asks',
    `export default async (input, ctx) => {
       const before = process.pid; ctx.log(String(before));
       const { content } = await ctx.requestInput({ key: 'ok', message: '?' });
       return [before, process.pid, content];
     };`,
  );
  const worker = await fixture.work({ concurrency: 1 });
  const id = await fixture.submit('asks');
  await fixture.until(id, isAsking);
  await fixture.answer(id, 'ok', 1);
  const [before, after, content] = JSON.parse((await fixture.until(id)).payloads.result ?? '');
  assert.deepEqual([after, content], [before, 1]);

  const parked = await fixture.submit('asks');
  const { events } = await fixture.until(parked, isAsking);
  worker.stop.abort();
  await worker.ended;
  assert.deepEqual(membersOf(Number(events.find(({ kind }) => kind === 'log')?.data.line)), []);
  assert.ok(isAsking(await fixture.read(parked)));
  await fixture.answer(parked, 'ok', 2);
  await fixture.work();
  assert.equal(JSON.parse((await fixture.until(parked)).payloads.result ?? '')[2], 2);
});

test('a process that dies while its task asks fails it', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'dies',
    `export default async (input, ctx) => {
       ctx.requestInput({ key: 'ok', message: '?' }).catch(() => {});
       for await (const _ of (await import('node:timers/promises')).setInterval(5)) {
         if ((await import('node:fs')).existsSync(input.until)) process.exit(3);
       }
     };`,
  );
  await fixture.work();
  const id = await fixture.submit('dies', { until: fixture.file('go') });
  await fixture.until(id, isAsking);
  (await import('node:fs')).writeFileSync(fixture.file('go'), '');
  const { record } = await fixture.until(id);
  assert.deepEqual([record.status, record.error?.code], ['failed', 'failed']);
  assert.match(record.error?.message ?? '', /exit code 3/);
});
