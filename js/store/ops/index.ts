/**
 * Every operation by its name. Those that every reader needs are imported at once, the others when they are first asked
 * for, so that a short process loads few.
 */
import type { Program } from '../../ports/backend.ts';
import type { Ops } from '../types.ts';
import type { Context, Operation } from './operation.ts';
import { overdue } from './overdue.ts';
import { find, get, getAll, handed, outcomes } from './read.ts';
import type { followUp as FollowUp } from './sequel.ts';

const LOADERS: { readonly [K in keyof Ops]: () => Promise<Operation<K>> } = {
  submit: async () => (await import('./submit.ts')).submit,
  needWorker: async () => (await import('./submit.ts')).needWorker,
  provision: async () => (await import('./submit.ts')).provision,
  get: async () => get,
  getAll: async () => getAll,
  see: async () => (await import('./change.ts')).see,
  seeAll: async () => (await import('./change.ts')).seeAll,
  find: async () => find,
  list: async () => (await import('./list.ts')).list,
  ids: async () => (await import('./list.ts')).ids,
  live: async () => (await import('./list.ts')).live,
  counts: async () => (await import('./list.ts')).counts,
  overdue: async () => overdue,
  due: async () => (await import('./due.ts')).due,
  change: async () => (await import('./change.ts')).change,
  cancel: async () => (await import('./cancel.ts')).cancel,
  step: async () => (await import('./events.ts')).step,
  traced: async () => (await import('./events.ts')).traced,
  handed: async () => handed,
  outcomes: async () => outcomes,
  events: async () => (await import('./events.ts')).events,
  eventsOfAll: async () => (await import('./events.ts')).eventsOfAll,
  sessionEvents: async () => (await import('./events.ts')).sessionEvents,
  cancellation: async () => (await import('./events.ts')).cancellation,
  changedSince: async () => (await import('./feed.ts')).changedSince,
  answered: async () => (await import('./requests.ts')).answered,
  takeOver: async () => (await import('./consumers.ts')).takeOver,
  holdOn: async () => (await import('./consumers.ts')).holdOn,
  measure: async () => (await import('./measure.ts')).measure,
  measureTimes: async () => (await import('./measure.ts')).measureTimes,
  feed: async () => (await import('./feed.ts')).feed,
  retry: async () => (await import('./retry.ts')).retry,
  recoverable: async () => (await import('./recover.ts')).recoverable,
  recover: async () => (await import('./recover.ts')).recover,
  lend: async () => (await import('./lend.ts')).lend,
  reclaim: async () => (await import('./lend.ts')).reclaim,
  turn: async () => (await import('./turn.ts')).turn,
  claim: async () => (await import('./claim.ts')).claim,
  poll: async () => (await import('./poll.ts')).poll,
  changedCode: async () => (await import('./poll.ts')).changedCode,
  register: async () => (await import('./workers.ts')).register,
  stopping: async () => (await import('./workers.ts')).stopping,
  spawned: async () => (await import('./workers.ts')).spawned,
  renew: async () => (await import('./workers.ts')).renew,
  leave: async () => (await import('./workers.ts')).leave,
  addGroup: async () => (await import('./workers.ts')).addGroup,
  useGroup: async () => (await import('./workers.ts')).useGroup,
  removeGroup: async () => (await import('./workers.ts')).removeGroup,
  hold: async () => (await import('./values.ts')).hold,
  release: async () => (await import('./values.ts')).release,
  stranded: async () => (await import('./values.ts')).stranded,
  takeByName: async () => (await import('./values.ts')).takeByName,
  claimDeliveries: async () => (await import('./deliveries.ts')).claimed,
  removeDeliveries: async () => (await import('./deliveries.ts')).removed,
  nextDelivery: async () => (await import('./deliveries.ts')).next,
  settleDelivery: async () => (await import('./deliveries.ts')).settled,
  deliveries: async () => (await import('./deliveries.ts')).listed,
  retryDeliveries: async () => (await import('./deliveries.ts')).again,
  typing: async () => (await import('./deliveries.ts')).typing,
  origin: async () => (await import('./origins.ts')).origin,
  conversation: async () => (await import('./sequel.ts')).conversation,
  addSchedule: async () => (await import('./schedules.ts')).addSchedule,
  schedules: async () => (await import('./schedules.ts')).schedules,
  changeSchedule: async () => (await import('./schedules.ts')).changeSchedule,
  dueSchedules: async () => (await import('./schedules.ts')).dueSchedules,
  holdSchedule: async () => (await import('./schedules.ts')).holdSchedule,
  fire: async () => (await import('./fire.ts')).fire,
  standby: async () => (await import('./standby.ts')).standby,
  needStandby: async () => (await import('./standby.ts')).needStandby,
  clear: async () => (await import('./clear.ts')).clear,
};

/** The names of all operations. */
export const ALL = Object.keys(LOADERS) as (keyof Ops)[];

const loaded: { [K in keyof Ops]?: Operation<K> } = {};

/** The operation of that name; a promise only at the first call. */
export function operationOf<K extends keyof Ops>(name: K): Operation<K> | Promise<Operation<K>> {
  return loaded[name] ?? load(name);
}

async function load<K extends keyof Ops>(name: K): Promise<Operation<K>> {
  const operation: Operation<K> = await LOADERS[name]();
  if (operation.kind === 'write') follow ??= (await import('./sequel.ts')).followUp;
  (loaded as Record<string, unknown>)[name] = operation;
  return operation;
}

let follow: typeof FollowUp | undefined;

/** What follows of the ends that a program has decided; whoever has an operation that writes has it, too. */
export function* followUp(context: Context): Program<void> {
  if (context.sequels.size > 0 || context.told.length > 0) yield* (follow as typeof FollowUp)(context);
}

/** Loads every operation: the files may be gone when it is first asked for. */
export async function loadOperations(): Promise<void> {
  await Promise.all((Object.keys(LOADERS) as (keyof Ops)[]).map(operationOf));
}
