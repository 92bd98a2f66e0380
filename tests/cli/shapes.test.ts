import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project, until } from '../js/client/project.js';

type Doc = TaskJson & { taskId: string };

const TASK_KEYS = [
  ...['task_id', 'name', 'recipe', 'status', 'session_id', 'task_session_id', 'owner_session_id', 'parent_id'],
  ...['priority', 'attempt', 'max_attempts', 'on_lost', 'progress', 'progress_message', 'progress_data', 'created_at'],
  ...['run_at'],
  ...['started_at', 'completed_at', 'stopped_at', 'updated_at', 'deadline_at', 'duration', 'timeout_sec', 'input'],
  ...['config', 'metadata', 'tags', 'idempotency_key', 'retried_from', 'result', 'error', 'input_requests'],
  ...['usage', 'usage_total'],
  ...['worker', 'drop_at', 'task_status'],
].sort();
const VIEW_KEYS = [
  ...['status', 'kind', 'display', 'blocked', 'terminal', 'needs_attention', 'next_action', 'recovered', 'signals'],
].sort();

/** The keys of a document, without the exit code that the helper adds. */
const keys = (doc: object): string[] =>
  Object.keys(doc)
    .filter((key) => key !== 'exit')
    .sort();

test('every verb prints the document of the contract, keys and all', async (t) => {
  const project = new Project(t);
  const input = '{"value":{"snake_case":1,"camelCase":[null]}}';
  const submit = await project.json<Doc>(
    'background',
    'submit',
    '--recipe',
    'echo',
    '-i',
    input,
    '-c',
    '{"keyOne":1}',
    '-s',
    's1',
  );
  assert.deepEqual(keys(submit), ['ok', 'recipe', 'session_id', 'status', 'taskId', 'task_id']);
  assert.deepEqual(
    [submit.recipe, submit.session_id, submit.status, submit.taskId],
    ['echo', 's1', 'pending', submit.task_id],
  );
  assert.match(submit.task_id, /^task_[0-9a-f]{32}$/);
  const id = submit.task_id;

  const wait = await project.json<Doc & { wait_status: string }>('background', 'wait', id);
  assert.deepEqual(keys(wait), [...TASK_KEYS, 'ok', 'wait_status'].sort());
  assert.deepEqual(keys(wait.task_status), VIEW_KEYS);
  assert.deepEqual([wait.ok, wait.wait_status, wait.exit, wait.input], [true, 'ok', 0, JSON.parse(input)]);
  assert.deepEqual([wait.config, wait.result], [{ keyOne: 1 }, { snake_case: 1, camelCase: [null] }]);
  for (const time of [wait.created_at, wait.started_at, wait.completed_at, wait.updated_at]) {
    assert.match(time ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }

  const status = await project.json<Doc>('background', 'info', '--id', id);
  assert.deepEqual(keys(status), [...TASK_KEYS, 'ok'].sort());
  const result = await project.json('background', 'result', id);
  assert.deepEqual(result, { ok: true, task_id: id, status: 'completed', result: wait.result, exit: 0 });

  const list = await project.json<{ tasks: Doc[]; counts: object }>('background', 'list');
  assert.deepEqual(keys(list), ['counts', 'next', 'ok', 'page', 'page_size', 'tasks', 'total', 'total_exact']);
  assert.deepEqual(list.counts, { pending: 0, running: 0, input_required: 0, completed: 1, failed: 0, cancelled: 0 });
  assert.deepEqual(keys(list.tasks[0] ?? {}), TASK_KEYS);

  const dry = await project.json('background', 'clear', '--dry-run');
  assert.deepEqual(dry, { ok: true, cleared: 1, task_ids: [id], dry_run: true, exit: 0 });
  const clear = await project.json('background', 'clear');
  assert.deepEqual(clear, { ok: true, cleared: 1, task_ids: [id], exit: 0 });
  const gone = await project.json<{ error: string }>('background', 'status', id);
  assert.deepEqual([gone.ok, gone.code, gone.exit], [false, 'task_not_found', 7]);
  assert.ok(gone.error.includes(id) && gone.error.includes(project.store), gone.error);
});

test('cancel: one, several, a dry run, a task that has ended', async (t) => {
  const project = new Project(t);
  const submit = async () =>
    (await project.json<Doc>('background', 'submit', '--recipe', 'echo', '--delay', '1h', '--no-worker')).task_id;
  const [a, b, c] = [await submit(), await submit(), await submit()];
  const dry = await project.json('background', 'cancel', a, '--dry-run');
  assert.deepEqual(dry, { ok: true, task_id: a, cancelled: true, status: 'pending', dry_run: true, exit: 0 });
  assert.deepEqual(await project.json('background', 'cancel', a, '--reason', 'why'), {
    ok: true,
    task_id: a,
    cancelled: true,
    status: 'cancelled',
    exit: 0,
  });
  assert.deepEqual(await project.json('background', 'cancel', a, b), {
    ok: true,
    tasks: [
      { task_id: a, cancelled: false, status: 'cancelled' },
      { task_id: b, cancelled: true, status: 'cancelled' },
    ],
    exit: 0,
  });
  const unknown = await project.json('background', 'cancel', c, `task_${'0'.repeat(32)}`);
  assert.deepEqual([unknown.ok, unknown.code, unknown.exit], [false, 'task_not_found', 7]);
  assert.equal((await project.json<Doc>('background', 'status', c)).status, 'pending', 'none is cancelled');
  const result = await project.json('background', 'result', a);
  assert.deepEqual([result.ok, result.code, result.exit], [false, 'cancelled', 8]);
});

test('list: filters, pages and cursors', async (t) => {
  const project = new Project(t);
  const ids: string[] = [];
  for (let n = 0; n < 5; n++) {
    const doc = await project.json<Doc>(
      'background',
      'submit',
      '--recipe',
      'echo',
      '--delay',
      '1h',
      '--no-worker',
      '-s',
      n < 2 ? 'a' : 'b',
    );
    ids.unshift(doc.task_id);
  }
  type Page = { tasks: Doc[]; page: number; page_size: number; total: number; next: string | null };
  const list = (...args: string[]) => project.json<Page>('background', 'list', ...args);
  const idsOf = ({ tasks }: Page) => tasks.map(({ task_id }) => task_id);
  const first = await list('--page-size', '2');
  const second = await list('--page-size', '2', '--page', '2');
  assert.deepEqual([idsOf(first), idsOf(second)], [ids.slice(0, 2), ids.slice(2, 4)]);
  assert.deepEqual([second.page, second.page_size, second.total], [2, 2, 5]);
  const last = await list('--page-size', '3', '--after', first.next ?? '');
  assert.deepEqual([idsOf(last), last.next], [ids.slice(2), null]);
  assert.deepEqual(idsOf(await list('--session-id', 'a')), ids.slice(3));
  await project.json('background', 'cancel', ids[0] ?? '');
  assert.deepEqual(idsOf(await list('--status', 'cancelled', '--status', 'done')), ids.slice(0, 1));
  assert.deepEqual(idsOf(await list('--recipe', 'nothing')), []);
  const human = await project.run('background', 'list', '--page-size', '1');
  assert.match(
    human.stdout,
    new RegExp(`^╭─ Background Tasks ─+╮\n│  🚫 \\[${ids[0]?.slice(5, 13)}\\] echo - cancelled +\\d+s ago │\n╰─+╯\n$`),
  );
  assert.match(human.stderr, /^1 of 5 tasks\. Next page: offstage background list --page-size 1 --page 2\n$/);
});

test('clear --all cancels what runs, waits until it stopped, and removes it', async (t) => {
  const project = new Project(t);
  const input = JSON.stringify({ until: project.file('never') });
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'waits', '-i', input);
  await until(async () => (await project.json<Doc>('background', 'status', task_id)).status === 'running');
  const refused = await project.json('background', 'clear', '--status', 'running');
  assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'invalid_argument', 2]);
  assert.deepEqual(await project.json('background', 'clear', '--older-than', '3600'), {
    ok: true,
    cleared: 0,
    task_ids: [],
    exit: 0,
  });
  const all = await project.json('background', 'clear', '--all');
  assert.deepEqual(all, { ok: true, cleared: 1, task_ids: [task_id], remaining: [], exit: 0 });
  assert.equal((await project.json('background', 'status', task_id)).exit, 7);
});

