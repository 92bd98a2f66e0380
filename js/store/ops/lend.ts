/** Slots that parents lend while they await a child (rule L4). */
import type { Attempt } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { mayHaveBack } from './room.ts';
import { HELD_OF_RECIPE } from './runnable.ts';

export const lend: Operation<'lend'> = {
  kind: 'write',
  run: ({ db }, { attempt }) => {
    db.run(`UPDATE tasks SET slot = 0, lent = 1, wants = NULL WHERE ${HELD}`, ...heldBy(attempt));
  },
};

export const reclaim: Operation<'reclaim'> = {
  kind: 'write',
  run: ({ db }, { attempt }) => {
    db.run(
      `UPDATE tasks SET wants = (
         SELECT coalesce(max(wants), 0) + 1 FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL)
       WHERE lent = 1 AND wants IS NULL AND ${HELD}`,
      ...heldBy(attempt),
    );
  },
};

const HELD = `id = ? AND status = 'running' AND json_extract(record, '$.hold.epoch') = ?`;

const heldBy = ({ id, epoch }: Attempt): [string, number] => [id, epoch];

interface Wanting {
  seq: number;
  id: string;
  record: string;
  wants: number;
}

/** In the order of asking, as far as there is room. */
export function giveBack(context: Context, worker: string): Attempt[] {
  const { db } = context;
  const returned: Attempt[] = [];
  for (const { seq, id, record, wants } of wanting(context, worker)) {
    if (!mayHaveBack(context, worker, wants)) break;
    const { changes } = db.run(
      `UPDATE tasks SET slot = 1, lent = 0, wants = NULL
       WHERE seq = ? AND (max_concurrent IS NULL OR max_concurrent > ${HELD_OF_RECIPE})`,
      seq,
    );
    const { attempt, epoch } = JSON.parse(record).hold;
    if (changes > 0) returned.push({ id, attempt, epoch });
  }
  return returned;
}

const wanting = ({ db }: Context, worker: string): Wanting[] =>
  db.all<Wanting>(
    'SELECT seq, id, record, wants FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL AND worker = ? ORDER BY wants',
    worker,
  );

/** Whether an attempt of this worker wants its slot back. */
export const wantsSlot = ({ db }: Context, worker: string): boolean =>
  db.get('SELECT 1 FROM tasks INDEXED BY tasks_wants WHERE wants IS NOT NULL AND worker = ? LIMIT 1', worker) !==
  undefined;
