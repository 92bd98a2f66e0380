/** One measurement in a process of its own: child.mjs ROW CASE PEER. Prints the figures as JSON on the last line. */
import './memory.mjs'; // first, so that it sees the wasm being instantiated
import { loadPeer } from '../peers/index.mjs';
import { ROWS } from '../rows/index.mjs';

const [id, kind, peerId] = process.argv.slice(2);
const row = ROWS.find((candidate) => candidate.id === id);
const figures = await row.measure(await loadPeer(peerId), kind);
// Exit at once: timers that a peer leaves behind are not what is measured here.
process.stdout.write(`${JSON.stringify(figures)}\n`, () => process.exit(0));
