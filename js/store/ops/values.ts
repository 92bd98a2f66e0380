/** Which values of environment variables a worker has. */
import type { Program } from '../../ports/backend.ts';
import { facts } from '../facts.ts';
import { boundOf } from '../rows/bound.ts';
import { needsOf, storedTask } from '../rows/shown.ts';
import { dueAndBound } from '../sql/environment.ts';
import { together } from '../sql/statement.ts';
import { boundOfLive, dropTakenByName, dropValue, holdValue } from '../sql/workers.ts';
import type { EnvValue } from '../types.ts';
import type { Operation } from './operation.ts';

/** From now on the worker has these values. */
export function* holdAll(worker: string, values: readonly EnvValue[]): Program<void> {
  yield* together(values.map(({ name, hash }) => holdValue(worker, name, hash)));
}

export const hold: Operation<'hold'> = {
  kind: 'write',
  run: (_, { worker, values }) => holdAll(worker, values),
};

/** Together with what was taken by name of tasks that have ended. */
export const release: Operation<'release'> = {
  kind: 'write',
  silent: true,
  *run(_, { worker, values }) {
    const bound = yield* boundOfLive();
    const needed = new Set(bound.flatMap((row) => boundOf(row.bound).map(({ hash }) => hash)));
    const free: EnvValue[] = values.filter(({ hash }) => !needed.has(hash));
    yield* together([...free.map(({ name, hash }) => dropValue(worker, name, hash)), dropTakenByName(worker)]);
    return free;
  },
};

export const stranded: Operation<'stranded'> = {
  kind: 'read',
  *run(context, { worker }) {
    const known = yield* facts(context);
    const own = known.workers.find(({ row }) => row.id === worker)?.row.env ?? [];
    const ids: string[] = [];
    for (const row of yield* dueAndBound(context.now)) {
      if (!needsOf(row).env.every((name) => own.includes(name))) continue;
      if (!(yield* storedTask(row, [], known)).runnable) ids.push(row.id);
    }
    return ids;
  },
};

export const takeByName: Operation<'takeByName'> = {
  kind: 'write',
  run: (_, { worker, ids }) =>
    holdAll(
      worker,
      ids.map((id) => ({ name: '', key: '', hash: id })),
    ),
};
