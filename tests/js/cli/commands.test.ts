import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EndSignal } from '#offstage/cli/io.js';
import type { SubmitRequest, Verbs } from '#offstage/client/index.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { cli, document, failed, ID, taskOf } from './fake.js';

const OTHER = `task_de64a7f0${'1'.repeat(24)}`;
const pending = taskOf({ status: 'pending' });
const submit = async () => [pending];
const done = (result: unknown) => taskOf({ status: 'completed', result });
const cancelled = taskOf({ status: 'cancelled' });
const getting = (task: TaskJson): Partial<Verbs> => ({ get: async () => task });
const waiting = (task: TaskJson, wait_status: 'ok' | 'timeout' = 'ok'): Partial<Verbs> => ({
  submit,
  wait: async () => ({ task, wait_status }),
});

test('submit hands over every option and prints the document of the contract', async () => {
  const argv =
    'background submit --recipe r -i {"a":1} -c {"b":2} -s s1 --timeout 60 --name n --priority high --retries 2';
  const ran = await cli([...argv.split(' '), '--delay', '5m', '--on-lost', 'retry', '--json'], { verbs: { submit } });
  assert.deepEqual(document(ran), {
    ok: true,
    task_id: ID,
    taskId: ID,
    recipe: 'my-recipe',
    session_id: 'session_123',
    status: 'pending',
  });
  const request = { recipe: 'r', config: { b: 2 }, sessionId: 's1', timeout: 60, input: { a: 1 }, name: 'n' };
  const more = { priority: 'high', retries: 2, delay: '5m', onLost: 'retry' };
  assert.deepEqual(ran.calls, [['submit', [{ ...request, ...more }]]]);
  assert.deepEqual([ran.code, ran.stderr, ran.closed], [0, '', 1]);
});

test('submit sends nothing that was not given, and --no-worker opens without one', async () => {
  const ran = await cli(['background', 'create', '--recipe', 'r', '--no-worker'], { verbs: { submit } });
  assert.deepEqual(ran.calls, [['submit', [{ recipe: 'r' }]]]);
  assert.equal((ran.opened[0] as { worker: string }).worker, 'none');
  assert.equal(
    'worker' in ((await cli(['background', 'run', '--recipe', 'r'], { verbs: { submit } })).opened[0] as object),
    false,
  );
});

test('for a person submit prints the id, and on stderr the commands that follow', async () => {
  const setup = { verbs: { submit }, program: 'background' as const };
  const ran = await cli(['background', 'submit', '--recipe', 'r', '--store', "/it's here"], setup);
  assert.equal(ran.stdout, `${ID}\n`);
  assert.equal(ran.stderr.split('\n')[0], `Status: background status ${ID} --store '/it'\\''s here'`);
  assert.match(ran.stderr, /^Cancel: background cancel /m);
  assert.equal((await cli(['background', 'submit', '--recipe', 'r', '--quiet'], setup)).stderr, '');
});

test('input comes from JSON, text, a file or stdin', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'in.json'), '{"from":"file"}');
  writeFileSync(join(folder, 'in.txt'), 'plain\n');
  const inputOf = async (value: string) => {
    const setup = { verbs: { submit }, cwd: folder, stdin: '[1,2]' };
    const ran = await cli(['background', 'submit', '--recipe', 'r', '--input', value, '--json'], setup);
    return ((ran.calls[0]?.[1] ?? []) as SubmitRequest[])[0]?.input;
  };
  assert.deepEqual(await inputOf('@in.json'), { from: 'file' });
  assert.equal(await inputOf('@in.txt'), 'plain\n');
  assert.equal(await inputOf(`@${join(folder, 'in.txt')}`), 'plain\n');
  assert.deepEqual(await inputOf('-'), [1, 2]);
  assert.equal(await inputOf('not json'), 'not json');
  assert.equal(await inputOf('0'), 0);
});

