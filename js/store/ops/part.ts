/** Parts of a program that are judged by themselves. */
import { isTaskError } from '../../errors/base.ts';
import type { ErrorData } from '../../errors/from.ts';
import type { Program } from '../../ports/backend.ts';
import { beginPart, keepPart, undoPart } from '../sql/savepoint.ts';
import { isOne, isSelect } from '../sql/statement.ts';
import type { Judged } from '../types.ts';
import type { Context } from './operation.ts';

/**
 * Runs a part. Refused, it leaves nothing, not even in what is counted, and the rest goes on. A fault of the store never gets
 * here, and one of the core, after which nothing that it says can be trusted, undoes everything.
 */
export const judged = <T>(context: Context, part: Program<T>): Program<Judged<T>> =>
  context.halfDone === undefined ? saved(context, part) : unsaved(context, part, context.halfDone);

/** Most parts are accepted, and most that are refused have not written anything yet. */
function* unsaved<T>({ tally }: Context, part: Program<T>, halfDone: Error): Program<Judged<T>> {
  const before = tally.mark();
  const writes = { some: false };
  try {
    return { answer: yield* watched(part, writes) };
  } catch (error) {
    const refused = refusal(error);
    if (writes.some) throw halfDone;
    tally.goBackTo(before);
    return refused;
  }
}

function* saved<T>({ tally }: Context, part: Program<T>): Program<Judged<T>> {
  const before = tally.mark();
  yield* beginPart();
  try {
    const answer = yield* part;
    yield* keepPart();
    return { answer };
  } catch (error) {
    const refused = refusal(error);
    tally.goBackTo(before);
    yield* undoPart();
    yield* keepPart();
    return refused;
  }
}

/** Anything but a refusal goes on. */
function refusal(error: unknown): { error: ErrorData } {
  if (!isTaskError(error) || error.code === 'core_dead') throw error;
  return { error: error.toJSON() };
}

/** Notes whether it asks for anything but rows. */
function* watched<T>(part: Program<T>, writes: { some: boolean }): Program<T> {
  let step = part.next();
  while (!step.done) {
    const asked = step.value;
    writes.some ||= (isOne(asked) ? [asked] : asked).some(({ sql }) => !isSelect(sql));
    step = part.next(yield asked);
  }
  return step.value;
}
