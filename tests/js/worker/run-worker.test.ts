import assert from 'node:assert/strict';
import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Fixture } from './fixture.js';
import { membersOf } from './processes.js';

test('every result comes back as it was, falsy ones too', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('echo', 'export default ({ value }) => value;');
  await fixture.work();
  const values = [0, '', [], {}, null, false, -0.5, 'ü\u0000\u2028😀', [[null]]];
  const ids = await Promise.all(values.map((value) => fixture.submit('echo', { value })));
  for (const [index, id] of ids.entries()) {
    const { record, payloads } = await fixture.until(id);
    assert.equal(record.status, 'completed');
    assert.deepEqual(JSON.parse(payloads.result ?? 'no result'), values[index]);
  }
  const none = await fixture.until(await fixture.submit('echo'));
  assert.equal(none.payloads.result, 'null');
});

test('a result that cannot be stored fails the task with unserializable, which says why', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'bad',
    `export default ({ kind }) => {
       const cyclic = {}; cyclic.self = cyclic;
       let deep = 0; for (let n = 0; n < 201; n++) deep = [deep];
       let fits = 0; for (let n = 0; n < 200; n++) fits = [fits];
       const throwing = { toJSON() { throw new Error('toJSON says no'); } };
       return { bigint: { a: 10n }, cyclic, deep, fits, throwing, large: 'x'.repeat(16 * 1024 * 1024) }[kind];
     };`,
  );
  await fixture.work();
  const expected: Record<string, RegExp> = {
    bigint: /BigInt/,
    cyclic: /circular/i,
    deep: /200/,
    throwing: /toJSON says no/,
    large: /16777216/,
  };
  for (const [kind, message] of Object.entries(expected)) {
    const { record, payloads } = await fixture.until(await fixture.submit('bad', { kind }, { retries: 2 }));
    assert.equal(record.status, 'failed', kind);
    assert.equal(record.error?.code, 'unserializable', kind);
    assert.match(record.error?.message ?? '', message);
    assert.equal(record.attempt, 1, 'never retried');
    assert.equal(payloads.result, undefined);
  }
  assert.equal((await fixture.until(await fixture.submit('bad', { kind: 'fits' }))).record.status, 'completed');
});

test('whatever a recipe does to its process fails that task only', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'bad',
    `export default async ({ kind }) => {
       if (kind === 'throw') throw Object.assign(new TypeError('model unavailable'), { code: 'E_MODEL' });
       if (kind === 'null') throw null;
       if (kind === 'exit') process.exit(0);
       if (kind === 'exit code') process.exit(7);
       if (kind === 'rejection') { Promise.reject(new Error('nobody caught me')); await new Promise(() => {}); }
       if (kind === 'exception') { setImmediate(() => { throw new Error('out of nowhere'); }); await new Promise(() => {}); }
       if (kind === 'abort') process.abort();
       if (kind === 'channel') { process.disconnect(); await new Promise(() => {}); }
       if (kind === 'signal') { process.kill(process.pid, 'SIGTERM'); await new Promise(() => setTimeout(() => {}, 1e6)); }
     };`,
  );
  fixture.recipe('broken', 'export default (');
  fixture.recipe('import', "import 'nowhere-to-be-found'; export default () => 1;");
  fixture.recipe('nothing', 'export const run = 1;');
  fixture.recipe(
    'steady',
    `import { existsSync } from 'node:fs';
     export default async ({ until }) => { while (!existsSync(until)) await new Promise((r) => setTimeout(r, 5)); return 'steady'; };`,
  );
  const { events } = await fixture.work();
  const steady = await fixture.submit('steady', { until: fixture.file('go') });
  const expected: Record<string, RegExp> = {
    throw: /^model unavailable$/,
    null: /^null was thrown$/,
    exit: /exit code 0/,
    'exit code': /exit code 7/,
    rejection: /nobody caught me/,
    exception: /out of nowhere/,
    abort: /SIGABRT/,
    channel: /SIGKILL|channel/,
    signal: /SIGTERM/,
  };
  for (const [kind, message] of Object.entries(expected)) {
    const { record } = await fixture.until(await fixture.submit('bad', { kind }));
    assert.deepEqual([kind, record.status, record.error?.code], [kind, 'failed', 'failed']);
    assert.match(record.error?.message ?? '', message);
  }
  for (const [name, message] of Object.entries({
    broken: /parse/,
    import: /nowhere-to-be-found/,
    nothing: /default export/,
  })) {
    const { record } = await fixture.until(await fixture.submit(name));
    assert.equal(record.status, 'failed', name);
    assert.match(record.error?.message ?? '', message);
  }
  assert.equal((await fixture.read(steady)).record.status, 'running');
  writeFileSync(fixture.file('go'), '');
  assert.equal((await fixture.until(steady)).payloads.result, '"steady"');
  assert.ok(
    events.some(({ event, task_id, status }) => event === 'finished' && task_id === steady && status === 'completed'),
  );
});

