// What a runner keeps: 1,000,000 tasks in ten turns with retention on, some waited for, some failing, some cancelled. After
// each turn the heap and the wasm memory are told. Exit code 1 when either grows by 5 MB or more per 100k tasks once warm,
// or when something is left that keeps Node alive, before `stop` or after it, or a listener on the process.
// Usage: npm run build && node bench/soak.mjs [turns]

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { bytesInUse } from './lib/memory.mjs'; // first, so that it sees the wasm being instantiated

const TURN = 100_000;
const WARM_TURNS = 3; // retention is full after the first, and the wasm's memory has its size
const MOST = 5e6;
const turns = Number(process.argv[2] ?? 10);
if (!Number.isInteger(turns) || turns < WARM_TURNS + 2)
  throw new Error(`${process.argv[2]} turns: expected a whole number from ${WARM_TURNS + 2}`);

setFlagsFromString('--expose-gc');
globalThis.gc = runInNewContext('gc');

/** A timer that does not keep Node alive is not in the list. */
/** Without the pipe or terminal that this prints to, which is not there until the first line. */
const resources = () =>
  process
    .getActiveResourcesInfo()
    .filter((name) => name !== 'PipeWrap' && name !== 'TTYWrap')
    .toSorted();
const listeners = () => process.eventNames().reduce((sum, name) => sum + process.listenerCount(name), 0);

async function turn(runner) {
  const waited = [];
  const cancelled = [];
  for (let at = 0; at < TURN; at++) {
    const kind = at % 10;
    const handle = runner.submit(kind === 0 ? fail : work, { timeout: 60 });
    if (kind === 1) waited.push(handle.wait());
    if (kind === 2) cancelled.push(handle.cancel());
  }
  await runner.waitAll();
  const wrong = (await Promise.all(waited)).filter((result) => result !== 1);
  if (wrong.length > 0) throw new Error(`${wrong.length} results of ${waited.length} are wrong`);
  await Promise.all(cancelled);
}

const work = async () => 1;
const fail = async () => {
  throw FAILURE;
};
const FAILURE = new Error('a task that fails');

/** Growth in bytes a turn: the slope of the least squares. */
function slope(values) {
  const middle = (values.length - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let over = 0;
  let under = 0;
  values.forEach((value, at) => {
    over += (at - middle) * (value - mean);
    under += (at - middle) ** 2;
  });
  return over / under;
}

/** Those of `now` that were not there before, each as often as it is there too much. */
function added(now, before) {
  const rest = [...before];
  return now.filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

const mb = (bytes) => (bytes / 1e6).toFixed(2).padStart(8);
const { peer } = await import('./peers/offstage.mjs');
const before = { resources: resources(), listeners: listeners() };
const runner = await peer.open({ maxConcurrentTasks: 5 });
console.log(`node ${process.version}, ${turns} turns of ${TURN} tasks\n   tasks  heap MB  wasm MB  rss MB  µs/task`);
const heap = [];
const wasm = [];
for (let at = 1; at <= turns; at++) {
  const start = performance.now();
  await turn(runner);
  const time = ((performance.now() - start) / TURN) * 1000;
  const use = await bytesInUse();
  heap.push(use.heap);
  wasm.push(use.wasm);
  console.log(
    `${String(at * TURN).padStart(8)} ${mb(use.heap)} ${mb(use.wasm)}${mb(use.rss)} ${time.toFixed(2).padStart(8)}`,
  );
}
const idle = added(resources(), before.resources);
await runner.stop();
await new Promise(setImmediate);
const stopped = added(resources(), before.resources);
const more = listeners() - before.listeners;

let bad = 0;
function verdict(ok, text) {
  if (!ok) bad += 1;
  console.log(`${ok ? 'ok    ' : 'MISSED'} ${text}`);
}
for (const [name, values] of Object.entries({ heap, wasm })) {
  const growth = slope(values.slice(WARM_TURNS - 1));
  verdict(
    growth < MOST,
    `${name}: ${mb(growth).trim()} MB more per 100k tasks once warm, less than ${MOST / 1e6} allowed`,
  );
}
verdict(idle.length === 0, `with all tasks done, what keeps Node alive: ${idle.join(', ') || 'nothing'}`);
verdict(stopped.length === 0, `after stop, what keeps Node alive: ${stopped.join(', ') || 'nothing'}`);
verdict(more === 0, `listeners on the process: ${more} more than before`);
process.exitCode = bad > 0 ? 1 : 0;
