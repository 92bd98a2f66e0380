/** Where nobody asks for OpenTelemetry nothing of it is looked for, in no process of a task's life. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import type { Project } from '../js/client/project.js';
import { set } from './agents-stage.js';
import { Spoken } from './process.js';
import { Scene } from './scene.js';

/** Has every process of the project write down what it is asked to load, and what that was found as. */
function recorded(t: TestContext): { scene: Scene; all(): { pid: string; asked: string }[] } {
  const scene = new Scene(t);
  const file = scene.file('loads.txt');
  writeFileSync(file, '');
  const say = `import { appendFileSync } from 'node:fs';
    const say = (text) => appendFileSync(${JSON.stringify(file)}, process.pid + ' ' + text + '\\n');`;
  const hooks = `${say}
    export async function resolve(specifier, context, next) {
      say(specifier);
      const found = await next(specifier, context);
      say(found.url);
      return found;
    }`;
  writeFileSync(
    scene.file('recorder.mjs'),
    `import Module, { register } from 'node:module';
    ${say}
    register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});
    const { _resolveFilename: find } = Module;
    Module._resolveFilename = (request, ...more) => (say(request), find(request, ...more));`,
  );
  set(scene, { NODE_OPTIONS: `--import ${pathToFileURL(scene.file('recorder.mjs')).href}` });
  const all = () =>
    readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => ({ pid: line.split(' ', 1)[0] ?? '', asked: line.slice(line.indexOf(' ') + 1) }));
  return { scene, all };
}

const isOfTelemetry = ({ asked }: { asked: string }): boolean => /opentelemetry|[/.]otel\b/.test(asked);

/** Runs code in a process of the project. */
async function run(t: TestContext, { folder, env }: Project, code: string): Promise<string> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', code], { cwd: folder, env });
  const { stdout, stderr, code: exit } = await new Spoken(t, child).ended;
  assert.equal(exit, 0, stderr);
  return stdout;
}

const FLAKY = `export default (input, ctx) => { if (ctx.attempt === 1) throw new Error('again'); return 'done'; };`;
const INDEX = JSON.stringify(import.meta.resolve('#offstage/index.js'));

/** A client that runs its own code, and reads the metrics. */
const APP = `import { defineRecipe, openBackground } from ${INDEX};
  const twice = defineRecipe({ name: 'twice', run: (_, ctx) => { if (ctx.attempt === 1) throw new Error('again'); return 2; } });
  const background = await openBackground();
  const trace = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' };
  const task = await background.submit({ recipe: twice, retries: 1, backoff: { initial: 0 }, trace });
  console.log(await task.wait(60), (await background.metrics()).includes('offstage_tasks_ended_total'));
  await background.close();`;

test('a client, a worker, a module’s child, a retry and metrics load nothing of it, and look for nothing', async (t) => {
  const { scene, all } = recorded(t);
  scene.project.addRecipe('flaky', FLAKY);
  const done = await scene.cli('submit', '--recipe', 'flaky', '--retries', '1', '--wait');
  assert.deepEqual([done.status, done.attempt], ['completed', 2], JSON.stringify(done.error));
  assert.equal(await run(t, scene.project, APP), '2 true\n');
  assert.match((await scene.project.run('metrics')).stdout, /^offstage_tasks_ended_total\{recipe="flaky"/m);
  const loads = all();
  const of = (file: RegExp) => new Set(loads.filter(({ asked }) => file.test(asked)).map(({ pid }) => pid));
  assert.ok(of(/client\/metrics\/metrics\.js$/).size >= 1, 'of who reads metrics');
  assert.ok(of(/client\/staff\/detached-worker\./).size >= 1, 'of the worker');
  assert.ok(of(/recipes\/flaky\/recipe\.mjs/).size >= 1, 'of the child');
  assert.ok(new Set(loads.map(({ pid }) => pid)).size >= 4, 'of four processes at least');
  t.diagnostic(`${loads.length} lines of ${new Set(loads.map(({ pid }) => pid)).size} processes`);
  assert.deepEqual(loads.filter(isOfTelemetry), []);
});

test('what looks for it finds it where it is asked for', async (t) => {
  const { scene, all } = recorded(t);
  await run(t, scene.project, `import ${JSON.stringify(import.meta.resolve('#offstage/otel.js'))};`);
  const found = all().filter(isOfTelemetry);
  assert.ok(found.some(({ asked }) => asked === '@opentelemetry/api'));
  assert.ok(found.some(({ asked }) => /hooks\/otel\/otel\.js$/.test(asked)));
});
