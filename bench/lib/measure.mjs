/** Runs the measurements, each in a fresh process, the peers taking turns: A B C, A B C, … */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { spread } from './stats.mjs';

const child = fileURLToPath(new URL('child.mjs', import.meta.url));
// Room for the peer that takes most of it, with a million tasks; no collection is put off by it.
const FLAGS = ['--expose-gc', '--max-old-space-size=8192'];
const LIMIT_MS = 300_000;

/**
 * Figures of a row by line and peer: `Map` of line key → `Map` of peer id → { min, median, max, values }.
 *
 * A fresh process for each, so that no peer meets code that was optimised, or a heap that was filled, by another one.
 * A peer that fails is left out from then on; `failures` says why.
 */
export function measureRow(row, peers, rounds, { failures, onStep = () => {} }) {
  const values = new Map(row.lines.map(({ key }) => [key, new Map()]));
  for (const kind of row.cases) {
    const able = peers.filter((peer) => row.able(peer, kind));
    for (let round = 1; round <= rounds; round++) {
      for (const peer of able) {
        const name = `${row.id} ${kind} ${peer.id}`;
        if (failures.has(name)) continue;
        onStep(`${name}, round ${round} of ${rounds}`);
        collect(
          values,
          peer,
          attempt(row, kind, peer, (why) => failures.set(name, why)),
        );
      }
    }
  }
  return new Map([...values].map(([key, byPeer]) => [key, mapValues(byPeer, spread)]));
}

function attempt(row, kind, peer, onFailure) {
  try {
    return row.outside?.(peer, kind) ?? inChild(row.id, kind, peer.id);
  } catch (error) {
    onFailure(error.message);
    return {};
  }
}

function inChild(...args) {
  const ran = spawnSync(process.execPath, [...FLAGS, child, ...args], { encoding: 'utf8', timeout: LIMIT_MS });
  if (ran.status !== 0) throw new Error(`ended with ${ran.signal ?? ran.status}\n${ran.stderr}`);
  return JSON.parse(ran.stdout.trimEnd().split('\n').at(-1));
}

function collect(values, peer, figures) {
  for (const [key, value] of Object.entries(figures)) {
    const byPeer = values.get(key);
    byPeer.set(peer.id, [...(byPeer.get(peer.id) ?? []), value]);
  }
}

const mapValues = (map, change) => new Map([...map].map(([key, value]) => [key, change(value)]));
