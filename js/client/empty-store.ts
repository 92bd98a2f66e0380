import type { Ops } from '../store/types.ts';

const NONE = { pending: 0, running: 0, input_required: 0, completed: 0, failed: 0, cancelled: 0 };

/** Answers of a store that does not exist yet: asking creates nothing. */
export const EMPTY: Partial<{ [K in keyof Ops]: ReturnType<Ops[K]> }> = {
  needWorker: { needed: false, spawn: false, hand: null },
  provision: { needed: false, spawn: false, hand: null },
  standby: { stays: false, needed: false },
  needStandby: false,
  schedules: [],
  changeSchedule: null,
  dueSchedules: { rows: [], nextAt: null },
  get: null,
  getAll: [],
  outcomes: [],
  answered: null,
  see: null,
  find: [],
  list: { tasks: [], total: 0, totalExact: true, counts: NONE, next: null, isCut: false },
  sessionEvents: [],
  counts: { ...NONE, abandoned: 0 },
  change: [],
  cancel: { changed: [], missing: [] },
  clear: { ids: [], keys: 0 },
  ids: [],
  events: null,
  eventsOfAll: [],
  deliveries: { deliveries: [], next: null },
  retryDeliveries: { ids: [], unknown: [], delivered: [] },
  claimDeliveries: [],
  nextDelivery: null,
  removeDeliveries: 0,
  typing: [],
  origin: null,
};
