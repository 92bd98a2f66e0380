/** Idempotency keys, rules K1 to K4: unique for each recipe while their task is live or completed. */
import { isDeepStrictEqual } from 'node:util';
import type { Spec } from '../../core/index.ts';
import { ConflictError } from '../../errors/refusal.ts';
import type { Program } from '../../ports/backend.ts';
import { isSame, isSealed } from '../envelope.ts';
import { readHanded } from '../rows/payloads.ts';
import type { TaskRow } from '../rows/task.ts';
import { taskOfKey } from '../sql/tasks.ts';
import { forgetKey } from '../sql/writes.ts';
import type { NewTask } from '../types.ts';

/** The task that has the key already; other input, or other config, is a conflict. */
export function* knownUnderKey({ spec, payloads, refs = {} }: NewTask): Program<TaskRow | undefined> {
  const row = yield* ownerOf(spec);
  if (row === undefined) return undefined;
  const known = yield* readHanded(row.seq, ['input', 'config']);
  const other = (['input', 'config'] as const).find(
    (kind) => !sameJson(known.payloads[kind], payloads[kind]) || !samePlaces(known.refs[kind], refs[kind]),
  );
  const differs = other ?? (sameCommand(row, spec) ? undefined : 'words in its command, or another folder');
  if (differs === undefined) return row;
  throw new ConflictError(
    `idempotencyKey: '${spec.idempotency_key}' belongs to task ${row.id}, which has other ${differs}; use another key`,
    { taskId: row.id, details: { task_id: row.id, idempotency_key: spec.idempotency_key } },
  );
}

/** All commands are without a recipe: what tells two apart is what they run, and where. */
function sameCommand({ record }: TaskRow, { source }: Spec): boolean {
  const known = (JSON.parse(record) as { source?: Command | null }).source;
  const asked = source as Command | null | undefined;
  if (!known?.ad_hoc && !asked?.ad_hoc) return true;
  return (
    known?.root === asked?.root && isDeepStrictEqual([known?.command, known?.agent], [asked?.command, asked?.agent])
  );
}

/** What is stored of a command, as far as it matters here. */
interface Command {
  ad_hoc?: true;
  root: string;
  command?: readonly string[];
  agent?: unknown;
}

function* ownerOf({ recipe = '', idempotency_key: key }: Spec): Program<TaskRow | undefined> {
  return key == null ? undefined : yield* taskOfKey(recipe, key);
}

/** The order of an object's keys says nothing. */
function sameJson(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  if (a !== undefined && b !== undefined && (isSealed(a) || isSealed(b))) return isSame(a, b);
  return a !== undefined && b !== undefined && isDeepStrictEqual(JSON.parse(a), JSON.parse(b));
}

/**
 * Whether the same variables stand in the same forms for what was left out: a marker is not the same as a text that looks
 * like one. Another value of theirs makes no other input.
 */
function samePlaces(a: string | undefined, b: string | undefined): boolean {
  const formsOf = (refs: string | undefined): string =>
    refs === undefined
      ? ''
      : (JSON.parse(refs).places as unknown[][])
          .map((place) => place.slice(2).join())
          .sort()
          .join();
  return formsOf(a) === formsOf(b);
}

/** A task that repeats another takes its key over, also that of a completed one; a third one keeps it: a conflict. */
export function* freeKey(seq: number, spec: Spec): Program<void> {
  yield* forgetKey(seq);
  const owner = yield* ownerOf(spec);
  if (owner === undefined) return;
  throw new ConflictError(
    `idempotencyKey: '${spec.idempotency_key}' belongs to task ${owner.id} now, which is ${owner.status}`,
    { taskId: owner.id, details: { task_id: owner.id, idempotency_key: spec.idempotency_key } },
  );
}
