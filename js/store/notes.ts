/** What the programs of one snapshot, or of one transaction, have learnt of the store: it is asked for once. */
import type { Moment, Program } from '../ports/backend.ts';

/** What can be noted. */
type What = 'leases' | 'facts' | 'clock' | 'sequels' | 'environments';

/** Of one moment. */
export type Notes = Map<What, unknown>;

interface Noting extends Moment {
  readonly notes: Notes;
}

/** What is noted of it, which is `make()` where nothing is. */
export function noted<T>({ notes, isSnapshot, halfDone }: Noting, what: What, make: () => T): T {
  const known = notes.get(what) as T | undefined;
  if (known !== undefined) return known;
  const made = make();
  if (isSnapshot || halfDone !== undefined) notes.set(what, made);
  return made;
}

/**
 * Asks for it unless that was done before. Whoever writes what it was learnt from calls `forget`. Where parts of a transaction may be
 * undone nothing is noted: nobody would know what was learnt from them.
 */
export function* once<T>({ notes, isSnapshot, halfDone }: Noting, what: What, ask: () => Program<T>): Program<T> {
  if (notes.has(what)) return notes.get(what) as T;
  const answer = yield* ask();
  if (isSnapshot || halfDone !== undefined) notes.set(what, answer);
  return answer;
}

export function forget({ notes }: Noting, what: What): void {
  notes.delete(what);
}

/** What was learnt from the rows of workers. */
export function forgetWorkers(context: Noting): void {
  forget(context, 'leases');
  forget(context, 'facts');
}
