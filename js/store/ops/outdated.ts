/** Whether records may be dropped, rule G3: see `retain.ts`. */
import type { Program } from '../../ports/backend.ts';
import { isTrusted } from '../clock.ts';
import { type Excess, excess } from '../sql/counts.ts';
import { isAnyOutdated, spares } from '../sql/retain.ts';
import type { Context } from './operation.ts';

/** Whether there is something to drop. */
export function* hasOutdated(context: Context): Program<boolean> {
  if (!context.isCurrent) return false; // reading it drops nothing, and it has not every index
  const any = (yield* isAnyOutdated(context.now)) !== undefined;
  return (any || (yield* hasSpare())) && (yield* isTrusted(context));
}

function* hasSpare(): Program<boolean> {
  return isOver(yield* excessNow()) && (yield* spares(1)).length > 0;
}

/** How many records, and bytes of them, there are beyond what a store keeps. */
export function* excessNow(): Program<Excess> {
  const row = yield* excess();
  return { records: row?.records ?? 0, bytes: row?.bytes ?? 0 };
}

export const isOver = ({ records, bytes }: Excess): boolean => records > 0 || bytes > 0;