test('an error keeps its name, its stack and its own code', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('bad', "export default () => { throw Object.assign(new TypeError('m'), { code: 'E_MODEL' }); };");
  await fixture.work();
  const { record, payloads } = await fixture.until(await fixture.submit('bad'));
  assert.equal(record.error?.name, 'TypeError');
  const details = JSON.parse(payloads.error_details ?? '{}');
  assert.equal(details.code, 'E_MODEL');
  assert.match(details.stack, /recipe\.mjs/);
});

test('a recipe is given its facts and tells log, output and progress in order', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'facts',
    `export default (input, ctx) => {
       console.log('printed'); ctx.progress(0.5, 'half'); ctx.log('logged'); ctx.output({ chunk: 1 });
       return { ...ctx, signal: ctx.signal.aborted, input };
     };`,
  );
  await fixture.work();
  const id = await fixture.submit('facts', { a: 1 });
  const { record, payloads, events } = await fixture.until(id);
  assert.deepEqual(JSON.parse(payloads.result ?? ''), {
    taskId: id,
    name: 'facts',
    sessionId: 'session_1',
    taskSessionId: `bg:${id}`,
    version: '1',
    attempt: 1,
    input: { a: 1 },
    config: { k: 1 },
    signal: false,
  });
  assert.equal(record.progress_message, 'half');
  assert.equal(events.find(({ kind }) => kind === 'progress')?.data.fraction, 0.5);
  const lines = events.flatMap(({ kind, data }) => (kind === 'log' ? [data.line] : []));
  assert.deepEqual(lines.sort(), ['logged', 'printed']);
  assert.deepEqual(
    events.map(({ kind }) => kind).filter((kind) => kind === 'progress' || kind === 'output'),
    ['progress', 'output'],
  );
});

test('a flood of progress is stored in few events, and its last one is', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'flood',
    `export default async (input, ctx) => {
       const end = Date.now() + 400;
       for (let n = 0; Date.now() < end; n++) { ctx.progress(0.5, String(n)); if (n % 100 === 0) await new Promise(setImmediate); }
       ctx.progress(0.75, 'last');
     };`,
  );
  await fixture.work();
  const { record, events } = await fixture.until(await fixture.submit('flood'));
  assert.equal(record.progress_message, 'last');
  const progress = events.filter(({ kind }) => kind === 'progress');
  const ran = (record.completed_at ?? 0) - (record.started_at ?? 0); // however slow the machine was
  assert.ok(progress.length >= 1 && progress.length <= 2 + ran / 100, `${progress.length} events in ${ran} ms`);
  assert.equal(progress.at(-1)?.data.fraction, 0.75);
});

test('a required variable reaches the recipe and never the store', async (t) => {
  process.env.OFFSTAGE_TEST_OTHER = 'passed';
  process.env.WORKER_TEST_SECRET = 'value-of-secret';
  t.after(() => {
    delete process.env.OFFSTAGE_TEST_OTHER;
    delete process.env.WORKER_TEST_SECRET;
  });
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'env',
    `export default (input, ctx) => {
       const value = process.env.WORKER_TEST_SECRET ?? 'unset';
       console.log('it is ' + value); ctx.log(value); ctx.output([value]); ctx.progress(0.1, value);
       if (input.fail) throw new Error('with ' + value);
       return { value, length: value.length, names: Object.keys(process.env).sort() };
     };`,
  );
  await fixture.work();
  const { payloads } = await fixture.until(await fixture.submit('env'));
  const limited = JSON.parse(payloads.result ?? '');
  assert.equal(limited.value, 'unset');
  const allowed = /^(PATH|HOME|LANG|LC_.*|TMPDIR|TZ|OFFSTAGE_GROUP)$/;
  assert.deepEqual(
    limited.names.filter((name: string) => !allowed.test(name)),
    [],
  );
  assert.ok(limited.names.includes('OFFSTAGE_GROUP'));

  const source = { needs: ['WORKER_TEST_SECRET'] };
  const given = await fixture.until(await fixture.submit('env', {}, { source }));
  assert.equal(JSON.parse(given.payloads.result ?? '').length, 'value-of-secret'.length);
  const failed = await fixture.until(await fixture.submit('env', { fail: true }, { source }));
  assert.equal(failed.record.error?.message, 'with ***');
  for (const read of [given, failed]) assert.doesNotMatch(JSON.stringify(read), /value-of-secret/);

  const inherited = await fixture.until(await fixture.submit('env', {}, { source: { inherit_env: true } }));
  assert.equal(JSON.parse(inherited.payloads.result ?? '').value, 'value-of-secret');
});