for (const [flag, value, message] of [
  ['--input', '@absent.json', /^--input: got "@absent.json", expected a file that can be read: ENOENT/],
  ['--config', '{', /^--config: got "\{", expected a JSON object/],
  ['--config', '[]', /^--config: .*expected a JSON object$/],
  ['--timeout', '-1', /^--timeout: got "-1", expected seconds/],
  ['--timeout', 'NaN', /^--timeout: got "NaN"/],
  ['--delay', '-1s', /^--delay: got "-1s"/],
  ['--retries', '-1', /^--retries: got "-1", expected a whole number, 0 or more$/],
  ['--retries', '1.5', /^--retries: got "1.5"/],
  ['--priority', 'soon', /^--priority: got "soon"/],
  ['--on-lost', 'ignore', /^--on-lost: got "ignore", expected fail or retry$/],
] as const) {
  test(`submit refuses ${flag} ${value} before any store is opened`, async () => {
    const ran = await cli(['background', 'submit', '--recipe', 'r', flag, value, '--json']);
    const doc = document<{ error: string; code: string }>(ran);
    assert.match(doc.error, message);
    assert.deepEqual([doc.code, ran.code, ran.opened], ['invalid_argument', 2, []]);
  });
}

for (const [command, flag, value] of [
  ['list', '--page', '0'],
  ['list', '--page-size', '1001'],
  ['list', '--status', 'finished'],
  ['clear', '--older-than', '-1'],
  ['clear', '--status', 'running'],
  ['worker', '--concurrency', '0'],
  ['worker', '--exit-when-idle', 'NaN'],
  ['worker', '--drain', '-1'],
] as const) {
  test(`${command} refuses ${flag} ${value} before any store is opened`, async () => {
    const ran = await cli(['background', command, flag, value, '--json']);
    assert.ok(document<{ error: string }>(ran).error.startsWith(`${flag}: got "${value}"`), ran.stdout);
    assert.deepEqual([ran.code, ran.opened], [2, []]);
  });
}

test('submit --wait: with --json the whole task and the exit code of its end, else the bare result', async () => {
  const argv = ['background', 'submit', '--recipe', 'r', '--wait'];
  for (const [task, exit] of [
    [done({ a: 1 }), 0],
    [failed(), 3],
    [cancelled, 8],
  ] as const) {
    const ran = await cli([...argv, '--json'], { verbs: waiting(task) });
    assert.deepEqual([document(ran), ran.code], [{ ok: true, taskId: ID, ...task }, exit]);
    assert.equal((await cli(argv, { verbs: waiting(task) })).code, exit);
  }
  assert.equal((await cli(argv, { verbs: waiting(done('text')) })).stdout, 'text\n');
});

test('list passes its filter on and prints the page', async () => {
  const page = {
    tasks: [pending],
    page: 2,
    page_size: 5,
    total: 11,
    total_exact: true,
    counts: {} as never,
    next: '7',
  };
  const list = async () => page;
  const argv =
    'background list --status running --status done -s s1 --recipe r --attention --page 2 --page-size 5'.split(' ');
  const ran = await cli([...argv, '--json'], { verbs: { list } });
  assert.deepEqual(document(ran), { ok: true, ...page });
  const filter = {
    status: ['running', 'completed'],
    sessionId: 's1',
    recipe: 'r',
    attention: true,
    page: 2,
    pageSize: 5,
  };
  assert.deepEqual(ran.calls, [['list', filter]]);
  const human = await cli(argv, { verbs: { list } });
  assert.match(human.stdout, /^╭─ Background Tasks ─+╮\n│ {2}⏳ \[9f1c20ab\] my-recipe - pending/);
  assert.equal(
    human.stderr,
    '1 of 11 tasks. Next page: offstage background list --status running --status done --session-id s1 --recipe r --page-size 5 --attention --page 3\n',
  );
  assert.match((await cli(['background', 'list', '--after', '9'], { verbs: { list } })).stderr, / list --after 7\n$/);
});

