/** Notes which events somebody may be told of. */
import type { CoreEvent } from '../../core/index.ts';
import { notifyOnOf } from '../../wire/notification.ts';
import type { Context } from '../operation-context.ts';

/** How JSON says it, where nothing else does: inside a text its quotes would be escaped. */
const MARK = '"deliver":[';

/** Whether somebody may have to be told of the task: what it costs of all others. */
export const isTold = (record: string): boolean => record.includes(MARK);

/** Whom to tell is looked up at the end of the program. */
export function noteTold({ told }: Context, task: number, record: string, events: readonly CoreEvent[]): void {
  for (const { kind, seq } of events) {
    if (notifyOnOf(kind) !== undefined && isTold(record)) told.push({ task, seq });
  }
}
