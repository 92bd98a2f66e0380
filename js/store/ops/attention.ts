/** Which tasks need an operator: in SQL what `view` says of each. */
import { view } from '../../core/index.ts';
import type { TaskStatus } from '../../wire/task.ts';
import type { Facts } from '../facts.ts';
import { storedTask, TASK_COLUMNS, type TaskRow } from '../rows.ts';
import { KIND, strandedKinds, WAITS } from '../stranded.ts';
import type { StoredTask } from '../types.ts';
import type { Condition } from './list.ts';
import type { Context } from './operation.ts';

/**
 * Failed tasks, open questions and what is held always do; a running one may, which only its record tells; a pending one does
 * when it is due and no living worker can run it. No task fits two of these, and each has its index. Of these states only;
 * none given: of all.
 */
export function needsAttention(context: Context, known: Facts, states: readonly TaskStatus[]): Condition[] {
  const found = Object.entries(BY_STATE).flatMap(([state, conditions]) =>
    states.length === 0 || states.includes(state as TaskStatus) ? conditions(context, known) : [],
  );
  return found.length > 0 ? found : [{ where: 'FALSE', values: [] }];
}

const BY_STATE: { readonly [State in TaskStatus]?: (context: Context, known: Facts) => Condition[] } = {
  failed: () => [{ where: "status = 'failed'", values: [] }],
  input_required: () => [{ where: "status = 'input_required'", values: [] }],
  pending: (context, known) => [{ where: "held = 1 AND +status = 'pending'", values: [] }, ...stranded(context, known)],
  running: (context, known) => [
    { where: 'seq IN (SELECT value FROM json_each(?))', values: [JSON.stringify(running(context, known))] },
  ],
};

function running({ db, now }: Context, known: Facts): number[] {
  return db
    .all<TaskRow>(`SELECT ${TASK_COLUMNS} FROM tasks WHERE status = 'running'`)
    .filter((row) => attentionOf(storedTask(db, row, [], known), now))
    .map(({ seq }) => seq);
}

function attentionOf({ record, owner, worker, runnable }: StoredTask, now: number): boolean {
  return view(record, { owner, lease_until: worker?.lease_until ?? null, runnable }, now).attention.needs_attention;
}

/** Kinds of tasks are few, however many tasks there are; where no worker claims anything nobody has to look for them. */
function stranded(context: Context, { workers }: Facts): Condition[] {
  const claiming = workers.filter(({ claims }) => claims);
  const due: Condition = { where: `${WAITS} AND run_at <= ?`, values: [context.now] };
  if (claiming.length === 0) return [due];
  const kinds = strandedKinds(context, workers).map(({ kind }) => kind);
  if (kinds.length === 0) return [];
  const isHeld = 'worker IS NOT NULL AND worker IN (SELECT value FROM json_each(?))';
  return [
    {
      where: `${due.where} AND ${KIND} IN (SELECT value FROM json_each(?)) AND NOT (${isHeld})`,
      values: [...due.values, JSON.stringify(kinds), JSON.stringify(claiming.map(({ row }) => row.id))],
    },
  ];
}
