/** One measurement in a process of its own: child.mjs ROW CASE PEER. Writes the figures into figures.json of its folder. */
import { writeFileSync } from 'node:fs';
import { loadPeer } from './peers/index.mjs';
import { ROWS } from './rows/index.mjs';

const [id, kind, peerId] = process.argv.slice(2);
const row = ROWS.find((candidate) => candidate.id === id);
const figures = await row.measure(await loadPeer(peerId), kind);
// Not on stdout: some queues log there. And at once: timers that a queue leaves behind are not what is measured here.
writeFileSync('figures.json', JSON.stringify(figures ?? {}));
process.exit(0);
