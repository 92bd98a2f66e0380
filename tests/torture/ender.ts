/**
 * Ends the tasks of a store as a worker of another process does, in many small commits; it may be killed at any moment.
 * Some are told of before. `node ender.js STORE SEED`.
 */
import type { Command } from '#offstage/core/index.js';
import { due } from '#offstage/reap/index.js';
import { type Claimed, openStore } from '#offstage/store/index.js';
import { workerRow } from '../js/store/helpers.js';
import { pause } from '../waiting.js';
import { randomOf } from './kill.js';

const [path, seed] = process.argv.slice(2);
const random = randomOf(Number(seed));
const store = await openStore(path as string, { mount: 'direct' });
const worker = `ender_${process.pid}`;
await store.run('register', { row: workerRow(worker, process.pid, { concurrency: 64 }) });

const say = ({ id, attempt, epoch }: Claimed, command: object, payloads = {}) =>
  store.run('change', {
    changes: [{ id, command: { attempt, epoch, ...command } as unknown as Command, payloads }],
  });

async function end(task: Claimed): Promise<void> {
  if (random() < 0.1) await say(task, { command: 'log', line: 'about to end' });
  await say(task, { command: 'succeed' }, { result: '1' });
}

/** A few at a time share a commit. */
async function endAll(tasks: readonly Claimed[]): Promise<void> {
  for (let next = 0; next < tasks.length; ) {
    const count = 1 + Math.floor(random() * 8);
    await Promise.all(tasks.slice(next, next + count).map(end));
    next += count;
  }
}

let isOver = false;
process.on('disconnect', () => {
  isOver = true;
});
process.send?.('ready');
while (!isOver) {
  await due(store); // another one may have been killed
  const { started } = await store.run('claim', { worker });
  await endAll(started);
  if (started.length === 0) await pause(5);
}
await store.close();