test('a process is used again after a clean end, and not after any other', async (t) => {
  const fixture = await Fixture.make(t);
  const source = `import { helper } from './helper.mjs';
    export default ({ kind }) => {
      if (kind === 'throw') throw new Error(String(process.pid));
      if (kind === 'leave') setInterval(() => {}, 1000);
      if (kind === 'crash') { Promise.reject(new Error(String(process.pid))); return new Promise(() => {}); }
      return [process.pid, helper];
    };`;
  const root = fixture.recipe('pid', source);
  writeFileSync(join(root, 'helper.mjs'), 'export const helper = 1;');
  fixture.recipe('other', 'export default () => [process.pid];');
  await fixture.work({ concurrency: 1 });
  const pid = async (kind = '', name = 'pid'): Promise<number> => {
    const { record, payloads } = await fixture.until(await fixture.submit(name, { kind }));
    return payloads.result === undefined ? Number(record.error?.message) : JSON.parse(payloads.result)[0];
  };
  const first = await pid();
  assert.equal(await pid(), first);
  assert.equal(await pid('throw'), first, 'an error that was thrown is a clean end');
  assert.equal(await pid('leave'), first);
  assert.deepEqual(membersOf(first), [], 'what was left behind is gone');
  const second = await pid();
  assert.notEqual(second, first);
  assert.equal(await pid('crash'), second);
  assert.deepEqual(membersOf(second), []);
  const third = await pid();
  assert.notEqual(third, second);
  assert.notEqual(await pid('', 'other'), third, 'never for another recipe');
  writeFileSync(join(root, 'helper.mjs'), 'export const helper = "changed";');
  const { payloads } = await fixture.until(await fixture.submit('pid'));
  assert.equal(JSON.parse(payloads.result ?? '')[1], 'changed', 'a process that knows the old code is not used');
});

test('what a recipe did before its cancel is no reason to trust its process again', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe(
    'pid',
    `export default ({ wait }, ctx) => wait ? new Promise((_, reject) => {
       ctx.log(String(process.pid));
       ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason));
     }) : process.pid;`,
  );
  await fixture.work({ concurrency: 1 });
  const id = await fixture.submit('pid', { wait: true });
  const { events } = await fixture.until(id, ({ events }) => events.some(({ kind }) => kind === 'log'));
  const pid = Number(events.find(({ kind }) => kind === 'log')?.data.line);
  await fixture.cancel(id);
  assert.equal((await fixture.until(id)).record.status, 'cancelled');
  assert.deepEqual(membersOf(pid), []);
  assert.notEqual((await fixture.until(await fixture.submit('pid'))).payloads.result, String(pid));
});

test('a recipe that lies outside of its folder by now is refused and not retried', async (t) => {
  const fixture = await Fixture.make(t);
  const root = fixture.recipe('moved', 'export default () => 1;');
  const id = await fixture.submit('moved', {}, { retries: 3 });
  writeFileSync(fixture.file('outside.mjs'), `import { writeFileSync } from 'node:fs'; writeFileSync('ran', '');`);
  rmSync(join(root, 'recipe.mjs'));
  symlinkSync(fixture.file('outside.mjs'), join(root, 'recipe.mjs'));
  await fixture.work();
  const { record } = await fixture.until(id);
  assert.deepEqual([record.status, record.error?.code, record.attempt], ['failed', 'failed', 1]);
  assert.match(record.error?.message ?? '', /recipe\.mjs/);
});

test('a recipe that has changed since the submit runs and says so', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('changed', 'export default () => 1;');
  await fixture.work();
  const { events, record } = await fixture.until(await fixture.submit('changed', {}, { digest: 'before' }));
  assert.equal(record.status, 'completed');
  assert.ok(events.some(({ kind, data }) => kind === 'log' && /digest .* was before/.test(String(data.line))));
});

test('a task without a recipe fails with the reason', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('none', '');
  await fixture.work();
  const id = await fixture.submit('none', {}, { source: null as unknown as object });
  const { record } = await fixture.until(id);
  assert.equal(record.status, 'failed');
});

test('options that cannot be used are refused', async (t) => {
  const fixture = await Fixture.make(t);
  for (const options of [{ concurrency: 0 }, { concurrency: 1.5 }, { drain: -1 }, { exitWhenIdle: Number.NaN }]) {
    const [name] = Object.keys(options);
    const { ended } = await fixture.work(options).catch((error) => ({ ended: Promise.reject(error) }));
    await assert.rejects(ended, { code: 'invalid_argument', message: new RegExp(`^${name}`) });
  }
});