test('recipe run and recipe list', async (t) => {
  const project = new Project(t);
  const run = await project.json('recipe', 'run', 'echo', '-i', '{"value":[0]}');
  assert.match(String(run.task_id), /^task_/);
  assert.deepEqual([run.ok, run.status, run.result, run.exit], [true, 'completed', [0], 0]);
  const human = await project.run('recipe', 'run', './recipes/echo', '--input', '{"value":"as it is"}');
  assert.deepEqual([human.stdout, human.code], ['as it is\n', 0]);
  const background = await project.json('recipe', 'run', 'echo', '--background');
  assert.deepEqual(keys(background), ['ok', 'recipe', 'session_id', 'status', 'taskId', 'task_id']);
  const failed = await project.json('recipe', 'run', 'throws');
  assert.deepEqual([failed.ok, failed.error, failed.code, failed.exit], [false, 'model unavailable', 'failed', 3]);

  const other = new Project(t);
  const dry = await other.json('recipe', 'run', 'echo', '--dry-run');
  assert.deepEqual(
    [dry, await other.json('background', 'list').then(({ total }) => total)],
    [{ ok: true, recipe: 'echo', dry_run: true, exit: 0 }, 0],
  );
  other.addRecipe('broken', '', 'description: [\n');
  const list = await other.json<{ recipes: { name: string }[]; problems: { path: string; code: string }[] }>(
    'recipe',
    'list',
  );
  assert.deepEqual([list.ok, list.exit], [true, 0]);
  assert.ok(list.recipes.some(({ name }) => name === 'echo'));
  assert.deepEqual(
    list.problems.map(({ path, code }) => [path, code]),
    [[other.file('recipes/broken'), 'recipe_invalid']],
  );
});

