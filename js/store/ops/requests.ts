/** Requests by their key: who repeats one, because its answer was lost, gets that answer. */
import { ConflictError } from '../../errors/refusal.ts';
import type { Program } from '../../ports/backend.ts';
import { readPayloads } from '../rows/payloads.ts';
import { addRequest, dropRequests, requestOf } from '../sql/consumers.ts';
import { taskById } from '../sql/tasks.ts';
import type { Ops, PayloadKind, RequestKey, StoredTask } from '../types.ts';
import type { Context, Operation } from './operation.ts';

/** Milliseconds that an answer is kept. */
const KEPT = 24 * 3_600_000;

type Answer = ReturnType<Ops['submit']>;

/** The answer that was given; `ConflictError` when another request had the key. */
export function* answerTo({ now }: Context, { key, digest }: RequestKey): Program<Answer | undefined> {
  const known = yield* requestOf(key, now - KEPT);
  if (known === undefined) return undefined;
  if (known.digest === digest) return yield* whole(JSON.parse(known.answer));
  throw new ConflictError(`requestKey: '${key}' belongs to another request; use another key`, {
    details: { request_key: key },
  });
}

/** With what was given, as far as it is still there. */
function* whole(answer: Answer): Program<Answer> {
  const tasks: StoredTask[] = [];
  for (const task of answer.tasks) {
    const row = yield* taskById(task.id);
    tasks.push({ ...task, payloads: row === undefined ? {} : yield* readPayloads(row.seq, GIVEN) });
  }
  return { ...answer, tasks };
}

/** What a submit answers with, and what may be large. */
const GIVEN: readonly PayloadKind[] = ['input', 'config', 'metadata'];

/** From the same commit on it is known. No worker is started twice for it. */
export function* remember({ now }: Context, { key, digest }: RequestKey, answer: Answer): Program<void> {
  yield* dropRequests(now - KEPT);
  const tasks = answer.tasks.map((task) => ({ ...task, payloads: {} }));
  yield* addRequest(key, digest, JSON.stringify({ tasks, spawn: false, unheld: [] } satisfies Answer), now);
}

export const answered: Operation<'answered'> = {
  kind: 'read',
  *run(context, request) {
    return (yield* answerTo(context, request)) ?? null;
  },
};
