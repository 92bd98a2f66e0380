/** Windows, simulated: recipes in code and reading work; what could not be ended is refused before anything is stored or started. */
import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project } from '../js/client/project.js';
import { Faked } from '../js/platform/faked.js';
import { app, inOneProcess, said } from '../js/platform/scenes.js';
import { until } from '../waiting.js';

type Doc = TaskJson & { details: { reason: string; platform: string }; error: string };

const refusedWith = ({ exit, code, error, details }: Doc & { exit: number; code?: string }): void => {
  assert.deepEqual([exit, code, details?.reason, details?.platform], [4, 'policy_denied', 'platform', 'win32']);
  assert.match(error, /Windows.*WSL.*worker: 'app'/);
};

test('Windows: whatever would run a folder is refused with the reason, and nothing is stored or started', async (t) => {
  const project = new Faked(t, 'win32');
  project.addRecipe('program', '', 'command: [node, -e, "1"]\n');
  for (const args of [
    ['background', 'submit', '--recipe', 'echo'],
    ['background', 'submit', '--recipe', 'program', '--no-worker'],
    ['recipe', 'run', 'echo'],
    ['recipe', 'run', 'echo', '--dry-run'],
  ]) {
    refusedWith(await project.json<Doc>(...args));
    assert.equal(existsSync(project.store), false, `${args.join(' ')} has made a store`);
  }
  refusedWith(await project.json<Doc>('background', 'worker'));
  assert.equal((await project.json<{ total: number }>('background', 'list')).total, 0);
  assert.deepEqual([project.started(), project.processes()], [[], []]);
});

test('Windows: a store that another system has filled is read; its folders are not run, nor submitted once more', async (t) => {
  const linux = new Project(t);
  const done = await linux.json<Doc>('background', 'submit', '--recipe', 'echo', '--input', '{"value":7}', '--wait');
  await until(async () => (await linux.json<Doc>('background', 'status', done.task_id)).worker === null);
  const waiting = await linux.json<Doc>('background', 'submit', '--recipe', 'echo', '--no-worker', '--delay', '3600');
  const project = new Faked(t, 'win32');
  const ask = (...args: string[]) => project.json<Doc>('background', ...args, '--store', linux.store);
  assert.equal((await ask('result', done.task_id)).result, 7);
  assert.equal((await ask('status', waiting.task_id)).status, 'pending');
  assert.equal((await project.json<{ total: number }>('background', 'list', '--store', linux.store)).total, 2);
  assert.ok(
    (await project.json<{ events: unknown[] }>('background', 'events', done.task_id, '--store', linux.store)).events
      .length > 2,
  );
  refusedWith(await ask('retry', done.task_id));
  assert.equal(
    (
      await project.json<{ wait_status: string }>(
        'background',
        'wait',
        waiting.task_id,
        '--timeout',
        '0.1',
        '--store',
        linux.store,
      )
    ).wait_status,
    'timeout',
  );
  assert.equal((await ask('cancel', waiting.task_id)).status, 'cancelled');
  assert.equal((await project.json<{ total: number }>('background', 'list', '--store', linux.store)).total, 2);
  assert.deepEqual(project.started(), []);
});

test('Windows: programs are found by the endings that PATHEXT names', async (t) => {
  const project = new Faked(t, 'win32');
  project.addRecipe('program', '', 'command: [tool]\n');
  Object.defineProperty(project, 'env', { value: { ...project.env, PATH: project.folder } });
  writeFileSync(project.file('tool'), '', { mode: 0o755 });
  assert.equal((await project.json('recipe', 'validate', 'program')).code, 'missing_dependency');
  writeFileSync(project.file('tool.EXE'), '', { mode: 0o755 });
  assert.equal((await project.json('recipe', 'validate', 'program')).exit, 0);
});

inOneProcess('Windows', (t) => new Faked(t, 'win32'));

const CODE = `const double = defineRecipe({ name: 'double', run: async ({ n }, ctx) => ctx.step('once', () => n * 2) });`;

for (const worker of ['app', 'detached']) {
  test(`Windows: recipes in code run in the app that submits them (worker: '${worker}'), folders are refused there`, async (t) => {
    const project = new Faked(t, 'win32');
    const answer = await app(
      t,
      project,
      `${CODE}
      const client = await openBackground(undefined, { worker: '${worker}' });
      const result = await (await client.submit({ recipe: double, input: { n: 21 } })).wait();
      const refused = await client.submit({ recipe: 'echo' }).catch((error) => [error.name, error.code, error.details.reason]);
      const worked = await client.work().then(() => 'worked', (error) => error.code);
      console.log(JSON.stringify([result, refused, worked, (await client.list()).total]));
      await client.close();`,
    ).ended;
    assert.deepEqual(said(answer), [42, ['RecipePolicyError', 'policy_denied', 'platform'], 'policy_denied', 1]);
    assert.deepEqual(project.started(), []);
  });
}

test('Windows: a task whose app lives is left alone by others', async (t) => {
  const project = new Faked(t, 'win32');
  const running = app(
    t,
    project,
    `const slow = defineRecipe({ name: 'slow', run: (_, ctx) => new Promise((_, reject) => ctx.signal.addEventListener('abort', () => reject(ctx.signal.reason))) });
    const client = await openBackground(undefined, { worker: 'app' });
    const task = await client.submit({ recipe: slow });
    for await (const { kind } of task.events({ follow: true })) {
      if (kind === 'started') console.log(task.taskId);
    }
    await client.close();`,
  );
  await running.prints(({ stdout }) => stdout.includes('task_'));
  const id = running.stdout.trim();
  const status = await project.json<Doc>('background', 'status', id);
  assert.deepEqual([status.status, status.task_status.kind], ['running', 'running']);
  assert.deepEqual((await project.json<{ tasks: unknown[] }>('background', 'recover', '--all')).tasks, []);
  assert.equal((await project.json<Doc>('background', 'cancel', id, '--wait')).status, 'cancelled');
  assert.equal((await running.ended).code, 0);
});
