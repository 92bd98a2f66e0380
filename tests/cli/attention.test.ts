/** Every row of the contract's table, reached through the public API; then its next action is typed as a command. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Client, makeClient } from '#offstage/client/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project, until } from '../js/client/project.js';
import { stopOutsideOfWrites } from '../js/client/stopped.js';
import { Cli } from './process.js';

type Doc = TaskJson & { ok: boolean; code?: string; exit: number };

const ASKS = `export default async (input, ctx) => {
  const { action, content } = await ctx.requestInput({ key: 'approval', message: 'Publish?', schema: { type: 'boolean' } });
  return [action, content];
};`;
const FAILS_ONCE =
  'export default (input, ctx) => { if (ctx.attempt === 1) throw new Error("again"); return ctx.attempt; };';

interface Row {
  project: Project;
  client: Client;
}

async function row(t: TestContext, worker: 'detached' | 'none' = 'detached'): Promise<Row> {
  const project = new Project(t);
  return { project, client: makeClient(await project.verbs(t, worker)) };
}

/** The status of the task, once it is of that kind, as the CLI tells it. */
async function shown({ project }: Row, id: string, kind: string): Promise<Doc> {
  return until(async () => {
    const task = await project.json<Doc>('background', 'status', id);
    return task.task_status.kind === kind ? task : undefined;
  });
}

/** What the view says, in the contract's words: `*` needs attention, `†` blocked. */
const marks = ({ task_status: { needs_attention, blocked, next_action } }: TaskJson): string =>
  `${needs_attention ? '*' : ''}${blocked ? '†' : ''} ${next_action}`.trim();

/** The command that `status` prints for a person behind `Next:`, as its words. */
async function nextCommand({ project }: Row, id: string): Promise<string[]> {
  const { stdout } = await project.run('background', 'status', id);
  const words = /^Next: offstage (.+)$/m.exec(stdout)?.[1]?.split(' ');
  assert.ok(words, stdout);
  return words;
}

/** Types the next action, `wait`, for a task whose time is far off: it waits no longer than it is told to. */
async function looksOnce(here: Row, id: string): Promise<void> {
  const waited = await here.project.json<Doc & { wait_status: string }>(
    ...(await nextCommand(here, id)),
    '--timeout',
    '0.05',
  );
  assert.deepEqual([waited.ok, waited.wait_status, waited.status, waited.exit], [true, 'timeout', 'pending', 5]);
}

const waits = (project: Project, more: object = {}) => ({
  recipe: 'waits',
  input: { until: project.file('go') },
  ...more,
});

test('cancelled: nothing to do', async (t) => {
  const here = await row(t);
  const task = await here.client.submit(waits(here.project, { delay: 60 }));
  await task.cancel();
  const status = await shown(here, task.id, 'cancelled');
  assert.equal(marks(status), 'none');
  const { stdout } = await here.project.run('background', 'status', task.id);
  assert.ok(!stdout.includes('Next:'), stdout);
});

test('completed: result', async (t) => {
  const here = await row(t);
  const task = await here.client.submit({ recipe: 'echo', input: { value: 'it' } });
  assert.equal(marks(await shown(here, task.id, 'completed')), 'result');
  const { stdout, code } = await here.project.run(...(await nextCommand(here, task.id)));
  assert.deepEqual([stdout, code], ['it\n', 0]);
});

test('timed_out: retry', async (t) => {
  const here = await row(t);
  const task = await here.client.submit(waits(here.project, { timeout: 0.1 }));
  assert.equal(marks(await shown(here, task.id, 'timed_out')), '* retry');
  const retried = await here.project.json<Doc>(...(await nextCommand(here, task.id)));
  assert.deepEqual([retried.ok, retried.retried_from, retried.exit], [true, task.id, 0]);
  assert.notEqual(retried.task_id, task.id);
});

test('lost: retry', async (t) => {
  const here = await row(t);
  const task = await here.client.submit(waits(here.project));
  const running = await shown(here, task.id, 'running');
  process.kill(running.worker?.pid as number, 'SIGKILL');
  const lost = await shown(here, task.id, 'lost');
  assert.deepEqual([marks(lost), lost.task_status.signals], ['* retry', ['lost', 'terminal']]);
  writeFileSync(here.project.file('go'), '');
  const retried = await here.project.json<Doc>(...(await nextCommand(here, task.id)));
  assert.equal(await here.client.wait(retried.task_id, 30), 'seen');
});

test('failed: events', async (t) => {
  const here = await row(t);
  const task = await here.client.submit({ recipe: 'throws' });
  assert.equal(marks(await shown(here, task.id, 'failed')), '* events');
  const { stdout, code } = await here.project.run(...(await nextCommand(here, task.id)));
  assert.equal(code, 0);
  assert.match(stdout, /^\S+ \S+ +\d+ failed .*model unavailable/m);
});

test('input_required: respond', async (t) => {
  const here = await row(t);
  here.project.addRecipe('asks', ASKS);
  const task = await here.client.submit({ recipe: 'asks' });
  const asked = await shown(here, task.id, 'input_required');
  assert.deepEqual([marks(asked), asked.task_status.signals], ['*† respond', ['input_required']]);
  const next = await nextCommand(here, task.id);
  const look = await here.project.json<Doc>(...next);
  assert.deepEqual(Object.keys(look.input_requests), ['approval']);
  const [key = ''] = Object.keys(look.input_requests);
  const wrong = await here.project.json(...next, key, '--accept', '"yes"');
  assert.deepEqual([wrong.ok, wrong.code, wrong.exit], [false, 'invalid_argument', 2]);
  const answered = await here.project.json<Doc>(...next, key, '--accept', 'true');
  assert.deepEqual([answered.ok, answered.exit, answered.input_requests], [true, 0, {}]);
  assert.deepEqual(await here.client.wait(task.id, 30), ['accept', true]);
  const second = await here.project.json(...next, key, '--accept', 'true');
  assert.deepEqual([second.ok, second.code, second.exit], [false, 'conflict', 4]);
});