test('an empty list says so, and why', async () => {
  const list = (total: number) => async () => ({
    tasks: [],
    page: 1,
    page_size: 20,
    total,
    total_exact: true,
    counts: {} as never,
    next: null,
  });
  assert.equal((await cli(['background', 'list'], { verbs: { list: list(0) } })).stdout, 'No background tasks\n');
  assert.equal(
    (await cli(['background', 'list', '--attention'], { verbs: { list: list(0) } })).stdout,
    'No background tasks match\n',
  );
  assert.equal(
    (await cli(['background', 'list', '--page', '9'], { verbs: { list: list(3) } })).stdout,
    'No background tasks on this page\n',
  );
});

test('colour only on a terminal, and never against NO_COLOR or --no-color', async () => {
  const list = async () => ({
    tasks: [pending],
    page: 1,
    page_size: 20,
    total: 1,
    total_exact: true,
    counts: {} as never,
    next: null,
  });
  const colored = async (argv: string[], tty: boolean, env = {}) =>
    (await cli(['background', 'list', ...argv], { verbs: { list }, tty, env, columns: 70 })).stdout.includes('\x1b[');
  assert.equal(await colored([], true), true);
  assert.equal(await colored([], true, { NO_COLOR: '' }), true, 'an empty NO_COLOR is none');
  assert.equal(await colored([], false), false);
  assert.equal(await colored([], true, { NO_COLOR: '1' }), false);
  assert.equal(await colored(['--no-color'], true), false);
});

for (const [result, bare] of [
  ['text', 'text\n'],
  ['ends\n', 'ends\n'],
  ['', '\n'],
  [0, '0\n'],
  [false, 'false\n'],
  [null, 'null\n'],
  [[], '[]\n'],
  [{ a: [1] }, '{\n  "a": [\n    1\n  ]\n}\n'],
] as const) {
  test(`result prints ${JSON.stringify(result)} bare, and in a document`, async () => {
    const verbs = getting(done(result));
    assert.equal((await cli(['background', 'result', ID], { verbs })).stdout, bare);
    const ran = await cli(['background', 'result', ID, '--json'], { verbs });
    assert.deepEqual([document(ran), ran.code], [{ ok: true, task_id: ID, status: 'completed', result }, 0]);
  });
}

test('result of a task that has none is an error by its state', async () => {
  const live = await cli(['background', 'result', ID, '--json'], { verbs: getting(taskOf()) });
  const error = `task ${ID} has not finished, it is running; wait for it: offstage background wait ${ID}`;
  assert.deepEqual(document(live), {
    ok: false,
    error,
    code: 'not_finished',
    details: { task_id: ID, status: 'running' },
  });
  assert.equal(live.code, 4);
  for (const code of ['failed', 'timeout', 'lost', 'unserializable']) {
    const ran = await cli(['background', 'result', ID, '--json'], { verbs: getting(failed(code)) });
    const details = {
      code,
      name: 'TypeError',
      message: 'model unavailable',
      retryable: true,
      task_id: ID,
      status: 'failed',
    };
    assert.deepEqual([document(ran), ran.code], [{ ok: false, error: 'model unavailable', code, details }, 3]);
  }
  const stopped = await cli(['background', 'result', ID, '--json'], { verbs: getting(cancelled) });
  assert.deepEqual([document<{ code: string }>(stopped).code, stopped.code], ['cancelled', 8]);
});

test('wait exits by the task, or with 5 when its time is over', async () => {
  for (const [task, wait_status, exit] of [
    [done(1), 'ok', 0],
    [failed(), 'ok', 3],
    [cancelled, 'ok', 8],
    [taskOf(), 'timeout', 5],
  ] as const) {
    const ran = await cli(['background', 'wait', ID, '--timeout', '2', '--json'], {
      verbs: waiting(task, wait_status),
    });
    assert.deepEqual([document(ran), ran.code], [{ ok: true, ...task, wait_status }, exit]);
    const options = ran.calls.find(([name]) => name === 'wait')?.[2] as { timeout: number };
    assert.equal(options.timeout, 2);
  }
  assert.match(
    (await cli(['background', 'wait', ID, '--timeout', '2'], { verbs: waiting(taskOf(), 'timeout') })).stderr,
    /timed out after 2 s/,
  );
});

