/** The package is replaced, damaged or of another version under workers. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../js/client/project.js';
import { replacedRound } from '../torture/replaced.js';
import { Installed } from './installed.js';
import { Cli } from './process.js';
import type { Doc } from './scene.js';

const seed = Number(process.env.SEED ?? Date.now() % 2 ** 31);

test('the package taken away and put back under a worker costs no task', (t) =>
  replacedRound(t, { seed, times: 2, tasks: 3, warm: true }));

test('the package taken away before a worker starts costs no task', (t) =>
  replacedRound(t, { seed, times: 2, tasks: 2, warm: false }));

const WAITS = `import { existsSync, appendFileSync } from 'node:fs';
  export default async ({ until, runs }, ctx) => {
    appendFileSync(runs, ctx.attempt + '\\n');
    while (!existsSync(until)) await new Promise((r) => setTimeout(r, 5));
    return 'seen';
  };`;

function scene(t: Parameters<typeof replacedRound>[0]) {
  const project = new Installed(t);
  project.addRecipe('held', WAITS);
  for (const name of ['one', 'two', 'three']) project.addRecipe(name, 'export default () => 1;');
  const go = project.file('go');
  const runs = project.file('runs');
  const submit = (recipe: string, ...flags: string[]) =>
    project.json<Doc>(
      'background',
      'submit',
      '--recipe',
      recipe,
      '--input',
      JSON.stringify({ until: go, runs }),
      ...flags,
    );
  const begun = () => (existsSync(runs) ? readFileSync(runs, 'utf8').split('\n').filter(Boolean) : []);
  return { project, go, submit, begun };
}

test('with a package of another version a worker claims nothing more and ends when what runs has ended', async (t) => {
  const { project, go, submit, begun } = scene(t);
  const held = await submit('held');
  await until(() => begun().length === 1);
  const [old] = project.workers();
  project.change('package.json', (text) => text.replace(/"version": "[^"]+"/, '"version": "99.0.0"'));
  // The spare is of the old version; what comes after it is of the new one.
  const first = await submit('one');
  const second = await submit('one');
  await until(() => project.log().some(({ event }) => event === 'stopping'));
  assert.match(project.log().find(({ event }) => event === 'stopping')?.reason ?? '', /99\.0\.0/);
  assert.equal((await project.json<Doc>('background', 'status', held.task_id)).status, 'running', 'it goes on');
  writeFileSync(go, '');
  // Nobody waits: the worker that ends starts one of the version that lies there now.
  for (const { task_id } of [held, first, second]) {
    const task = await until(async () => {
      const now = await project.json<Doc>('background', 'status', task_id);
      return now.status === 'completed' ? now : undefined;
    });
    assert.equal(task.attempt, 1);
  }
  assert.deepEqual(begun(), ['1']);
  await until(() => !project.workers().includes(old as number));
  assert.ok(project.log().some(({ event, reason }) => event === 'stopped' && reason === 'replaced'));
});

test('with a damaged package tasks are given back, the worker ends, and whoever waits reads what was printed', async (t) => {
  const { project, submit } = scene(t);
  await submit('one', '--wait');
  const mend = project.change('worker/inside/child-run.js', (text) => `${text}\nexport const half = (`);
  await submit('two'); // in the spare, if that was ready; then there is none for the next one
  const cli = new Cli(t, project, ['background', 'submit', '--recipe', 'three', '--wait', '--quiet'], project.bin);
  await cli.prints(({ stderr }) => stderr.includes('without having begun it'));
  assert.match(cli.stderr, /3 tries\).*exit code 1[\s\S]*SyntaxError/);
  await until(() => project.log().some(({ event, reason }) => event === 'stopping' && reason?.includes('SyntaxError')));
  const { tasks } = await project.json<{ tasks: Doc[] }>('background', 'list', '--recipe', 'three');
  const { events } = await project.json<{ events: { kind: string; data: Record<string, unknown> }[] }>(
    'background',
    'events',
    tasks[0]?.task_id ?? '',
  );
  const given = events.find(({ kind }) => kind === 'retry_scheduled');
  assert.deepEqual([given?.data.counted, given?.data.begun], [false, false]);
  mend();
  const { code, stdout } = await cli.ended;
  assert.deepEqual([code, stdout], [0, '1\n']);
  const [task] = (await project.json<{ tasks: Doc[] }>('background', 'list', '--recipe', 'three')).tasks;
  assert.deepEqual([task?.status, task?.attempt], ['completed', 1], 'no attempt was used up');
});
