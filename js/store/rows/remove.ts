/** Removes tasks with all that belongs to them. */
import type { Program } from '../../ports/backend.ts';
import type { Context } from '../operation-context.ts';
import { deleteEvents } from '../sql/events.ts';
import { clearedBeyond, dropCleared, forgetUpTo, MOST_CLEARED, tellCleared } from '../sql/feed.ts';
import { deletePayloads, payloadBytes } from '../sql/payloads.ts';
import { deleteSequel } from '../sql/sequels.ts';
import { together } from '../sql/statement.ts';
import { type Counted, counted, deleteFamily, deleteSteps, deleteTags, deleteTaskRow } from '../sql/writes.ts';

/** Removes tasks with all that belongs to them, and tells that they have gone. */
export function* deleteTasks(context: Context, all: readonly number[]): Program<void> {
  if (all.length === 0) return;
  yield* tell(context, all);
  for (const seq of all) yield* deleteTask(context, seq);
}

/**
 * Of many at once the last ones, and one more: with that one it is noted that not all were told. What tells it comes first,
 * so that the newest event of the store is none of those that go.
 */
function* tell({ now, tally }: Context, all: readonly number[]): Program<void> {
  const told = all.slice(-MOST_CLEARED - 1);
  yield* together(told.map((seq) => tellCleared(now, seq)));
  tally.add('cleared', told.length);
  yield* tally.write();
  const oldest = (yield* clearedBeyond())?.n;
  if (oldest === undefined) return;
  yield* together([forgetUpTo(oldest), dropCleared(oldest)]);
  tally.add('cleared', -oldest);
}

function* deleteTask({ tally }: Context, seq: number): Program<void> {
  tally.add('payload_bytes', -(yield* bytesOfTask(seq)));
  const { status, tags } = (yield* counted(seq)) as Counted;
  tally.add(status, -1);
  yield* together([
    deletePayloads(seq),
    deleteEvents(seq),
    deleteSteps(seq),
    deleteFamily(seq),
    deleteSequel(seq),
    ...(tags === null ? [] : [deleteTags(seq, tags)]),
    deleteTaskRow(seq),
  ]);
}

/** How many bytes of payloads a task has. */
export function* bytesOfTask(seq: number): Program<number> {
  return (yield* payloadBytes(seq))?.n ?? 0;
}