/** Waits as the real one does: until its signal is aborted. */
const untilAborted: Verbs['wait'] = (_id, options) =>
  new Promise((_, reject) => options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)));

for (const [signal, exit, code] of [
  ['SIGINT', 130, 'interrupted'],
  ['SIGTERM', 143, 'terminated'],
] as const) {
  const onSignal = (listener: (signal: EndSignal) => void) => setImmediate(() => listener(signal));

  test(`${signal} ends a wait and leaves the task alone`, async () => {
    for (const argv of [
      ['wait', ID],
      ['submit', '--recipe', 'r', '--wait'],
    ]) {
      const ran = await cli(['background', ...argv, '--json'], { verbs: { submit, wait: untilAborted }, onSignal });
      assert.deepEqual(document(ran), {
        ok: false,
        error: `stopped waiting; task ${ID} runs on`,
        code,
        details: { signal, task_id: ID },
      });
      assert.deepEqual([ran.code, ran.closed], [exit, 1]);
    }
  });

  test(`${signal} cancels the task that recipe run waits for`, async () => {
    const cancel = async () => ({ task_id: ID, cancelled: true, status: 'cancelled' as const });
    const ran = await cli(['recipe', 'run', 'r', '--json'], {
      verbs: { submit, wait: untilAborted, cancel },
      onSignal,
    });
    assert.deepEqual([document<{ error: string }>(ran).error, ran.code], [`cancelled task ${ID}`, exit]);
    assert.deepEqual(ran.calls.at(-1), ['cancel', ID, { reason: signal }]);
  });

  test(`${signal} stops a worker in order`, async () => {
    const work: Verbs['work'] = (options) =>
      new Promise((resolve) => options?.signal?.addEventListener('abort', () => resolve()));
    const ran = await cli(['background', 'worker'], { verbs: { work }, onSignal });
    assert.deepEqual([ran.code, ran.closed], [exit, 1]);
  });
}

test('cancel answers for one as for one, for several with a list', async () => {
  const cancel: Verbs['cancel'] = async (task_id) => ({ task_id, cancelled: task_id === ID, status: 'cancelled' });
  const one = await cli(['background', 'cancel', ID, '--reason', 'why', '--json'], { verbs: { cancel } });
  assert.deepEqual(document(one), { ok: true, task_id: ID, cancelled: true, status: 'cancelled' });
  assert.deepEqual(one.calls.at(-1), ['cancel', ID, { reason: 'why', dryRun: false }]);
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
  assert.deepEqual(dry.calls.slice(1), [['cancel', ID, { dryRun: true }]]);
});

test('cancel of several cancels none when one is unknown', async () => {
  const cancel: Verbs['cancel'] = async (task_id, options) => {
    if (task_id === OTHER) throw new Error('unknown');
    return { task_id, cancelled: !options?.dryRun, status: 'cancelled' };
  };
  const ran = await cli(['background', 'cancel', ID, OTHER], { verbs: { cancel } });
  assert.equal(ran.code, 1);
  assert.deepEqual(
    ran.calls.filter(([name, , options]) => name === 'cancel' && !(options as { dryRun: boolean }).dryRun),
    [],
  );
});

test('clear passes its filter on and reports what remained', async () => {
  const clear = async () => ({ cleared: 1, task_ids: [ID], remaining: [OTHER] });
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
  const dry = await cli(['recipe', 'run', 'r', '--dry-run', '--json'], { verbs: { check: async () => {} } });
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
