// What telemetry costs: processor time a task of an app that runs its own code over a store, main thread and store together,
// without hooks, with those of offstage/otel while nobody has registered a provider, and with one whose spans go nowhere.
// In turns; each round is a process of its own. Needs @opentelemetry/api and sdk-trace-base, which `npm ci` brings.
// Usage: npm run build && node bench/telemetry.mjs [rounds] [tasks]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const WAYS = ['without hooks', 'otel(), no provider', 'otel(), a provider'];
const IN_FLIGHT = 64;
const WARM_UP = 500;

/** Prints microseconds of processor a task. */
async function one(way, tasks) {
  const { defineRecipe, openBackground } = await import('../dist/index.js');
  const hooks = [];
  if (way !== WAYS[0]) hooks.push((await import('../dist/otel.js')).otel());
  if (way === WAYS[2]) {
    const { trace } = await import('@opentelemetry/api');
    const { BasicTracerProvider } = await import('@opentelemetry/sdk-trace-base');
    trace.setGlobalTracerProvider(new BasicTracerProvider());
  }
  const folder = mkdtempSync(join(tmpdir(), 'offstage-telemetry-'));
  const background = await openBackground(join(folder, 'tasks.db'), { hooks });
  const job = defineRecipe({ name: 'job', run: (input) => ({ length: input.length }) });
  await background.work({ recipes: [job], concurrency: IN_FLIGHT, folders: false });
  const input = 'x'.repeat(1022);
  const flow = async (count) => {
    let left = count;
    const lane = async () => {
      while (left-- > 0) await (await background.submit({ recipe: job, input })).wait();
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  };
  await flow(WARM_UP);
  const before = process.cpuUsage();
  await flow(tasks);
  const { user, system } = process.cpuUsage(before);
  console.log((user + system) / tasks);
  await background.close();
  rmSync(folder, { recursive: true, force: true });
}

const middle = (all) => [...all].sort((a, b) => a - b)[Math.floor(all.length / 2)];

function main(rounds, tasks) {
  const seen = new Map(WAYS.map((way) => [way, []]));
  for (let round = 0; round < rounds; round++) {
    for (const way of WAYS) {
      const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), '--one', way, String(tasks)], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      if (child.status !== 0) throw new Error(`${way}: ended with ${child.status}`);
      seen.get(way).push(Number(child.stdout));
    }
  }
  for (const [way, all] of seen) {
    const [least, most] = [Math.min(...all), Math.max(...all)].map((one) => one.toFixed(0));
    console.log(
      `${way.padEnd(22)} ${middle(all).toFixed(0)} us a task (${least} to ${most}, ${rounds} rounds of ${tasks})`,
    );
  }
}

const [first = '5', second = '3000', third = '3000'] = process.argv.slice(2);
if (first === '--one') await one(second, Number(third));
else main(Number(first), Number(second));
