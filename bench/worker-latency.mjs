// Latencies between processes, with one detached worker: from the acknowledged submit to user code (in a child that ran the
// recipe before, and in the spare child for a recipe that is new to it), and from the acknowledged cancel to the abort event
// while 8 tasks run. Usage: npm run build && node bench/worker-latency.mjs [samples]
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { openVerbs } from '../dist/client/index.js';

const samples = Number(process.argv[2] ?? 200);
const folder = mkdtempSync(join(tmpdir(), 'offstage-bench-'));
const wall = () => performance.timeOrigin + performance.now();

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

function addRecipe(name, source) {
  mkdirSync(join(folder, 'recipes', name), { recursive: true });
  writeFileSync(join(folder, 'recipes', name, 'TEMPLATE.yaml'), `description: ${name}\n`);
  writeFileSync(join(folder, 'recipes', name, 'recipe.mjs'), source);
}

function row(what, values) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))].toFixed(1).padStart(6);
  console.log(`${what.padEnd(58)} ${at(0.5)} ms median ${at(0.99)} ms 99 %  (${sorted.length} samples)`);
}

/** Milliseconds from the acknowledgement to the first line of the recipe. */
async function toUserCode(verbs, recipe) {
  const [task] = await verbs.submit([{ recipe }]);
  const acknowledged = wall();
  const { task: ended } = await verbs.wait(task.task_id);
  return ended.result - acknowledged;
}

async function toAbort(verbs, n) {
  const file = join(folder, `abort-${n}`);
  const [task] = await verbs.submit([{ recipe: 'cancel', input: { file } }]);
  while ((await verbs.get(task.task_id)).progress !== 0.5) await new Promise(setImmediate);
  await verbs.cancel(task.task_id);
  const acknowledged = wall();
  await verbs.cancel(task.task_id, { stopped: true });
  return Number(readFileSync(file, 'utf8')) - acknowledged;
}

writeFileSync(join(folder, 'package.json'), '{}');
writeFileSync(join(folder, 'offstage.config.json'), JSON.stringify({ background: { maxConcurrentTasks: 10 } }));
addRecipe('stamp', STAMP);
addRecipe('cancel', CANCEL);
const env = { PATH: process.env.PATH, HOME: folder, OFFSTAGE_WORKER_IDLE: '2' };
const verbs = await openVerbs({ cwd: folder, home: folder, env, mount: 'thread' });
try {
  console.log(`node ${process.version}, ${cpus().length} × ${cpus()[0]?.model}`);
  await toUserCode(verbs, 'stamp'); // starts the worker
  const warm = [];
  for (let n = 0; n < samples; n++) warm.push(await toUserCode(verbs, 'stamp'));
  row('submit acknowledged → user code, child used before', warm);
  const fresh = [];
  for (let n = 0; n < Math.min(samples, 50); n++) {
    addRecipe(`fresh-${n}`, STAMP);
    await new Promise((resolve) => setTimeout(resolve, 200)); // the next spare child gets the time to start
    fresh.push(await toUserCode(verbs, `fresh-${n}`));
  }
  row('submit acknowledged → user code, spare child, new recipe', fresh);
  const others = await verbs.submit(
    Array.from({ length: 7 }, (_, n) => ({ recipe: 'cancel', input: { file: join(folder, `other-${n}`) } })),
  );
  const aborts = [];
  for (let n = 0; n < Math.min(samples, 50); n++) aborts.push(await toAbort(verbs, n));
  row('cancel acknowledged → abort event in the child, 8 running', aborts);
  for (const { task_id } of others) await verbs.cancel(task_id, { stopped: true });
} finally {
  await verbs.clear({ all: true });
  await verbs.close();
  rmSync(folder, { recursive: true, force: true });
}
