import { isTerminal } from '../../wire/task.ts';
import { facts } from '../facts.ts';
import { findRow, readHanded, storedTask } from '../rows.ts';
import type { Operation } from './operation.ts';

export const get: Operation<'get'> = {
  kind: 'read',
  run: (context, { id, payloads, ended = [] }) => {
    const { db } = context;
    const row = findRow(db, id);
    if (row === undefined) return null;
    return storedTask(db, row, isTerminal(row.status) ? [...payloads, ...ended] : payloads, facts(context));
  },
};

export const getAll: Operation<'getAll'> = {
  kind: 'read',
  run: (context, { ids, payloads }) => {
    const { db } = context;
    const known = facts(context);
    return ids.map((id) => {
      const row = findRow(db, id);
      return row === undefined ? null : storedTask(db, row, payloads, known);
    });
  },
};

export const handed: Operation<'handed'> = {
  kind: 'read',
  run: ({ db }, { id, kinds }) => {
    const row = findRow(db, id);
    return row === undefined ? null : readHanded(db, row.seq, kinds);
  },
};

/** Ids are hex, so a prefix is a range of the index. */
export const find: Operation<'find'> = {
  kind: 'read',
  run: ({ db }, { prefix }) =>
    db
      .all<{ id: string }>('SELECT id FROM tasks WHERE id >= ? AND id < ? LIMIT 3', prefix, `${prefix}g`)
      .map(({ id }) => id),
};
