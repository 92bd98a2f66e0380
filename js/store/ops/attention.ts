/** Which tasks need an operator: in SQL what `view` says of each. */
import { type TaskStatusView, view } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import type { TaskStatus } from '../../wire/task.ts';
import type { Facts } from '../facts.ts';
import { storedTask, UNDELIVERED_AFTER } from '../rows/shown.ts';
import { undeliveredTasks } from '../sql/deliveries.ts';
import type { Condition } from '../sql/list.ts';
import { KIND, WAITS } from '../sql/stranded.ts';
import { runningTasks } from '../sql/tasks.ts';
import { strandedKinds } from '../stranded.ts';
import type { StoredTask } from '../types.ts';
import type { Context } from './operation.ts';

/**
 * Failed tasks, open questions and what is held always do; a running one may, which only its record tells; a pending one does
 * when it is due and no living worker can run it. No task fits two of these, and each has its index. Of these states only;
 * none given: of all.
 */
export function* needsAttention(context: Context, known: Facts, states: readonly TaskStatus[]): Program<Condition[]> {
  const found: Condition[] = [];
  for (const [state, conditions] of Object.entries(BY_STATE)) {
    if (states.length > 0 && !states.includes(state as TaskStatus)) continue;
    found.push(...(typeof conditions === 'function' ? yield* conditions(context, known) : conditions));
  }
  const untold = yield* undelivered(context, known, states);
  if (untold.length > 0)
    found.push({ where: 'seq IN (SELECT value FROM json_each(?))', values: [JSON.stringify(untold)] });
  return found.length > 0 ? found : [{ where: 'FALSE', values: [] }];
}

type Conditions = readonly Condition[] | ((context: Context, known: Facts) => Program<Condition[]>);

const BY_STATE: { readonly [State in TaskStatus]?: Conditions } = {
  failed: [{ where: "status = 'failed'", values: [] }],
  input_required: [{ where: "status = 'input_required'", values: [] }],
  *pending(context, known) {
    return [{ where: "stand = 'held'", values: [] }, ...(yield* stranded(context, known))];
  },
  *running(context, known) {
    const seqs = JSON.stringify(yield* running(context, known));
    return [{ where: 'seq IN (SELECT value FROM json_each(?))', values: [seqs] }];
  },
};

/** Of which nothing else is to be done than to see to who was not told: they fit none of the others. */
function* undelivered({ now, isCurrent }: Context, known: Facts, states: readonly TaskStatus[]): Program<number[]> {
  const found: number[] = [];
  if (!isCurrent) return found;
  for (const row of yield* undeliveredTasks(now - UNDELIVERED_AFTER)) {
    if (row.status === 'running' || (states.length > 0 && !states.includes(row.status))) continue;
    if (viewOf(yield* storedTask(row, [], known), now).next_action === 'notify') found.push(row.seq);
  }
  return found;
}

function* running({ now }: Context, known: Facts): Program<number[]> {
  const found: number[] = [];
  for (const row of yield* runningTasks()) {
    if (viewOf(yield* storedTask(row, [], known), now).needs_attention) found.push(row.seq);
  }
  return found;
}

function viewOf({ record, owner, worker, runnable, undelivered }: StoredTask, now: number): TaskStatusView {
  return view(record, { owner, lease_until: worker?.lease_until ?? null, runnable, undelivered }, now).attention;
}

/** Kinds of tasks are few, however many tasks there are; where no worker claims anything nobody has to look for them. */
function* stranded(context: Context, { workers }: Facts): Program<Condition[]> {
  const claiming = workers.filter(({ claims }) => claims);
  const due: Condition = { where: `${WAITS} AND run_at <= ?`, values: [context.now] };
  if (claiming.length === 0) return [due];
  const kinds = (yield* strandedKinds(context, workers)).map(({ kind }) => kind);
  if (kinds.length === 0) return [];
  const isHeld = 'worker IS NOT NULL AND worker IN (SELECT value FROM json_each(?))';
  return [
    {
      where: `${due.where} AND ${KIND} IN (SELECT value FROM json_each(?)) AND NOT (${isHeld})`,
      values: [...due.values, JSON.stringify(kinds), JSON.stringify(claiming.map(({ row }) => row.id))],
    },
  ];
}
