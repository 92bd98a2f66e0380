/** The documented shell scripts, run against the installed tarball with nothing but program name and task id replaced. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { after, before, test } from 'node:test';
import { FIXTURES, Project } from './tarball.ts';

let project: Project;
before(() => {
  project = new Project();
});
after(() => project?.remove());

/** Runs a script with a `sleep` of its own: the scripts wait for seconds that a test does not have. */
function run(script: string, sleep: string) {
  const shims = join(project.folder, 'shims');
  mkdirSync(shims, { recursive: true });
  project.write('shims/sleep', `#!/bin/sh\n${sleep}\n`);
  chmodSync(join(shims, 'sleep'), 0o755);
  project.write('script.sh', script);
  return project.run('bash', ['script.sh'], { PATH: `${shims}${delimiter}${project.env.PATH}` });
}
const documented = (name: string) => readFileSync(join(FIXTURES, name), 'utf8').replaceAll('praisonai ', 'offstage ');

test('"Scripting with JSON Output" polls until the task has completed', () => {
  const { code, stdout, stderr } = run(documented('scripting.sh'), 'exec /bin/sleep 0.2');
  assert.equal(stderr, '');
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^Submitted task: task_[0-9a-f]{32}$/);
  assert.ok(lines.length >= 3, stdout);
  for (const line of lines.slice(1, -2)) assert.match(line, /^Status: (pending|running)$/);
  assert.deepEqual(lines.slice(-2), ['Status: completed', 'Task finished with status: completed']);
});

test('"Scripting with JSON Output" ends for a recipe that fails', () => {
  const good = readFileSync(join(project.folder, 'recipes/my-recipe/recipe.mjs'), 'utf8');
  project.write('recipes/my-recipe/recipe.mjs', "export default () => { throw new Error('no') };");
  const { code, stdout } = run(documented('scripting.sh'), 'exec /bin/sleep 0.2');
  project.write('recipes/my-recipe/recipe.mjs', good);
  assert.equal(code, 0);
  assert.match(stdout, /\nStatus: failed\nTask finished with status: failed\n$/);
});

test('"Complete Workflow Example" submits, looks twice, lists and clears', () => {
  project.run('offstage', ['background', 'clear']);
  const newest = '$(offstage background list --json | jq -r ".tasks[0].task_id")';
  // Thirty seconds are, for this recipe, simply long enough.
  const sleep = `[ "$1" = 30 ] && exec offstage background wait ${newest} --timeout 60 >/dev/null`;
  const { code, stdout, stderr } = run(documented('workflow.sh').replaceAll('task_abc123', newest), sleep);
  assert.equal(code, 0, stderr);
  const [first = '', ...rest] = stdout.split('\n');
  const submitted = JSON.parse(first);
  assert.equal(submitted.ok, true);
  assert.equal(submitted.recipe, 'news-monitor');
  assert.match(submitted.session_id, /^session_[0-9a-f]{8}$/);
  assert.match(submitted.task_id, /^task_[0-9a-f]{32}$/);
  const text = rest.join('\n');
  assert.match(text, new RegExp(`^Task: ${submitted.task_id}\\nStatus: (pending|running|completed)`));
  const second = text.indexOf(`Task: ${submitted.task_id}`, 10);
  assert.ok(second > 0, 'the second status is missing');
  assert.match(text.slice(second), /^Task: \w+\nStatus: completed/);
  assert.match(text.slice(second), /Recipe: news-monitor\nSession: session_/);
  assert.match(text, /╭─ Background Tasks ─+╮\n│ {2}✅ \[[0-9a-f]{8}\] news-monitor - completed/);
  const left = JSON.parse(project.run('offstage', ['background', 'list', '--json']).stdout);
  assert.equal(left.total, 0);
});
