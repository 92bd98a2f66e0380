/** Holds all tasks of a store that it can get, as a worker of another process, until it is killed. `node holder.js STORE SLOTS`. */
import { openStore } from '#offstage/store/index.js';
import { workerRow } from '../js/store/helpers.js';

const [path, slots] = process.argv.slice(2);
const store = await openStore(path as string, { mount: 'direct' });
const worker = `holder_${process.pid}`;
await store.run('register', { row: workerRow(worker, process.pid, { concurrency: Number(slots) }) });
let held = 0;
let last = 0;
do {
  last = (await store.run('claim', { worker })).started.length;
  held += last;
} while (last > 0);
process.send?.(held);
process.on('disconnect', () => process.exit());
