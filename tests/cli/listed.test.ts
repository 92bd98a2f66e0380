/** What is listed of a store by processes: relatives, sessions, names, moments, and who cancelled. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SessionPage, TaskPage } from '#offstage/wire/answers.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project } from '../js/client/project.js';

const PARENT = `export default async (input, ctx) => {
  const child = await ctx.submit({ recipe: 'echo', name: 'the child', input: { value: 1 }, sessionId: 'other' });
  return child.wait();
};`;

test('list --tree and session show parents and children; names, moments and states select', async (t) => {
  const project = new Project(t);
  project.addRecipe('parent', PARENT);
  const done = await project.json<TaskJson>('background', 'submit', '--recipe', 'parent', '-s', 'mine', '--wait');
  assert.equal(done.status, 'completed', JSON.stringify(done));
  const list = (...args: string[]) => project.json<TaskPage & { exit: number }>('background', 'list', ...args);
  const names = ({ tasks }: { tasks: TaskJson[] }) => tasks.map(({ name }) => name);
  assert.deepEqual(names(await list('--session-id', 'mine')), ['parent']);
  assert.deepEqual(names(await list('--session-id', 'mine', '--tree')), ['the child', 'parent']);
  assert.deepEqual(names(await list('--parent', done.task_id.slice('task_'.length, 13))), ['the child']);
  assert.deepEqual(names(await list('--parent', done.task_id, '--status', 'failed')), []);
  assert.equal((await list('--parent', 'task_00000000')).exit, 7);
  assert.deepEqual(names(await list('--name', 'the child', '--since', '1h', '--status', 'failed,done')), ['the child']);
  assert.deepEqual(names(await list('--since', '2999-01-01')), []);
  assert.deepEqual(names(await project.json<TaskPage>('background', 'ps', '--status', 'running,pending')), []);
  const wrong = await list('--since', 'yesterday');
  assert.equal(wrong.exit, 2);
  const { stdout } = await project.run('background', 'list');
  assert.match(stdout, /^│ {2}✅ \[\w+\] parent - completed .*│\n│ {2}└─ ✅ \[\w+\] the child - completed/m);
  const session = await project.json<SessionPage>('background', 'session', 'mine');
  assert.deepEqual(names(session), ['the child', 'parent']);
  assert.deepEqual(new Set(session.events.map(({ task_id }) => task_id)), new Set([done.task_id]));
  assert.deepEqual(
    session.events.map(({ seq }) => seq),
    session.events.map((_, index) => index + 1),
  );
  const last = await project.json<SessionPage>('background', 'session', 'mine', '--limit', '1');
  assert.deepEqual([last.events.map(({ kind }) => kind), last.cut], [['completed'], true]);
  const human = (await project.run('background', 'session', 'mine')).stdout;
  assert.match(human, /│ {2}✅ \[\w+\] parent - completed .*│\n╰─+╯\n\S+ \S+ \[\w{8}\] parent +1 submitted parent\n/);
  assert.match((await project.run('background', 'session', 'mine', '--tree')).stdout, /│ {2}└─ ✅ .*│\n╰─+╯\n$/);
  assert.equal((await project.run('background', 'session', 'nobody')).stdout, 'No tasks in session nobody\n');
});

test('status says who cancelled a task and why, and shows the causes of an error', async (t) => {
  const project = new Project(t);
  project.addRecipe(
    'caused',
    `export default () => {
      const cause = Object.assign(new Error('connect refused'), { code: 'ECONNREFUSED' });
      throw new TypeError('fetch failed', { cause });
    };`,
  );
  const submit = (...args: string[]) => project.json<TaskJson>('background', 'submit', ...args);
  const failed = await submit('--recipe', 'caused', '--wait');
  const shown = (await project.run('background', 'status', failed.task_id)).stdout;
  assert.match(shown, /^Error: fetch failed \(failed\)\n {2}Cause: Error: connect refused \(ECONNREFUSED\)$/m);
  const { task_id } = await submit('--recipe', 'echo', '--delay', '1h', '--no-worker');
  await project.json('background', 'cancel', task_id, '--reason', 'seen enough');
  assert.match((await project.run('background', 'status', task_id)).stdout, /^Cancelled: by request: seen enough$/m);
});
