/** Parts of a program that are judged by themselves. */
import { isTaskError } from '../../errors/base.ts';
import type { Program } from '../../ports/backend.ts';
import { beginPart, keepPart, undoPart } from '../sql/savepoint.ts';
import type { Judged } from '../types.ts';
import type { Context } from './operation.ts';

/**
 * Runs a part. Refused, it leaves nothing, not even in what is counted, and the rest goes on. A fault of the store never gets
 * here, and one of the core, after which nothing that it says can be trusted, undoes everything.
 */
export function* judged<T>({ tally }: Context, part: Program<T>): Program<Judged<T>> {
  const before = tally.mark();
  yield* beginPart();
  try {
    const answer = yield* part;
    yield* keepPart();
    return { answer };
  } catch (error) {
    if (!isTaskError(error) || error.code === 'core_dead') throw error;
    tally.goBackTo(before);
    yield* undoPart();
    yield* keepPart();
    return { error: error.toJSON() };
  }
}
