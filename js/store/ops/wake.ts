/**
 * Who has started tasks and walked away is told of their ends: by a task of his own, which the commit of the first end makes.
 * It waits a moment before it starts, and ends that come before it has started are told by it, too.
 */
import { submit as newRecord, newTaskId } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { isSealed } from '../envelope.ts';
import { insertTask } from '../rows/insert.ts';
import { dropPayload, readPayloads, writePayloads } from '../rows/payloads.ts';
import { keepSequel } from '../rows/sequel.ts';
import { type EndedTask, setWoke, waitingWake } from '../sql/sequels.ts';
import { joinTogether, partTogether, type StoredEnd, type Together } from '../together.ts';
import type { NewTask, Wake } from '../types.ts';
import type { Context } from './operation.ts';
import { bindingOf, placeOf } from './submit.ts';

/** Ends that one task tells. */
const MOST_ENDED = 100;

/** Has the task that waits tell this end, too; makes it where none waits. */
export function* wake(context: Context, seq: number, ended: EndedTask, { key, task }: Wake): Program<void> {
  const waiting = yield* waitingWake(key);
  const { input } = waiting === undefined ? {} : yield* readPayloads(waiting.seq, ['input']);
  const known = input === undefined ? undefined : knownOf(input);
  if (waiting === undefined || known === undefined || known.ended.length >= MOST_ENDED) {
    const given = joinTogether({ given: task.payloads.input ?? '{}', ended: [told(ended)] });
    yield* setWoke(yield* insert(context, { ...task, payloads: { ...task.payloads, input: given } }), seq);
    return;
  }
  yield* dropPayload(context, waiting.seq, 'input');
  const all = joinTogether({ ...known, ended: [...known.ended, told(ended)] });
  yield* writePayloads(context, waiting.seq, { input: all });
  yield* setWoke(waiting.seq, seq);
}

/** What the task tells already; undefined where that cannot be read. */
function knownOf(input: string): Together | undefined {
  if (isSealed(input)) return partTogether(input);
  const { ended = [], ...given } = JSON.parse(input) as { ended?: Record<string, unknown>[] };
  const stored = ended.map((end) => ({ ...end, result: JSON.stringify(end.result) }));
  return { given: JSON.stringify(given), ended: stored as unknown as StoredEnd[] };
}

function told({ id, status, result, record }: EndedTask): StoredEnd {
  const { name, error } = JSON.parse(record) as { name: string; error?: { message: string } | null };
  const facts = { task_id: id, name, status };
  if (status !== 'completed') return { ...facts, result: null, error: error?.message ?? status };
  return { ...facts, result: result ?? 'null' };
}

/** Nothing of it may be refused: the end that it follows is decided. The submit has checked all of it. */
function* insert(context: Context, task: NewTask): Program<number> {
  const { needs, maxConcurrent, code, onConflict, payloads, spec } = task;
  const id = newTaskId();
  const row = yield* insertTask(context, id, newRecord(spec, id, context.now), {
    needs,
    maxConcurrent,
    code,
    binding: yield* bindingOf(context, task.binding),
    place: placeOf(spec),
    waits: onConflict === 'enqueue',
    childKey: null,
    tags: task.tags,
    createdAt: context.now,
  });
  yield* writePayloads(context, row.seq, payloads, task.refs);
  if (task.sequel !== undefined) yield* keepSequel(context, row.seq, task.sequel, null);
  return row.seq;
}
