/** Walks what time makes due. */
import type { Sweep } from '../ports/sweep.ts';
import { atEndOfTurn } from '../store/turn.ts';
import { type Asked, Decisions, type DueOptions } from './decisions.ts';

/** Every sweep, in the order in which they are walked. A new one is a file and a line here. */
const SWEEPS: readonly ((store: Asked, how: DueOptions) => Sweep)[] = [(store, how) => new Decisions(store, how)];

/** What was asked for in this turn of the event loop: it is answered at once. */
const asked = { all: new WeakMap<Asked, Promise<number>>(), kept: new WeakMap<Asked, Promise<number>>() };

/** Does what is due, and answers how much that was. */
export function due(store: Asked, how: DueOptions = {}): Promise<number> {
  const now = how.dropNothing ? asked.kept : asked.all;
  const known = now.get(store);
  if (known !== undefined) return known;
  const answer = sweep(SWEEPS.map((make) => make(store, how)));
  now.set(store, answer);
  atEndOfTurn(() => now.delete(store));
  return answer;
}

/** Runs those that have something to do now, one after the other. One that fails keeps no other from its turn. */
export async function sweep(sweeps: readonly Sweep[], now = Date.now()): Promise<number> {
  let done = 0;
  const failed: unknown[] = [];
  for (const one of sweeps) {
    try {
      const at = await one.nextAt(now);
      if (at !== null && at <= now) done += await one.run(now);
    } catch (error) {
      failed.push(error);
    }
  }
  if (failed.length > 0) throw failed[0];
  return done;
}
