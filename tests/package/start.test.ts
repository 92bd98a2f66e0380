/** What an installed command costs, and what it says where SQLite is missing. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { Project } from './tarball.ts';

let project: Project;
before(() => {
  project = new Project();
});
after(() => project?.remove());

const ROUNDS = 20;

/** The least that each of two programs takes, in milliseconds; run in turns, so that a busy moment meets both. */
function interleaved(first: string[], second: string[], env: NodeJS.ProcessEnv): [number, number] {
  const timed = (args: string[]) => {
    const started = performance.now();
    const { status, stderr } = spawnSync(process.execPath, args, { cwd: project.folder, env, encoding: 'utf8' });
    const took = performance.now() - started;
    assert.equal(status, 0, stderr);
    return took;
  };
  const least: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < ROUNDS; round += 1) {
    least[0] = Math.min(least[0], timed(first));
    least[1] = Math.min(least[1], timed(second));
  }
  return least;
}

// The gate is for the environment that the tests run in. What Node itself takes to start depends on it: a file of extra
// certificates (NODE_EXTRA_CA_CERTS) more than doubles it. So the ratio in a bare environment is reported beside it.
test('`background status --json` takes at most 1.8 times what an empty Node program takes', (t) => {
  const submitted = project.run('offstage', ['background', 'submit', '--recipe', 'my-recipe', '--wait', '--json']);
  const bin = join(project.folder, 'node_modules', 'offstage', 'cli', 'bin.js');
  const status = [bin, 'background', 'status', JSON.parse(submitted.stdout).task_id, '--json'];
  const ratio = (where: string, env: NodeJS.ProcessEnv) => {
    const [empty, command] = interleaved(['-e', '0'], status, env);
    t.diagnostic(`${where}: ${command.toFixed(1)} ms against ${empty.toFixed(1)} ms: ${(command / empty).toFixed(2)}`);
    return command / empty;
  };
  ratio('bare environment', project.env);
  const here = ratio('this environment', process.env);
  assert.ok(here <= 1.8, `${here.toFixed(2)} times`);
});

const builtin = process.getBuiltinModule?.('node:sqlite') !== undefined;
test('without SQLite the first error is the exact install line', { skip: builtin && 'this Node has SQLite' }, () => {
  const bare = new Project({ peer: false });
  try {
    const submit = ['background', 'submit', '--recipe', 'my-recipe'];
    const { code, stdout, stderr } = bare.run('offstage', submit);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /npm install @photostructure\/sqlite@1/);
    const json = bare.run('offstage', [...submit, '--json']);
    assert.equal(json.code, 1);
    const { ok, code: reason, error } = JSON.parse(json.stdout);
    assert.deepEqual([ok, reason], [false, 'store']);
    assert.match(error, /npm install @photostructure\/sqlite@1/);
  } finally {
    bare.remove();
  }
});
