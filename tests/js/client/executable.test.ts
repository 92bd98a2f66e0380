/** Apps that are their own executable: nothing of ours starts them again in place of a worker. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ended, Spoken } from '../../cli/process.js';
import { Project } from './project.js';

const API = JSON.stringify(fileURLToPath(import.meta.resolve('#offstage/index.js')));

/** Before the app's own code: it notes that it was started. */
const HEAD = `import { appendFileSync } from 'node:fs';
  import { defineRecipe, openBackground, recipe } from ${API};
  appendFileSync('starts', process.argv.slice(2).join(' ') + '\\n');
  const said = (promise) => promise.catch((error) => ({ name: error.name, message: error.message, details: error.details }));
`;

const ELECTRON = `data:text/javascript,Object.defineProperty(process.versions, 'electron', { value: '40.0.0', enumerable: true })`;

class Apps extends Project {
  more: NodeJS.ProcessEnv = {};

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, ...this.more };
  }

  async app(t: TestContext, code: string): Promise<Ended & { starts: number; doc: unknown }> {
    writeFileSync(this.file('app.mjs'), HEAD + code);
    const [program, ...args] = this.runtime;
    const ended = await new Spoken(
      t,
      spawn(program, [...args, this.file('app.mjs')], { cwd: this.folder, env: this.env }),
    ).ended;
    const doc = ended.stdout === '' ? undefined : JSON.parse(ended.stdout);
    return { ...ended, doc, starts: this.starts() };
  }

  starts(): number {
    return existsSync(this.file('starts')) ? readFileSync(this.file('starts'), 'utf8').split('\n').length - 1 : 0;
  }
}

function electron(t: TestContext): Apps {
  const project = new Apps(t);
  project.more = { NODE_OPTIONS: `--import "${ELECTRON}"` };
  return project;
}

const SUBMITS = `const task = await recipe.runBackground('echo', { input: { value: 7 } });
  console.log(JSON.stringify(await said(task.wait(3))));
  process.exit();`;

test('Electron: no worker is started, and whoever submits and waits is told why, with the ways out', async (t) => {
  const { starts, doc, stderr } = await electron(t).app(t, SUBMITS);
  assert.equal(starts, 1);
  const { name, message } = doc as { name: string; message: string };
  assert.equal(name, 'TimeoutError');
  for (const text of [message, stderr]) {
    assert.match(text, /no worker could be started: this app is an Electron app, which would start itself again/);
    assert.match(text, /npx offstage background worker/);
  }
});

test('Electron: a worker that somebody else has started runs what the app submits, and nothing is complained of', async (t) => {
  const project = electron(t);
  const { more } = project;
  project.more = {};
  assert.equal(
    (await project.json('background', 'submit', '--recipe', 'echo', '--input', '{"value":1}', '--wait')).exit,
    0,
  );
  project.more = more;
  const { doc, stderr } = await project.app(t, SUBMITS);
  assert.deepEqual([doc, stderr], [7, '']);
});

test('Electron: recipes in code run in the app; a worker for folders in it is refused', async (t) => {
  const { starts, doc, stderr } = await electron(t).app(
    t,
    `const double = defineRecipe({ name: 'double', run: ({ n }) => n * 2 });
    const client = await openBackground(undefined, { worker: 'app' });
    const result = await (await client.submit({ recipe: double, input: { n: 21 } })).wait();
    const { name, message, details } = await said(client.work());
    console.log(JSON.stringify([result, name, message, details.reason]));
    await client.close();`,
  );
  const [result, name, message, reason] = doc as unknown[];
  assert.deepEqual([starts, result, name, reason, stderr], [1, 42, 'RecipePolicyError', 'executable', '']);
  assert.match(String(message), /a worker for recipes that are folders is refused: this app is an Electron app/);
});

test('Electron: in an app that is its own worker folders are warned of, not started', async (t) => {
  const { starts, stderr } = await electron(t).app(
    t,
    `const client = await openBackground(undefined, { worker: 'app' });
    await client.submit({ recipe: 'echo', input: { value: 7 } });
    console.log(JSON.stringify((await client.list()).counts.pending));
    await client.close();`,
  );
  assert.equal(starts, 1);
  assert.match(stderr, /no worker could be started: this app is an Electron app/);
});

test('Electron as Node: workers and their children are started, as Node too', async (t) => {
  const project = electron(t);
  project.addRecipe(
    'sees',
    'export default () => [process.versions.electron, process.env.OFFSTAGE_MEANT_AS_WORKER ?? null];',
  );
  project.more = { ...project.more, ELECTRON_RUN_AS_NODE: '1' };
  const { doc, stderr } = await project.app(
    t,
    `console.log(JSON.stringify(await said((await recipe.runBackground('sees')).wait(60)))); process.exit();`,
  );
  assert.deepEqual([doc, stderr], [['40.0.0', null], '']);
});

test('an executable that nobody knows, and that runs no scripts, starts itself once, not for ever', async (t) => {
  const project = new Apps(t);
  const program = project.file('own');
  writeFileSync(
    program,
    `#!/bin/sh\nexec ${process.execPath} --import "$(dirname "$0")/own.mjs" "$(dirname "$0")/app.mjs" "$@"\n`,
  );
  writeFileSync(project.file('own.mjs'), `process.execPath = ${JSON.stringify(program)};`);
  chmodSync(program, 0o755);
  project.runtime = [program];
  const { starts, stderr } = await project.app(
    t,
    SUBMITS.replace('wait(3)', 'wait(process.argv.length > 3 ? 0.1 : 5)'),
  );
  assert.equal(starts, 2, 'the app, and the one that was to be its worker');
  assert.match(stderr, /no worker could be started: it ended at once \(exit code 0\)/);
});
