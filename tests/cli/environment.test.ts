import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Loopback } from '../js/notify/loopback.js';
import { type Ended, Spoken } from './process.js';
import { BIN, type Doc, gone, kill, Scene } from './scene.js';

const LIMIT = { timeout: 120_000 };
const NEEDS_KEY = 'requires: { env: [API_KEY] }\n';
/** What it gives tells who ran it, and is not the value: that would be masked. */
const KEYED = `import { createHash } from 'node:crypto';
  const seen = () => createHash('sha256').update(process.env.API_KEY ?? '').digest('hex');`;

const digestOf = (value: string): string => createHash('sha256').update(value).digest('hex');

/** A shell: the CLI with variables of its own. */
class Shell {
  readonly #scene: Scene;
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;

  constructor(scene: Scene, env: Record<string, string>, cwd = scene.folder) {
    this.#scene = scene;
    this.env = { ...scene.project.env, ...env };
    this.cwd = cwd;
  }

  cli(...args: string[]): Promise<Doc> {
    return new Promise((resolve, reject) => {
      const how = { cwd: this.cwd, env: this.env };
      execFile(process.execPath, [BIN, 'background', ...args, '--json'], how, (error, stdout, stderr) => {
        try {
          resolve({ ...JSON.parse(stdout), exit: Number(error?.code ?? 0) });
        } catch {
          reject(new Error(`no document: ${stdout}${stderr}`));
        }
      });
    });
  }

  async submit(recipe: string, ...flags: string[]): Promise<string> {
    const doc = await this.cli('submit', '--recipe', recipe, ...flags);
    assert.ok(doc.ok, JSON.stringify(doc));
    return doc.task_id;
  }

  async result(id: string): Promise<unknown> {
    const { status, result, error } = await this.cli('wait', id, '--timeout', '60');
    assert.equal(status, 'completed', JSON.stringify(error));
    return result;
  }

  /** The CLI, to be read while it runs. */
  speak(t: TestContext, ...args: string[]): Spoken {
    return new Spoken(t, spawn(process.execPath, [BIN, 'background', ...args], { cwd: this.cwd, env: this.env }));
  }

  get scene(): Scene {
    return this.#scene;
  }
}

function keyed(t: TestContext): Scene {
  const scene = new Scene(t);
  scene.project.addRecipe('keyed', `${KEYED} export default () => seen();`, NEEDS_KEY);
  scene.project.addRecipe(
    'asking',
    `${KEYED} export default async (_, ctx) => { await ctx.requestInput({ key: 'go', message: 'go?' }); return seen(); };`,
    NEEDS_KEY,
  );
  return scene;
}

const notes = (scene: Scene, id: string): string[] =>
  scene
    .sql<{ data: string }>(
      "SELECT data FROM events e JOIN tasks t ON t.seq = e.task WHERE t.id = ? AND e.kind = 'log' ORDER BY e.seq",
      id,
    )
    .map(({ data }) => JSON.parse(data).line as string)
    .filter((line) => line.startsWith('environment: '));

/** Every file of the store but the key. */
function storedText(scene: Scene): string {
  const folder = join(scene.folder, '.offstage');
  const files = readdirSync(folder).filter((name) => name !== 'env.key' && statSync(join(folder, name)).isFile());
  return files.map((name) => readFileSync(join(folder, name), 'latin1')).join('\n');
}

/** Submits while the worker, which has the values, is stopped, and kills it: then nobody has them. */
async function stranded(shell: Shell, ...submits: string[][]): Promise<string[]> {
  const { scene } = shell;
  if (scene.project.workers().length === 0) await shell.result(await shell.submit('keyed'));
  const workers = scene.project.workers();
  for (const pid of workers) await scene.pause(pid);
  const ids = [];
  for (const flags of submits) ids.push(await shell.submit('keyed', ...flags));
  for (const pid of workers) kill(pid);
  for (const pid of workers) await gone(pid);
  return ids;
}

