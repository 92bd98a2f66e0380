/** Whether a worker is there for what is due beside tasks. */
import type { Program } from '../../ports/backend.ts';
import { facts } from '../facts.ts';
import { canRun, type Needs } from '../rows/shown.ts';
import type { WorkerRow } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { calls, keeps } from './stays.ts';
import { startFor } from './submit.ts';

/** Any worker of folders will do. */
const ANY: Needs = { id: '', env: [], code: null, bound: [], place: null, recipe: '' };

export const standby: Operation<'standby'> = {
  kind: 'read',
  *run(context) {
    return { stays: yield* keeps(context), needed: yield* isNeeded(context) };
  },
};

export const needStandby: Operation<'needStandby'> = {
  kind: 'write',
  silent: true,
  idle: false,
  bestEffort: 'current',
  prepare: isNeeded,
  *run(context, { start }) {
    return (yield* calls(context)) && (yield* startStandby(context, start));
  },
};

function* isNeeded(context: Context): Program<boolean> {
  return (yield* calls(context)) && !(yield* isServed(context));
}

/** Whether a worker lives that sees to it. */
export function* isServed(context: Context): Program<boolean> {
  return yield* canRun((yield* facts(context)).workers, ANY);
}

/** Inserts its row unless one lives. */
export const startStandby = (context: Context, start: WorkerRow): Program<boolean> => startFor(context, [ANY], start);