for (const [value, bare] of [
  ['0', '0\n'],
  ['""', '\n'],
  ['[]', '[]\n'],
  ['null', 'null\n'],
  ['false', 'false\n'],
] as const) {
  test(`the result ${value} survives the whole way`, async (t) => {
    const project = new Project(t);
    const submitted = await project.json<Doc>(
      'background',
      'submit',
      '--recipe',
      'echo',
      '-i',
      `{"value":${value}}`,
      '--wait',
    );
    assert.deepEqual(
      [submitted.ok, submitted.status, submitted.exit, submitted.result],
      [true, 'completed', 0, JSON.parse(value)],
    );
    assert.equal(submitted.taskId, submitted.task_id);
    const result = await project.run('background', 'result', submitted.task_id);
    assert.deepEqual([result.stdout, result.code], [bare, 0]);
  });
}

for (const [recipe, code, message] of [
  ['throws', 'failed', /^model unavailable$/],
  ['rejects', 'failed', /nobody caught me/],
  ['exits', 'failed', /./],
  ['bigint', 'unserializable', /./],
  ['cyclic', 'unserializable', /./],
] as const) {
  test(`recipe ${recipe}: the task fails with ${code}, wait and result exit with 3`, async (t) => {
    const project = new Project(t);
    const submitted = await project.json<Doc>('background', 'submit', '--recipe', recipe, '--wait');
    assert.deepEqual(
      [submitted.ok, submitted.status, submitted.error?.code, submitted.exit],
      [true, 'failed', code, 3],
    );
    const wait = await project.json<Doc>('background', 'wait', submitted.task_id);
    assert.deepEqual([wait.ok, wait.status, wait.exit], [true, 'failed', 3]);
    const result = await project.json<{ error: string }>('background', 'result', submitted.task_id);
    assert.deepEqual([result.ok, result.code, result.exit], [false, code, 3]);
    assert.match(result.error, message);
    const human = await project.run('background', 'result', submitted.task_id);
    assert.deepEqual([human.stdout, human.code], ['', 3]);
    assert.equal(
      (await project.json<Doc>('background', 'submit', '--recipe', 'echo', '--wait')).exit,
      0,
      'others go on',
    );
  });
}

test('the timeout of a task, and what status tells a person', async (t) => {
  const project = new Project(t);
  const input = JSON.stringify({ until: project.file('never') });
  const args = [
    'background',
    'submit',
    '--recipe',
    'waits',
    '-i',
    input,
    '--timeout',
    '0.2',
    '--name',
    'odd\u001b[31m',
  ];
  const task = await project.json<Doc>(...args, '--wait');
  assert.deepEqual([task.status, task.error?.code, task.timeout_sec, task.exit], ['failed', 'timeout', 0.2, 3]);
  assert.equal(task.task_status.kind, 'timed_out');
  const { stdout, code } = await project.run('background', 'status', task.task_id.slice(0, 12));
  assert.equal(code, 0, 'status does not exit by the task');
  const lines = stdout.split('\n');
  assert.deepEqual([lines[0], lines[1]], [`Task: ${task.task_id}`, 'Status: failed']);
  for (const line of ['Recipe: waits', 'Name: odd\\x1b[31m', 'Attention: timed_out'])
    assert.ok(lines.includes(line), stdout);
  writeFileSync(project.file('input.txt'), '[7]');
  const fromFile = await project.json<Doc>('background', 'submit', '--recipe', 'echo', '-i', '@input.txt', '--wait');
  assert.deepEqual(fromFile.input, { input: [7] }, 'what is no object arrives as one');
});
