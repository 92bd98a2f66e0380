/** System calls a task, 64 in flight: what `strace` counts for 2,500 tasks less what it counts for 500. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { program } from '../programs.mjs';
import { openQueue } from '../queue.mjs';

const WIDTH = 64;
const TASKS = { fewer: 500, more: 2500 };
const FILE = 'calls.txt';

/** The number in the line `total` of the table that `strace -c` writes. */
function totalIn(folder) {
  const line = readFileSync(join(folder, FILE), 'utf8')
    .split('\n')
    .find((text) => text.endsWith(' total'));
  return Number(line.trim().split(/\s+/)[3]);
}

export const row = {
  id: 'calls',
  rounds: 1,
  cases: ['64'],
  able: (peer) => peer.many === true && peer.server === undefined,
  async outside(peer, _kind, inChild) {
    const how = { wrap: [program('strace'), '-c', '-f', '-o', FILE], read: totalIn };
    const fewer = await inChild(row, 'fewer', peer, how);
    const more = await inChild(row, 'more', peer, how);
    return { calls: (more - fewer) / (TASKS.more - TASKS.fewer) };
  },
  async measure(peer, size) {
    const queue = await openQueue(peer, WIDTH);
    await queue.count(WIDTH, TASKS[size]);
    await queue.finish();
  },
  lines: [{ key: 'calls', title: '64 in flight, system calls', unit: 'a task' }],
  gates: [{ line: 'calls', says: '12', limit: () => 12 }],
  notes: [
    'calls: all threads of the process; under strace everything is slower, so commits may be shared by more or fewer.',
  ],
};
