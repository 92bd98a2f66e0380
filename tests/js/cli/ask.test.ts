import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskJson } from '#offstage/wire/task.js';
import { cancelled, cli, document, done, failed, getting, ID, OTHER, pending, taskOf, waiting } from './fake.js';

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

test('since: how long ago, or a moment, of a time of day the last one', async () => {
  const page = { tasks: [], page: 1, page_size: 20, total: 0, total_exact: true, counts: {} as never, next: null };
  const since = async (text: string) => {
    const ran = await cli(['background', 'list', '--since', text], { verbs: { list: async () => page } });
    const [[, filter] = []] = ran.calls;
    return ran.code === 0 ? (filter as { since: unknown }).since : ran.stderr;
  };
  assert.deepEqual([await since('1h'), await since('90')], ['1h', 90]);
  assert.deepEqual(await since('2026-01-31T10:00Z'), new Date('2026-01-31T10:00Z'));
  assert.deepEqual(await since('2026-01-31'), new Date(2026, 0, 31));
  const last = ((await since('18:30')) as Date).getTime();
  assert.ok(last <= Date.now() && last > Date.now() - 25 * 3_600_000, String(last));
  for (const wrong of ['yesterday', '5x', '2026-02-31', '-1h'])
    assert.match(String(await since(wrong)), /^error: --since/);
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
    /timed out after 2 s; the task runs on\.\nGo on: offstage background wait task_9f1c20ab0+\n$/,
  );
});

test('wait for several shows them all and exits by the worst', async () => {
  const other = (task: TaskJson): TaskJson => ({ ...task, task_id: OTHER });
  for (const [one, two, wait_status, exit] of [
    [done(1), done(2), 'ok', 0],
    [done(1), cancelled, 'ok', 8],
    [cancelled, failed(), 'ok', 3],
    [taskOf(), failed(), 'timeout', 3],
    [taskOf(), done(1), 'timeout', 5],
  ] as const) {
    const tasks = [one, other(two)];
    const wait = async () => ({ tasks, wait_status });
    const argv = ['background', 'wait', ID, OTHER, '--timeout', '2m'];
    const ran = await cli([...argv, '--json'], { verbs: { wait } });
    assert.deepEqual([document(ran), ran.code], [{ ok: true, tasks, wait_status }, exit]);
    const human = await cli(argv, { verbs: { wait } });
    assert.equal(human.stdout.split('\n').length, 3, 'a line each');
    if (wait_status === 'timeout')
      assert.match(human.stderr, /timed out after 2m; .*\nGo on: offstage background wait /);
  }
});

test('wait --any exits by those that have ended', async () => {
  for (const [ended, exit] of [
    [done(1), 0],
    [failed(), 3],
    [cancelled, 8],
  ] as const) {
    const wait = async () => ({ tasks: [taskOf(), { ...ended, task_id: OTHER }], wait_status: 'ok' as const });
    const ran = await cli(['background', 'wait', ID, OTHER, '--any', '--json'], { verbs: { wait } });
    assert.equal(ran.code, exit);
    const [, ids, options] = ran.calls.find(([name]) => name === 'wait') as [string, string[], { any: boolean }];
    assert.deepEqual([ids, options.any], [[ID, OTHER], true]);
  }
});

test('status of several is a list, and each is shown', async () => {
  const tasks = [taskOf(), { ...done(1), task_id: OTHER }];
  const get = async () => tasks;
  const ran = await cli(['background', 'status', ID, OTHER, '--json'], { verbs: { get } });
  assert.deepEqual([document(ran), ran.code], [{ ok: true, tasks }, 0]);
  const human = await cli(['background', 'status', ID, '--id', OTHER], { verbs: { get } });
  assert.deepEqual(human.stdout.match(/^Task: .*$/gm), [`Task: ${ID}`, `Task: ${OTHER}`]);
  assert.match(human.stdout, /\n\nTask: /);
});

test('no id is an error of usage wherever ids are taken', async () => {
  for (const verb of ['wait', 'status', 'events', 'logs', 'cancel']) {
    const ran = await cli(['background', verb, '--json'], {});
    assert.deepEqual([ran.code, document<{ error: string }>(ran).error.slice(0, 13)], [2, 'no task given'], verb);
  }
});
