/** Slots that parents lend while they await a child (rule L4). */
import type { Program } from '../../ports/backend.ts';
import { lendSlot, returnSlot, wantedSlots, wantSlot } from '../sql/claim.ts';
import type { Attempt } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { mayHaveBack } from './room.ts';

export const lend: Operation<'lend'> = {
  kind: 'write',
  *run(_, { attempt: { id, epoch } }) {
    yield* lendSlot(id, epoch);
  },
};

export const reclaim: Operation<'reclaim'> = {
  kind: 'write',
  *run(_, { attempt: { id, epoch } }) {
    yield* wantSlot(id, epoch);
  },
};

/** In the order of asking, as far as there is room. */
export function* giveBack(context: Context, worker: string): Program<Attempt[]> {
  const returned: Attempt[] = [];
  for (const { seq, id, record, wants } of yield* wantedSlots(worker)) {
    if (!(yield* mayHaveBack(context, worker, wants))) break;
    const changed = yield* returnSlot(seq);
    const { attempt, epoch } = JSON.parse(record).hold;
    if (changed > 0) returned.push({ id, attempt, epoch });
  }
  return returned;
}
