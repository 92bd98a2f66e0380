/** Removes tasks with all that belongs to them. */
import type { Program } from '../../ports/backend.ts';
import { deleteEvents } from '../sql/events.ts';
import { clearedBeyond, countCleared, dropCleared, forgetUpTo, MOST_CLEARED, tellCleared } from '../sql/feed.ts';
import { deletePayloads, payloadBytes } from '../sql/payloads.ts';
import { together } from '../sql/statement.ts';
import { deleteFamily, deleteSteps, deleteTags, deleteTaskRow, tagsOf } from '../sql/writes.ts';
import { countMore } from './payloads.ts';

/** Removes tasks with all that belongs to them, and tells that they have gone. */
export function* deleteTasks(all: readonly number[], now: number): Program<void> {
  if (all.length === 0) return;
  yield* tell(all, now);
  for (const seq of all) yield* deleteTask(seq);
}

/**
 * Of many at once the last ones, and one more: with that one it is noted that not all were told. What tells it comes first,
 * so that the newest event of the store is none of those that go.
 */
function* tell(all: readonly number[], now: number): Program<void> {
  const told = all.slice(-MOST_CLEARED - 1);
  yield* together(told.map((seq) => tellCleared(now, seq)));
  yield* countCleared(told.length);
  const oldest = (yield* clearedBeyond())?.n;
  if (oldest === undefined) return;
  yield* together([forgetUpTo(oldest), dropCleared(oldest), countCleared(-oldest)]);
}

function* deleteTask(seq: number): Program<void> {
  yield* countMore(-(yield* bytesOfTask(seq)));
  const tags = (yield* tagsOf(seq))?.tags ?? null;
  yield* together([
    deletePayloads(seq),
    deleteEvents(seq),
    deleteSteps(seq),
    deleteFamily(seq),
    ...(tags === null ? [] : [deleteTags(seq, tags)]),
    deleteTaskRow(seq),
  ]);
}

/** How many bytes of payloads a task has. */
export function* bytesOfTask(seq: number): Program<number> {
  return (yield* payloadBytes(seq))?.n ?? 0;
}
