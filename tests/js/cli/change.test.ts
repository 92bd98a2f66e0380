import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verbs } from '#offstage/client/index.js';
import { cancelled, cli, document, done, failed, ID, OTHER, submit, waiting } from './fake.js';

test('cancel answers for one as for one, for several with a list', async () => {
  const cancel: Verbs['cancel'] = async (ids) =>
    ids.map((task_id) => ({ task_id, cancelled: task_id === ID, status: 'cancelled' }));
  const one = await cli(['background', 'cancel', ID, '--reason', 'why', '--json'], { verbs: { cancel } });
  assert.deepEqual(document(one), { ok: true, task_id: ID, cancelled: true, status: 'cancelled' });
  assert.deepEqual(one.calls.at(-1), ['cancel', [ID], { reason: 'why', dryRun: false, stopped: false }]);
  const several = await cli(['background', 'cancel', ID, '--id', OTHER, '--json'], { verbs: { cancel } });
  const tasks = [
    { task_id: ID, cancelled: true, status: 'cancelled' },
    { task_id: OTHER, cancelled: false, status: 'cancelled' },
  ];
  assert.deepEqual([document(several), several.code], [{ ok: true, tasks }, 0]);
  const human = await cli(['background', 'cancel', ID, OTHER], { verbs: { cancel } });
  assert.equal(human.stdout, `Cancelled ${ID}\n${OTHER} had ended already: cancelled\n`);
  const dry = await cli(['background', 'cancel', ID, '--dry-run', '--wait', '--json'], { verbs: { cancel } });
  assert.equal(document<{ dry_run: boolean }>(dry).dry_run, true);
  assert.deepEqual(dry.calls.slice(1), [['cancel', [ID], { dryRun: true, stopped: true }]]);
});

test('cancel of several is one call, so that it is one commit', async () => {
  const cancel: Verbs['cancel'] = async () => {
    throw new Error('unknown');
  };
  const ran = await cli(['background', 'cancel', ID, OTHER], { verbs: { cancel } });
  assert.equal(ran.code, 1);
  assert.equal(ran.calls.filter(([name]) => name.startsWith('cancel')).length, 1);
});

test('clear takes ids, and nothing else beside them', async () => {
  const clear = async () => ({ cleared: 2, task_ids: [ID, OTHER], keys_freed: 0, remaining: [] });
  const ran = await cli(['background', 'clear', ID, '--id', OTHER, '--json'], { verbs: { clear } });
  assert.deepEqual(document(ran), { ok: true, cleared: 2, task_ids: [ID, OTHER] });
  assert.deepEqual(ran.calls.at(-1), ['clear', { all: false, dryRun: false, ids: [ID, OTHER] }]);
  for (const more of [
    ['--older-than', '3600'],
    ['--status', 'done'],
  ]) {
    const refused = await cli(['background', 'clear', ID, ...more, '--json'], { verbs: { clear } });
    assert.equal(refused.code, 2);
    assert.match(document<{ error: string }>(refused).error, new RegExp(`^${more[0]}: got tasks beside it`));
  }
});

test('clear passes its filter on and reports what remained', async () => {
  const clear = async () => ({ cleared: 1, task_ids: [ID], keys_freed: 0, remaining: [OTHER] });
  const plain = await cli(['background', 'clear', '--older-than', '3600', '--status', 'done', '--json'], {
    verbs: { clear },
  });
  assert.deepEqual(document(plain), { ok: true, cleared: 1, task_ids: [ID] });
  assert.deepEqual(plain.calls, [['clear', { all: false, dryRun: false, olderThan: 3600, status: ['completed'] }]]);
  const all = await cli(['background', 'clear', '--all', '--status', 'running', '--json'], { verbs: { clear } });
  assert.deepEqual(document(all), { ok: true, cleared: 1, task_ids: [ID], remaining: [OTHER] });
  assert.equal(
    (await cli(['background', 'clear', '--all'], { verbs: { clear } })).stdout,
    `Cleared 1 task; 1 had not stopped in time:\n  ${OTHER}\n`,
  );
  const dry = await cli(['background', 'clear', '--dry-run', '--json'], { verbs: { clear } });
  assert.equal(document<{ dry_run: boolean }>(dry).dry_run, true);
});