test('overdue: recover', async (t) => {
  const here = await row(t);
  const task = await here.client.submit(waits(here.project, { timeout: 1 }));
  const running = await shown(here, task.id, 'running');
  await stopOutsideOfWrites(here.project.store, running.worker?.pid as number); // it lives, so nobody takes its attempt away
  t.after(() => {
    try {
      process.kill(running.worker?.pid as number, 'SIGCONT');
    } catch {
      // it was killed with the project
    }
  });
  const overdue = await shown(here, task.id, 'overdue');
  assert.deepEqual([marks(overdue), overdue.status], ['*† recover', 'running']);
  const next = await nextCommand(here, task.id);
  const dry = await here.project.json<{ tasks: unknown[] }>(...next, '--dry-run');
  assert.deepEqual(dry.tasks, [{ task_id: task.id, result: 'would_apply', status: 'running' }]);
  const recovered = await here.project.json<{ tasks: unknown[] }>(...next);
  assert.deepEqual([recovered.tasks, recovered.exit], [[{ task_id: task.id, result: 'applied', status: 'failed' }], 0]);
  const after = await here.project.json<Doc>('background', 'status', task.id);
  assert.deepEqual(
    [after.error?.code, after.task_status.display, marks(after)],
    ['lost', 'lost (recovered)', '* retry'],
  );
});

test('running: wait', async (t) => {
  const here = await row(t);
  const task = await here.client.submit(waits(here.project));
  assert.equal(marks(await shown(here, task.id, 'running')), 'wait');
  const next = await nextCommand(here, task.id);
  writeFileSync(here.project.file('go'), '');
  const waited = await here.project.json<Doc>(...next);
  assert.deepEqual([waited.ok, waited.result, waited.exit], [true, 'seen', 0]);
});

test('retrying: wait', async (t) => {
  const here = await row(t);
  here.project.addRecipe('fails-once', FAILS_ONCE);
  const task = await here.client.submit({ recipe: 'fails-once', retries: 1, backoff: { initial: 50, jitter: 0 } });
  const retrying = await shown(here, task.id, 'retrying');
  assert.deepEqual([marks(retrying), retrying.task_status.signals], ['wait', ['retrying']]);
  await looksOnce(here, task.id);
});

test('scheduled: wait', async (t) => {
  const here = await row(t);
  const task = await here.client.submit({ recipe: 'echo', input: { value: 1 }, delay: 60 });
  const scheduled = await shown(here, task.id, 'scheduled');
  assert.deepEqual([marks(scheduled), scheduled.task_status.signals], ['wait', ['scheduled']]);
  await looksOnce(here, task.id);
});

test('queued: wait', async (t) => {
  const here = await row(t);
  writeFileSync(here.project.file('offstage.config.json'), '{"background":{"maxConcurrentTasks":1}}');
  const client = makeClient(await here.project.verbs(t));
  const first = await client.submit(waits(here.project));
  await shown(here, first.id, 'running');
  const task = await client.submit({ recipe: 'echo', input: { value: 1 } });
  const queued = await shown(here, task.id, 'queued');
  assert.deepEqual([marks(queued), queued.task_status.signals], ['wait', []]);
  const next = await nextCommand(here, task.id);
  writeFileSync(here.project.file('go'), '');
  assert.equal((await here.project.json<Doc>(...next)).result, 1);
});

test('queued, and nobody can run it: worker', async (t) => {
  const here = await row(t, 'none');
  const task = await here.client.submit({ recipe: 'echo', input: { value: 1 } });
  const queued = await shown(here, task.id, 'queued');
  assert.deepEqual([marks(queued), queued.task_status.signals], ['*† worker', ['no_worker']]);
  const next = await nextCommand(here, task.id);
  assert.equal(next.at(-1), 'worker');
  const worker = new Cli(t, here.project, next);
  assert.equal(await here.client.wait(task.id, 30), 1);
  worker.child.kill('SIGTERM');
  assert.equal((await worker.ended).code, 143);
});

test('unknown: status', async (t) => {
  const here = await row(t, 'none');
  const task = await here.client.submit({ recipe: 'echo' });
  damage(here.project.store, task.id);
  const unknown = await shown(here, task.id, 'unknown');
  assert.deepEqual([marks(unknown), unknown.status, unknown.task_id], ['status', 'pending', task.id]);
  const { stdout, code } = await here.project.run(...(await nextCommand(here, task.id)));
  assert.equal(code, 0);
  assert.ok(stdout.startsWith(`Task: ${task.id}\n`), stdout);
  const retry = await here.project.json('background', 'retry', task.id);
  assert.deepEqual([retry.ok, retry.exit], [false, 1]);
  const list = await here.project.json<{ total: number }>('background', 'list');
  assert.equal(list.total, 1, 'the others are not hidden by it');
});

/** Writes what is no record over a task's. */
function damage(path: string, id: string): void {
  const db = connect(path);
  const { changes } = db.prepare(`UPDATE tasks SET record = '{"task_id":' WHERE id = ?`).run(id);
  db.close();
  assert.equal(Number(changes), 1);
}