test('twenty shells: one worker, five at a time, each task with the values of its own', LIMIT, async (t) => {
  const scene = keyed(t);
  scene.project.addRecipe(
    'slow',
    `${KEYED} export default async () => { await new Promise((r) => setTimeout(r, 50)); return [seen(), process.env.PATH]; };`,
    NEEDS_KEY,
  );
  const shells = Array.from({ length: 20 }, (_, n) => {
    const PATH = `${scene.folder}/bin${n}:${process.env.PATH}`;
    return new Shell(scene, { API_KEY: `canary-value-${n}`, PATH });
  });
  const ids = await Promise.all(shells.map((shell) => shell.submit('slow')));
  for (const [n, id] of ids.entries()) {
    const shell = shells[n] as Shell;
    assert.deepEqual(await shell.result(id), [digestOf(`canary-value-${n}`), shell.env.PATH]);
  }
  assert.equal(scene.project.workers().length, 1);
  const { tasks } = (await scene.cli('list', '--page-size', '50')) as unknown as { tasks: Doc[] };
  const moments = tasks.flatMap(({ started_at, completed_at }) => [
    { at: Date.parse(started_at ?? ''), more: 1 },
    { at: Date.parse(completed_at ?? ''), more: -1 },
  ]);
  moments.sort((a, b) => a.at - b.at || a.more - b.more);
  let running = 0;
  const most = Math.max(...moments.map(({ more }) => (running += more)));
  assert.ok(most <= 5, `${most} ran at once`);
  assert.doesNotMatch(storedText(scene), /canary-value/);
  const socket = readdirSync(join(scene.folder, '.offstage')).find((name) => name.endsWith('.sock')) ?? '';
  assert.equal(statSync(join(scene.folder, '.offstage', socket)).mode & 0o777, 0o600);
});

test('npx from two folders: one worker, each with the PATH that npx made', LIMIT, async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe('path', 'export default () => [process.env.PATH, process.env.npm_package_name ?? null];');
  const shells = ['one', 'two'].map((name) => {
    const folder = scene.file(name);
    mkdirSync(folder);
    const env = {
      PATH: `${folder}/node_modules/.bin:${process.env.PATH}`,
      npm_package_name: name,
      npm_config_local_prefix: folder,
      INIT_CWD: folder,
    };
    return new Shell(scene, env, folder);
  });
  for (const shell of shells) {
    const id = await shell.submit('path', '--store', scene.project.store);
    const { result } = await shell.cli('wait', id, '--store', scene.project.store);
    assert.deepEqual(result, [shell.env.PATH, null]);
  }
  assert.equal(scene.project.workers().length, 1);
});

test('a key rotated while five wait: retry and respond bind anew, waiting does not', LIMIT, async (t) => {
  const scene = keyed(t);
  const old = new Shell(scene, { API_KEY: 'canary-old-key' });
  const fresh = new Shell(scene, { API_KEY: 'canary-new-key' });
  const asking = await Promise.all([old.submit('asking'), old.submit('asking')]);
  for (const id of asking) await old.scene.until(async () => (await scene.status(id)).status === 'input_required');
  const [first = '', second = '', third = ''] = await stranded(old, [], [], []);

  const waiting = await fresh.cli('wait', first, '--timeout', '2');
  assert.equal(waiting.status, 'pending', 'nothing runs with the values of somebody else');
  assert.deepEqual(scene.project.workers(), []);
  for (const id of [first, second]) {
    const again = await fresh.cli('retry', id);
    assert.equal(await fresh.result(again.task_id), digestOf('canary-new-key'));
    assert.deepEqual(notes(scene, again.task_id), [
      'environment: API_KEY bound anew, to what whoever asked for this run has',
    ]);
  }
  for (const id of asking) {
    await fresh.cli('respond', id, 'go', '--accept', 'true');
    assert.equal(await fresh.result(id), digestOf('canary-new-key'));
    assert.equal(notes(scene, id).length, 1);
  }
  assert.equal((await scene.status(third)).status, 'pending', 'who was not asked for keeps what it was bound to');
  assert.equal(await old.result(third), digestOf('canary-old-key'));
  assert.deepEqual(notes(scene, third), []);
  const ended = await fresh.cli('retry', third);
  assert.equal(ended.retried_from, third);
  assert.equal(await fresh.result(ended.task_id), digestOf('canary-new-key'));
  assert.doesNotMatch(storedText(scene), /canary-(old|new)-key/);
});

