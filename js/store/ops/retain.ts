/**
 * Drops records, rule G3. A process whose wall clock is not to be trusted drops none; live and stopping ones have no
 * `drop_at` and are no spare ones.
 */
import type { Program } from '../../ports/backend.ts';
import { isTrusted } from '../clock.ts';
import { bytesOfTask, deleteTasks } from '../rows/remove.ts';
import { BATCH, outdated, spares } from '../sql/retain.ts';
import { keepUntil } from '../sql/writes.ts';
import type { Context } from './operation.ts';
import { excessNow, isOver } from './outdated.ts';

/** Drops what is outdated, then spare ones while there are too many. Answers how many it looked at. */
export function* dropOutdated(context: Context): Program<number> {
  return (yield* isTrusted(context)) ? (yield* drop(context)) + (yield* dropSpares(context)) : 0;
}

function* drop(context: Context): Program<number> {
  const { now } = context;
  const rows = yield* outdated(now);
  for (const { seq, needed } of rows) if (needed) yield* keepUntil(now + KEPT_FOR_PARENT, seq);
  yield* deleteTasks(
    context,
    rows.flatMap(({ seq, needed }) => (needed ? [] : [seq])),
  );
  return rows.length;
}

/** Milliseconds after which it is looked again whether the parent of a child with a key has ended. */
const KEPT_FOR_PARENT = 600_000;

function* dropSpares(context: Context): Program<number> {
  yield* context.tally.write();
  const left = yield* excessNow();
  if (!isOver(left)) return 0;
  const dropped: number[] = [];
  for (const { seq } of yield* spares(BATCH)) {
    if (!isOver(left)) break;
    left.bytes -= yield* bytesOfTask(seq);
    left.records -= 1;
    dropped.push(seq);
  }
  yield* deleteTasks(context, dropped);
  return dropped.length;
}
