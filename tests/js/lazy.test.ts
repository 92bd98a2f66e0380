import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { ROOT } from './root.ts';

const PROBE = fileURLToPath(new URL('./lazy-probe.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'offstage-lazy-'));
after(() => rmSync(folder, { recursive: true, force: true }));

/** What importing a module did besides loading code; the process must also end by itself. */
function effectsOf(path: string): string[] {
  const child = spawnSync(process.execPath, [PROBE, pathToFileURL(path).href], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
    env: { PATH: process.env.PATH ?? '', HOME: folder },
  });
  assert.equal(child.stderr, '');
  assert.equal(child.status, 0, `ended by ${child.signal ?? child.status}`);
  return JSON.parse(child.stdout) as string[];
}

test('importing the package opens no file, starts no timer, process or thread and instantiates no wasm', () => {
  const before = readdirSync(folder);
  assert.deepEqual(effectsOf(join(ROOT, 'dist', 'index.js')), []);
  assert.deepEqual(readdirSync(folder), before, 'nothing was written to the working directory or the home folder');
});

/** Runs code in a process of its own and answers with what it prints as JSON. */
function told(code: string): unknown {
  const path = join(folder, 'told.mjs');
  writeFileSync(path, code);
  const child = spawnSync(process.execPath, [path], { cwd: ROOT, encoding: 'utf8', timeout: 60_000 });
  assert.deepEqual([child.status, child.stderr], [0, '']);
  return JSON.parse(child.stdout);
}

const INDEX = JSON.stringify(pathToFileURL(join(ROOT, 'dist', 'index.js')).href);

test('the thread pool is loaded by the first submitThread, not by a runner', () => {
  const code = `
    import { createRequire } from 'node:module';
    const loaded = () => Object.keys(createRequire(import.meta.url).cache).some((path) => /[/]piscina[/]/.test(path));
    const { BackgroundRunner } = await import(${INDEX});
    const seen = [loaded()];
    const runner = new BackgroundRunner();
    await runner.submit(() => 1).wait();
    seen.push(loaded());
    const task = runner.submitThread('data:text/javascript,export default () => 1');
    seen.push(loaded(), await task.wait());
    await runner.stop();
    console.log(JSON.stringify(seen));`;
  assert.deepEqual(told(code), [false, false, true, 1]);
});

test('a runner reads the wasm of the runner and no other, when the first one is made', () => {
  const code = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    const { readFileSync } = fs;
    const seen = [];
    fs.readFileSync = (path, ...rest) => {
      if (/wasm$/.test(String(path))) seen.push(String(path).split('/').at(-1));
      return readFileSync(path, ...rest);
    };
    syncBuiltinESMExports();
    const { BackgroundRunner, BackgroundJobManager } = await import(${INDEX});
    seen.push('imported');
    new BackgroundRunner();
    await new BackgroundJobManager().runOrBackground(() => 1);
    console.log(JSON.stringify(seen));`;
  assert.deepEqual(told(code), ['imported', 'offstage_runner_bg.wasm']);
});

const PLANTS: [string, string, RegExp][] = [
  [
    'reads a file',
    "import { readFileSync } from 'node:fs'; readFileSync('/etc/passwd');",
    /fs\.readFileSync\(\/etc\/passwd/,
  ],
  ['opens a file', "import fs from 'node:fs'; fs.closeSync(fs.openSync('/etc/passwd'));", /fs\.openSync/],
  [
    'reads a file later',
    "import { readFile } from 'node:fs/promises'; await readFile('/etc/passwd');",
    /fs\.promises\.readFile/,
  ],
  ['reads a wasm file', "import fs from 'node:fs'; try { fs.readFileSync('x.wasm'); } catch {}", /x\.wasm/],
  ['starts a timer that is dropped', 'clearTimeout(setTimeout(() => {}, 1));', /global\.setTimeout/],
  [
    'starts an interval',
    "import { setInterval } from 'node:timers'; setInterval(() => {}, 1e6).unref();",
    /timers\.setInterval/,
  ],
  [
    'instantiates wasm',
    'new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));',
    /new WebAssembly\.Module/,
  ],
  [
    'compiles wasm',
    'await WebAssembly.compile(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0]));',
    /WebAssembly\.compile/,
  ],
  [
    'starts a thread',
    "import { Worker } from 'node:worker_threads'; await new Worker('', { eval: true }).terminate();",
    /new worker_threads\.Worker/,
  ],
  [
    'starts a process',
    "import { spawnSync } from 'node:child_process'; spawnSync('true');",
    /child_process\.spawnSync/,
  ],
  ['listens to the process', "process.once('exit', () => {});", /process\.once\(exit/],
  [
    'leaves a handle',
    "import { createServer } from 'node:net'; createServer().listen(0).unref();",
    /handle: TCPSERVERWRAP/,
  ],
  ['keeps the process alive for a while', 'setTimeout(() => {}, 50);', /active resources/],
  ['makes a global', 'globalThis.planted = 1;', /a new global name/],
];

for (const [what, text, expected] of PLANTS) {
  test(`the probe sees a module that ${what}`, () => {
    const path = join(folder, 'planted.mjs');
    writeFileSync(path, text);
    const effects = effectsOf(path);
    assert.ok(
      effects.some((line) => expected.test(line)),
      `seen: ${JSON.stringify(effects)}`,
    );
  });
}

test('the probe is silent about a module that only loads code', () => {
  const path = join(folder, 'silent.mjs');
  writeFileSync(path, "import 'node:fs'; import { posix } from 'node:path'; export const x = posix.sep;");
  assert.deepEqual(effectsOf(path), []);
});
