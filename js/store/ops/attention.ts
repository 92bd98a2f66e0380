/** Which tasks need an operator: in SQL what `view` says of each. */
import { view } from '../../core/index.ts';
import type { Facts } from '../facts.ts';
import { canRun, needsOf, storedTask, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import type { StoredTask } from '../types.ts';
import type { Condition } from './list.ts';
import type { Context } from './operation.ts';

/**
 * Failed tasks, open questions and what is held always do; a running one may, which only its record tells; a pending one does
 * when it is due and no living worker can run it. No task fits two of these, and each has its index.
 */
export function needsAttention(context: Context, known: Facts): Condition[] {
  return [
    { where: "status = 'failed'", values: [] },
    { where: "status = 'input_required'", values: [] },
    { where: "held = 1 AND +status = 'pending'", values: [] },
    { where: 'seq IN (SELECT value FROM json_each(?))', values: [JSON.stringify(running(context, known))] },
    ...stranded(context, known),
  ];
}

function running({ db, now }: Context, known: Facts): number[] {
  return db
    .all<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE status = 'running'`)
    .filter((row) => attentionOf(storedTask(db, row, [], known), now))
    .map(({ seq }) => seq);
}

function attentionOf({ record, owner, worker, runnable }: StoredTask, now: number): boolean {
  return view(record, { owner, lease_until: worker?.lease_until ?? null, runnable }, now).attention.needs_attention;
}

const WAITS = "status = 'pending' AND held = 0";

/** What tells whether a worker can run it; where its folder lies counts only with the place. */
const KIND = "json_array(needs, code, bound, place, iif(place IS NULL, '', recipe))";

type Kind = Pick<TaskRow, 'id' | 'needs' | 'code' | 'bound' | 'place' | 'recipe'> & { kind: string };

/** Kinds are few, however many tasks there are; where no worker claims anything nobody has to look for them. */
function stranded({ db, now }: Context, { workers }: Facts): Condition[] {
  const claiming = workers.filter(({ claims }) => claims).map(({ row }) => row.id);
  const due: Condition = { where: `${WAITS} AND run_at <= ?`, values: [now] };
  if (claiming.length === 0) return [due];
  const kinds = db
    .all<Kind>(
      `SELECT min(id) AS id, needs, code, bound, place, recipe, ${KIND} AS kind FROM tasks
       WHERE ${WAITS} GROUP BY needs, code, bound, place, iif(place IS NULL, '', recipe)`,
    )
    .filter((row) => !canRun(db, workers, needsOf(row)))
    .map(({ kind }) => kind);
  if (kinds.length === 0) return [];
  const held = 'worker IS NOT NULL AND worker IN (SELECT value FROM json_each(?))';
  return [
    {
      where: `${due.where} AND ${KIND} IN (SELECT value FROM json_each(?)) AND NOT (${held})`,
      values: [...due.values, JSON.stringify(kinds), JSON.stringify(claiming)],
    },
  ];
}