test('no_worker names what is missing, in every answer and to who waits', LIMIT, async (t) => {
  const scene = keyed(t);
  const shell = new Shell(scene, { API_KEY: 'canary-of-the-shell' });
  const [id = ''] = await stranded(shell, ['--key', 'once']);
  assert.ok((await scene.status(id)).task_status.signals.includes('no_worker'));
  const { warnings = [], unheld_env } = await scene.status(id);
  assert.match(String(warnings[0]), /no living worker has API_KEY as submitted/);
  assert.deepEqual(unheld_env, ['API_KEY']);
  const { stdout } = await scene.project.run('background', 'status', id);
  assert.match(stdout, /^Warning: .*API_KEY/m);
  assert.match(stdout, /^Next: .*background worker --any-env$/m);

  const other = new Shell(scene, { API_KEY: 'canary-of-another' });
  const submitted = other.speak(t, 'submit', '--recipe', 'keyed', '--key', 'once', '--wait');
  const begun = performance.now();
  await submitted.prints(({ stderr }) => /warning: .*API_KEY/.test(stderr));
  assert.ok(performance.now() - begun < 10_000, 'its bound is 2 s, and that of a process which starts');
  const said = submitted.ended;
  assert.equal(
    await shell.result(id),
    digestOf('canary-of-the-shell'),
    'who has the values hands them over by waiting',
  );
  assert.equal(((await said) as Ended).code, 0);
});

test('--any-env takes by name what nobody has the values for, and says so', LIMIT, async (t) => {
  const scene = keyed(t);
  const shell = new Shell(scene, { API_KEY: 'canary-of-the-shell' });
  const [id = ''] = await stranded(shell, []);
  new Shell(scene, { API_KEY: 'canary-of-the-service' }).speak(t, 'worker', '--any-env', '--exit-when-idle', '30');
  await scene.until(async () => (await scene.status(id)).status === 'completed');
  assert.equal((await scene.status(id)).result, digestOf('canary-of-the-service'));
  assert.match(notes(scene, id)[0] ?? '', /API_KEY is the worker's own, taken by name: .*--any-env/);
  const { created_at, started_at } = await scene.status(id);
  const stood = Date.parse(started_at ?? '') - Date.parse(created_at);
  assert.ok(stood >= 10_000, `taken after ${stood} ms`);
});

test('loaders in NODE_OPTIONS reach children, and recipes do not see them', LIMIT, async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe(
    'loaded',
    'export default () => [globalThis.loaded ?? null, process.env.NODE_OPTIONS ?? null];',
  );
  writeFileSync(scene.file('loader.cjs'), 'globalThis.loaded = "by the loader";');
  const plain = new Shell(scene, {});
  assert.deepEqual(await plain.result(await plain.submit('loaded')), [null, null]);
  const pnp = new Shell(scene, { NODE_OPTIONS: `--require ${scene.file('loader.cjs')} --max-http-header-size=9000` });
  assert.deepEqual(await pnp.result(await pnp.submit('loaded')), ['by the loader', null]);
  assert.deepEqual(await plain.result(await plain.submit('loaded')), [null, null]);
  assert.equal(scene.project.workers().length, 1);
});

test('inherit: what Node reads at its start holds, each submit with its own', LIMIT, async (t) => {
  const scene = new Scene(t);
  const heap = `import v8 from 'node:v8';
    export default () => ({ mb: v8.getHeapStatistics().heap_size_limit / 2 ** 20, env: process.env });`;
  scene.project.addRecipe('heap', heap, 'runtime: { env: inherit }\n');
  for (const size of ['300', '400']) {
    const NODE_OPTIONS = `--max-old-space-size=${size}`;
    const shell = new Shell(scene, {
      NODE_OPTIONS,
      OTHER: size,
      TERM: 'x',
      npm_command: 'exec',
      PWD: '/',
      OFFSTAGE_TOKEN: 't',
    });
    const { mb, env } = (await shell.result(await shell.submit('heap'))) as { mb: number; env: Record<string, string> };
    assert.ok(mb >= Number(size) && mb < Number(size) + 90, `${mb} MB`);
    assert.deepEqual([env.NODE_OPTIONS, env.OTHER], [NODE_OPTIONS, size]);
    const ours = Object.keys(env).filter((name) => /^(TERM|npm_.*|PWD|OFFSTAGE_.*)$/.test(name));
    assert.deepEqual(ours, ['OFFSTAGE_GROUP']);
  }
  assert.equal(scene.project.workers().length, 1);
});

