import { isTerminal } from '../../wire/task.ts';
import { facts } from '../facts.ts';
import { readHanded } from '../rows/payloads.ts';
import { storedTask } from '../rows/shown.ts';
import { idsBetween, taskById } from '../sql/tasks.ts';
import type { StoredTask } from '../types.ts';
import type { Operation } from './operation.ts';

export const get: Operation<'get'> = {
  kind: 'read',
  *run(context, { id, payloads, ended = [] }) {
    const row = yield* taskById(id);
    if (row === undefined) return null;
    const kinds = isTerminal(row.status) ? [...payloads, ...ended] : payloads;
    return yield* storedTask(row, kinds, yield* facts(context));
  },
};

export const getAll: Operation<'getAll'> = {
  kind: 'read',
  *run(context, { ids, payloads }) {
    const known = yield* facts(context);
    const found: (StoredTask | null)[] = [];
    for (const id of ids) {
      const row = yield* taskById(id);
      found.push(row === undefined ? null : yield* storedTask(row, payloads, known));
    }
    return found;
  },
};

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
