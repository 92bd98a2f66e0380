/** 1,000 and 10,000 tasks submitted here by one call, run by a worker in another process, every one awaited here. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startMeter } from '../meter.mjs';
import { entry } from '../peers/offstage.mjs';
import { wall } from '../project.mjs';

const other = fileURLToPath(new URL('../other.mjs', import.meta.url));
const SIZES = { '1k': 1000, '10k': 10_000 };
const WARM = 200;
const WIDTH = 64;

async function run(client, recipe, count) {
  const handles = await client.submitMany(Array.from({ length: count }, () => ({ recipe })));
  await Promise.all(handles.map((handle) => handle.wait()));
}

export const row = {
  id: 'elsewhere',
  cases: Object.keys(SIZES),
  able: (peer) => peer.folders === true,
  async measure(_peer, size) {
    const worker = spawn(process.execPath, [other, String(WIDTH)], { stdio: ['pipe', 'pipe', 'inherit'] });
    await once(worker.stdout, 'data');
    const { defineRecipe, openBackground } = await import(entry);
    const recipe = defineRecipe({ name: 'stamp', run: wall });
    const client = await openBackground(join('.offstage', 'tasks.db'), { worker: 'none' });
    await run(client, recipe, WARM);
    const [start, read] = [performance.now(), startMeter()];
    await run(client, recipe, SIZES[size]);
    const [time, { cpu }] = [performance.now() - start, read()];
    await client.close();
    worker.stdin.end();
    await once(worker, 'exit');
    return { [`elsewhere.${size}`]: (time / SIZES[size]) * 1000, [`elsewhere.${size}.cpu`]: cpu / SIZES[size] };
  },
  lines: Object.keys(SIZES).flatMap((size) => [
    { key: `elsewhere.${size}`, title: `${size} submitted by one call, run elsewhere, each awaited`, unit: 'µs/task' },
    { key: `elsewhere.${size}.cpu`, title: '… processor of who waits', unit: 'µs/task' },
  ]),
  gates: [
    { line: 'elsewhere.10k', says: '1.3 × that of 1k', limit: (at) => 1.3 * at('elsewhere.1k', 'offstage') },
    { line: 'elsewhere.10k.cpu', says: '1.3 × that of 1k', limit: (at) => 1.3 * at('elsewhere.1k.cpu', 'offstage') },
  ],
  notes: ['elsewhere: a fresh store each, after 200 to warm up; 64 run at a time in one other process.'],
};
