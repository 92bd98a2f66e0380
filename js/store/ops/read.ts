import type { Program } from '../../ports/backend.ts';
import { isTerminal } from '../../wire/task.ts';
import { type Facts, facts } from '../facts.ts';
import { readHanded } from '../rows/payloads.ts';
import { storedTask } from '../rows/shown.ts';
import { completedOf, idsBetween, taskById } from '../sql/tasks.ts';
import type { CompletedTask, PayloadKind, StoredTask } from '../types.ts';
import type { Operation } from './operation.ts';

export const get: Operation<'get'> = {
  kind: 'read',
  *run(context, { id, ...kinds }) {
    return yield* oneOf(id, kinds, yield* facts(context));
  },
};

interface Kinds {
  payloads: readonly PayloadKind[];
  ended?: readonly PayloadKind[];
}

function* oneOf(id: string, { payloads, ended = [] }: Kinds, known: Facts): Program<StoredTask | null> {
  const row = yield* taskById(id);
  if (row === undefined) return null;
  return yield* storedTask(row, isTerminal(row.status) ? [...payloads, ...ended] : payloads, known);
}

export const getAll: Operation<'getAll'> = {
  kind: 'read',
  *run(context, { ids, ...kinds }) {
    const known = yield* facts(context);
    const found: (StoredTask | null)[] = [];
    for (const id of ids) found.push(yield* oneOf(id, kinds, known));
    return found;
  },
};

export const outcomes: Operation<'outcomes'> = {
  kind: 'read',
  *run(context, { ids }) {
    const found = new Map<string, StoredTask | CompletedTask | null>();
    for (const { id, seen, result } of yield* completedOf(JSON.stringify(ids))) {
      found.set(id, { id, status: 'completed', payloads: result === null ? {} : { result }, seen: seen === 1 });
    }
    for (const id of ids) {
      if (!found.has(id)) found.set(id, yield* oneOf(id, { payloads: [], ended: OUTCOME }, yield* facts(context)));
    }
    return ids.map((id) => found.get(id) ?? null);
  },
};

const OUTCOME: readonly PayloadKind[] = ['result', 'error_details'];

export const handed: Operation<'handed'> = {
  kind: 'read',
  *run(_, { id, kinds }) {
    const row = yield* taskById(id);
    return row === undefined ? null : yield* readHanded(row.seq, kinds);
  },
};

/** Ids are hex, so a prefix is a range of the index. */
export const find: Operation<'find'> = {
  kind: 'read',
  *run(_, { prefix }) {
    return (yield* idsBetween(prefix, `${prefix}g`)).map(({ id }) => id);
  },
};
