/**
 * What a worker is to stay for although no task needs it, and what has one started when none lives. Something new is a line
 * in each list.
 */
import type { Program } from '../../ports/backend.ts';
import { facts } from '../facts.ts';
import { isAnyDeliveryDue } from '../sql/deliveries.ts';
import { isAnyActive, isAnyScheduleDue } from '../sql/schedules.ts';
import type { Context } from './operation.ts';

type Look = (context: Context) => Program<boolean>;

/** Schedules, while one is active. */
const KEEPS: readonly Look[] = [
  function* () {
    return (yield* isAnyActive()) !== undefined;
  },
];

/** For so long, in ms, somebody is started for what somebody is to be told: after that it is a matter of an operator. */
const CALLED_FOR = 600_000;

/** Schedules, when a moment has come, and what somebody is to be told. */
const CALLS: readonly Look[] = [
  function* ({ now }) {
    return (yield* isAnyDeliveryDue(now, now - CALLED_FOR)) !== undefined;
  },
  function* ({ now }) {
    return (yield* isAnyScheduleDue(now)) !== undefined;
  },
];

function* some(context: Context, looks: readonly Look[]): Program<boolean> {
  for (const look of looks) if (yield* look(context)) return true;
  return false;
}

/** Whether any worker of folders is to stay. */
export const keeps = (context: Context): Program<boolean> => some(context, KEEPS);

/** Whether something else than a task is due. */
export const calls = (context: Context): Program<boolean> => some(context, CALLS);

/** Whether this worker is to stay, which another one of folders that claims does not spare it. */
export function* isToStay(context: Context, worker: string): Program<boolean> {
  const row = (yield* facts(context)).workers.find((one) => one.row.id === worker)?.row;
  return row?.folders === true && (yield* keeps(context));
}