test('clear says how many idempotency keys are free again', async () => {
  for (const [keys_freed, said] of [
    [1, '1 idempotency key'],
    [2, '2 idempotency keys'],
  ] as const) {
    const clear = async () => ({ cleared: 3, task_ids: [ID], keys_freed, remaining: [] });
    const json = document<{ keys_freed: number }>(await cli(['background', 'clear', '--json'], { verbs: { clear } }));
    assert.equal(json.keys_freed, keys_freed);
    assert.equal(
      (await cli(['background', 'clear'], { verbs: { clear } })).stdout,
      `Cleared 3 tasks and freed ${said}\n`,
    );
    const dry = await cli(['background', 'clear', '--dry-run'], { verbs: { clear } });
    assert.equal(dry.stdout, `Would clear 3 tasks and free ${said}\n`);
  }
});

test('a worker prints one event a line', async () => {
  const base = { at: '2026-01-31T10:00:00.000Z', worker_id: 'w1', pid: 42 };
  const events = [
    { ...base, event: 'ready' as const },
    { ...base, event: 'started' as const, task_id: ID, recipe: 'r\x1b', attempt: 1 },
  ];
  const work: Verbs['work'] = async (options) => events.forEach((event) => void options?.onEvent?.(event));
  const argv = ['background', 'worker', '--concurrency', '2', '--exit-when-idle', '0.5', '--drain', '3'];
  const json = await cli([...argv, '--json'], { verbs: { work } });
  assert.deepEqual(
    json.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
    events,
  );
  const { concurrency, exitWhenIdle, drain } = (json.calls[0]?.[1] ?? {}) as Record<string, number>;
  assert.deepEqual([concurrency, exitWhenIdle, drain, json.code], [2, 0.5, 3, 0]);
  const human = await cli(argv, { verbs: { work } });
  assert.equal(human.stdout, `${base.at} ready process 42\n${base.at} started ${ID} r\\x1b attempt 1\n`);
});

test('recipe run prints the result and exits by the task', async () => {
  const argv = ['recipe', 'run', 'r', '-i', '[]'];
  const ran = await cli(argv, { verbs: waiting(done('out')) });
  assert.deepEqual([ran.stdout, ran.code, ran.calls[0]], ['out\n', 0, ['submit', [{ recipe: 'r', input: [] }]]]);
  const json = await cli([...argv, '--json'], { verbs: waiting(done(0)) });
  assert.deepEqual(document(json), { ok: true, task_id: ID, status: 'completed', result: 0 });
  const bad = await cli([...argv, '--json'], { verbs: waiting(failed()) });
  assert.deepEqual([document<{ ok: boolean; error: string }>(bad).error, bad.code], ['model unavailable', 3]);
  assert.equal((await cli(argv, { verbs: waiting(cancelled) })).code, 8);
});

test('recipe run --background is a submit, and --dry-run only checks', async () => {
  const ran = await cli(['recipe', 'run', 'r', '--background', '--json'], { verbs: { submit } });
  assert.deepEqual(Object.keys(document(ran)), ['ok', 'task_id', 'taskId', 'recipe', 'session_id', 'status']);
  const dry = await cli(['recipe', 'run', 'r', '--dry-run', '--json'], {
    verbs: { check: async () => {} },
    recipes: { plan: async () => undefined },
  });
  assert.deepEqual(
    [document(dry), dry.calls],
    [{ ok: true, recipe: 'r', dry_run: true }, [['check', { recipe: 'r' }]]],
  );
});

test('recipe list prints the recipes, and broken ones beside them', async () => {
  const folder = {
    name: 'a',
    version: '1.0.0',
    description: 'does\x1b a',
    author: '',
    license: '',
    tags: [],
    kind: 'module',
    root: '/r/a',
  };
  const list = async () => ({
    recipes: [{ ...folder, runtime: { enabled: true } }] as never,
    problems: [{ path: '/r/b', error: new Error('broken') }],
  });
  const json = document<{ recipes: Record<string, unknown>[]; problems: unknown[] }>(
    await cli(['recipe', 'list', '--json'], { recipes: { list } }),
  );
  assert.deepEqual([json.recipes[0]?.name, json.recipes[0]?.path, json.recipes[0]?.background], ['a', '/r/a', true]);
  assert.deepEqual(json.problems, [{ path: '/r/b', error: 'broken', code: 'unexpected' }]);
  const human = await cli(['recipe', 'list'], { recipes: { list } });
  assert.deepEqual([human.stdout, human.stderr], ['a  does\\x1b a\n', '/r/b: broken\n']);
});