test('tasks of a task have its environment: what it was given, else all only where all is known', LIMIT, async (t) => {
  const scene = keyed(t);
  scene.project.addRecipe(
    'other',
    `${KEYED} export default () => [seen(), process.env.OTHER.length];`,
    'requires: { env: [OTHER] }\n',
  );
  const parent = `export default async ({ child }, { submit }) => {
    try { return await (await submit(child)).wait(); } catch ({ code, message }) { return { code, message }; } };`;
  scene.project.addRecipe('parent', parent, NEEDS_KEY);
  const run = async (shell: Shell, child: string) =>
    shell.result(await shell.submit('parent', '--input', JSON.stringify({ child })));
  const first = new Shell(scene, { API_KEY: 'canary-of-first', OTHER: '12345' });
  const second = new Shell(scene, { API_KEY: 'canary-of-second', OTHER: '1234567' });
  assert.equal(await run(first, 'keyed'), digestOf('canary-of-first'));
  assert.equal(await run(second, 'keyed'), digestOf('canary-of-second'));
  assert.deepEqual(await run(first, 'other'), [digestOf(''), 5], 'the worker has all of its environment');
  const refused = (await run(second, 'other')) as { code: string; message: string };
  assert.deepEqual(refused.code, 'missing_dependency', 'never the value of somebody else');
  assert.match(refused.message, /env OTHER/);
  assert.equal(scene.project.workers().length, 1);
});

test('what goes by names runs with the environment of its worker', LIMIT, async (t) => {
  const scene = keyed(t);
  scene.project.addRecipe('path', 'export default () => process.env.PATH;');
  const submitter = new Shell(scene, { API_KEY: 'canary-of-submitter', PATH: `/submitter:${process.env.PATH}` });
  const ids = [await submitter.submit('keyed', '--no-worker'), await submitter.submit('path', '--no-worker')];
  const service = new Shell(scene, { API_KEY: 'canary-of-service', PATH: `/service:${process.env.PATH}` });
  service.speak(t, 'worker');
  const [key, path] = [await service.result(ids[0] ?? ''), await service.result(ids[1] ?? '')];
  assert.deepEqual([key, path], [digestOf('canary-of-service'), service.env.PATH]);
});

test(
  'a worker that lacks what a channel needs is handed it and tells; the recipe does not get it',
  LIMIT,
  async (t) => {
    const scene = keyed(t);
    scene.project.addRecipe('plain', "export default () => process.env.OPS_SECRET ?? 'none';");
    const server = await Loopback.start(t);
    const ops = { type: 'webhook', url: `${server.url}/hook`, secretEnv: 'OPS_SECRET', allowPrivate: true };
    writeFileSync(scene.file('offstage.config.json'), JSON.stringify({ channels: { ops } }));
    const first = new Shell(scene, { API_KEY: 'canary-of-the-first' });
    await first.result(await first.submit('keyed'));
    const [worker] = scene.project.workers();

    const secret = Buffer.from('canary-of-the-channel').toString('base64');
    const shell = new Shell(scene, { OPS_SECRET: `whsec_${secret}` });
    const id = await shell.submit('plain', '--deliver-to', 'ops');
    assert.equal(await shell.result(id), 'none');
    await scene.until(async () => server.received.length > 0);
    assert.match(String(server.received[0]?.headers['webhook-signature']), /^v1,/);
    assert.deepEqual(scene.project.workers(), [worker], 'told by the worker that had been started without it');
    assert.ok(!storedText(scene).includes(secret));
  },
);
