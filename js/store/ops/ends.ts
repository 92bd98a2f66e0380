/**
 * Ends of a turn that ask for nothing but their own rows: those at the head of it are written together.
 *
 * 1. A task that is held, runs code, and has succeeded with no other event: no request of it was open, and nothing is cancelled by that.
 * 2. The first end that is not like that keeps all that follow it for their turn, so that none overtakes another one.
 * 3. One whose row is not as it was held to be has its turn as well, and is read then.
 */
import type { Program } from '../../ports/backend.ts';
import { type Writing, writeAll } from '../rows/decided.ts';
import type { Change, Changed } from '../types.ts';
import { answerOf } from './change.ts';
import type { Context } from './operation.ts';

type Sets = readonly (readonly Change[])[];

/** What has become of the sets at the head, each of one change. */
export function* endTogether(context: Context, sets: Sets): Program<Map<readonly Change[], Changed[]>> {
  const ends: { set: readonly Change[]; writing: Writing }[] = [];
  for (const set of sets) {
    const writing = set.length === 1 ? plainEnd(context, set[0] as Change) : undefined;
    if (writing === undefined) break;
    ends.push({ set, writing });
  }
  const isWritten = yield* writeAll(
    context,
    ends.map(({ writing }) => writing),
  );
  const done = ends.filter((_, n) => isWritten[n]);
  return new Map(done.map(({ set, writing: { row, decided } }) => [set, [answerOf(row.id, decided)]]));
}

/** Takes it, when it is one. */
function plainEnd({ live }: Context, change: Change): Writing | undefined {
  if (change.command.command !== 'succeed' || change.step !== undefined || !isResult(change)) return undefined;
  const { row, decided } = live?.ahead(change) ?? {};
  if (row === undefined || decided === undefined || row.code === null || !decided.changed) return undefined;
  const { events, columns } = decided;
  if (columns.worker !== null || events.length !== 1 || events[0]?.kind !== 'completed') return undefined;
  live?.takeAll([change]);
  const { payloads = {}, refs = {} } = change;
  return { row, decided, payloads, refs };
}

/** Of a result a task has none before its end. */
const isResult = ({ payloads = {} }: Change): boolean => Object.keys(payloads).every((kind) => kind === 'result');
