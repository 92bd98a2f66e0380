/** Runs the measurements, the peers taking turns: A B C, A B C, … */
import { spread } from './stats.mjs';

/**
 * Figures of a row by line and peer: `Map` of line key → `Map` of peer id → { min, median, max, values }.
 *
 * `inChild(row, kind, peer)` measures in a fresh process, so that no peer meets code that was optimised, or a heap that was
 * filled, by another one; a row with `outside` does that itself. A peer that fails is left out from then on; `failures`
 * says why. A row may say that it needs fewer `rounds`.
 */
export async function measureRow(row, peers, rounds, { inChild, failures, onStep = () => {} }) {
  const values = new Map(row.lines.map(({ key }) => [key, new Map()]));
  const last = Math.min(rounds, row.rounds ?? rounds);
  for (const kind of row.cases) {
    const able = peers.filter((peer) => row.able(peer, kind));
    for (let round = 1; round <= last; round++) {
      for (const peer of able) {
        const name = `${row.id} ${kind} ${peer.id}`;
        if (failures.has(name)) continue;
        onStep(`${name}, round ${round} of ${last}`);
        try {
          collect(values, peer, await (row.outside?.(peer, kind, inChild) ?? inChild(row, kind, peer)));
        } catch (error) {
          failures.set(name, error.message);
        }
      }
    }
  }
  return new Map([...values].map(([key, byPeer]) => [key, mapValues(byPeer, spread)]));
}

function collect(values, peer, figures) {
  for (const [key, value] of Object.entries(figures)) {
    const byPeer = values.get(key);
    byPeer.set(peer.id, [...(byPeer.get(peer.id) ?? []), value]);
  }
}

const mapValues = (map, change) => new Map([...map].map(([key, value]) => [key, change(value)]));
