/** Removes tasks with all that belongs to them. */
import type { Program } from '../../ports/backend.ts';
import { deleteEvents } from '../sql/events.ts';
import { deletePayloads, payloadBytes } from '../sql/payloads.ts';
import { together } from '../sql/statement.ts';
import { deleteFamily, deleteSteps, deleteTags, deleteTaskRow, tagsOf } from '../sql/writes.ts';
import { countMore } from './payloads.ts';

/** Removes a task with all that belongs to it. */
export function* deleteTask(seq: number): Program<void> {
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
