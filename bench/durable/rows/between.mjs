/** From one process to another: from an acknowledged submit to the first line of user code, from a cancel to its abort event. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { entry } from '../peers/offstage.mjs';
import { addRecipe, openProject, wall } from '../project.mjs';
import { percentile } from './alone.mjs';

const other = fileURLToPath(new URL('../other.mjs', import.meta.url));
const WARM = 20;
const SAMPLES = 200;
const NEW_RECIPES = 20;
const CANCELS = 50;
const RUNNING = 8;
/** The next spare child gets the time to start. */
const SPARE_MS = 200;

const STAMP = 'export default () => performance.timeOrigin + performance.now();';
const CANCEL = `import { writeFileSync } from 'node:fs';
export default (input, ctx) => new Promise((resolve, reject) => {
  const timer = setInterval(() => {}, 1000);
  ctx.signal.addEventListener('abort', () => {
    writeFileSync(input.file, String(performance.timeOrigin + performance.now()));
    clearInterval(timer);
    reject(ctx.signal.reason);
  });
  ctx.progress(0.5);
});`;

/** Milliseconds from the acknowledgement to the code, which answers when it began; 0 where it was sooner. */
async function toCode(client, recipe) {
  const task = await client.submit({ recipe });
  const acknowledged = wall();
  return Math.max(0, (await task.wait()) - acknowledged);
}

async function samples(count, measure) {
  const times = [];
  for (let n = 0; n < count; n++) times.push(await measure(n));
  return times;
}

const spread = (key, times) => ({ [`${key}.p50`]: percentile(times, 0.5), [`${key}.p99`]: percentile(times, 0.99) });

/** A recipe in code that a living worker in another process serves. */
async function code() {
  const worker = spawn(process.execPath, [other], { stdio: ['pipe', 'pipe', 'inherit'] });
  await once(worker.stdout, 'data');
  const { defineRecipe, openBackground } = await import(entry);
  const recipe = defineRecipe({ name: 'stamp', run: wall });
  const client = await openBackground(join('.offstage', 'tasks.db'), { worker: 'none' });
  await samples(WARM, () => toCode(client, recipe));
  const times = await samples(SAMPLES, () => toCode(client, recipe));
  await client.close();
  worker.stdin.end();
  await once(worker, 'exit');
  return spread('between.code', times);
}

async function folder() {
  const { client, close } = await openProject();
  addRecipe('stamp', STAMP);
  await samples(WARM, () => toCode(client, 'stamp'));
  const warm = await samples(SAMPLES, () => toCode(client, 'stamp'));
  const spare = await samples(NEW_RECIPES, async (n) => {
    addRecipe(`new-${n}`, STAMP);
    await new Promise((done) => setTimeout(done, SPARE_MS));
    return toCode(client, `new-${n}`);
  });
  await close();
  return { ...spread('between.warm', warm), 'between.spare.p50': percentile(spare, 0.5) };
}

async function start(client, file) {
  const task = await client.submit({ recipe: 'cancel', input: { file: resolve(file) } });
  for await (const event of task.events({ follow: true })) if (event.kind === 'progress') break;
  return task;
}

async function toAbort(client, n) {
  const file = `abort-${n}`;
  const task = await start(client, file);
  await task.cancel();
  const acknowledged = wall();
  await task.cancel(undefined, { stopped: true });
  return Math.max(0, Number(readFileSync(file, 'utf8')) - acknowledged);
}

async function cancel() {
  const { client, close } = await openProject(RUNNING + 2);
  addRecipe('cancel', CANCEL);
  const others = await samples(RUNNING - 1, (n) => start(client, `other-${n}`));
  await toAbort(client, 'first');
  const times = await samples(CANCELS, (n) => toAbort(client, n));
  for (const task of others) await task.cancel(undefined, { stopped: true });
  await close();
  return spread('between.cancel', times);
}

const CASES = { code, folder, cancel };

const both = (key) => [
  { line: `${key}.p50`, says: '5', limit: () => 5 },
  { line: `${key}.p99`, says: '30', limit: () => 30 },
];

export const row = {
  id: 'between',
  cases: Object.keys(CASES),
  able: (peer) => peer.folders === true,
  measure: (_peer, kind) => CASES[kind](),
  lines: [
    { key: 'between.code.p50', title: 'submit → code of a worker in another process: half', unit: 'ms' },
    { key: 'between.code.p99', title: '… 99 % within', unit: 'ms' },
    { key: 'between.warm.p50', title: 'submit → folder recipe, child used before: half', unit: 'ms' },
    { key: 'between.warm.p99', title: '… 99 % within', unit: 'ms' },
    { key: 'between.spare.p50', title: 'submit → folder recipe, new to the spare child: half', unit: 'ms' },
    { key: 'between.cancel.p50', title: 'cancel → abort event in the child, 8 running: half', unit: 'ms' },
    { key: 'between.cancel.p99', title: '… 99 % within', unit: 'ms' },
  ],
  gates: [...both('between.code'), ...both('between.cancel')],
  notes: [
    'between: from the acknowledgement, that is after the commit; 200 samples, of new recipes 20, of cancels 50.',
  ],
};
