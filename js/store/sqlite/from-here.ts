/** What an operation knows, for looks at a file that no host has open. */
import type { Moment } from '../../ports/backend.ts';
import { ClockWatch } from '../clock-watch.ts';
import type { Context } from '../operation-context.ts';
import { sight } from '../sight.ts';
import { Tally } from '../tally.ts';
import type { Database } from './database.ts';
import { SCHEMA } from './schema.ts';
import { systemClock } from './system-clock.ts';

/** This moment of that file, to one who remembers nothing unless he says so. */
export function contextOf(db: Database, moment = momentOf(db), clock = new ClockWatch()): Context {
  return {
    ...moment,
    store: db.path,
    clock,
    sight,
    tally: new Tally(),
    notes: new Map(),
    live: undefined,
    sequels: new Map(),
    told: [],
  };
}

const momentOf = (db: Database): Moment => ({
  now: systemClock.now(),
  mono: systemClock.mono(),
  isSnapshot: false,
  isCurrent: db.version >= SCHEMA,
});
