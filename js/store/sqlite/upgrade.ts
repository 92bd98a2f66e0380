/** Whether a file of an older schema may be brought forward. */
import { StoreError } from '../../errors/refusal.ts';
import { facts, type WorkerFact } from '../facts.ts';
import type { Context } from '../operation-context.ts';
import type { Database } from './database.ts';
import { SCHEMA } from './schema.ts';

/**
 * Milliseconds by which a lease of another boot or namespace is over, by its own wall time, when its worker counts as dead:
 * nobody watches here, and no clock that matters is that far off. Else a row left by a crash would refuse for ever.
 */
const LONG_OVER = 3_600_000;

const mayLive = ({ row, alive, certain }: WorkerFact, now: number): boolean =>
  alive && (certain || row.lease_until > now - LONG_OVER);

/**
 * Refuses while a worker lives: one of this version has brought the file forward before it registered, so each that is
 * there is of an older one, and would end with all that it runs. To be asked behind the lock, on the file as it is.
 */
export function refuseOlderWorkers(db: Database, context: Context): void {
  const { workers } = db.drive(facts(context));
  const [first, ...more] = workers.flatMap((one) => (mayLive(one, context.now) ? [one.row] : []));
  if (first === undefined) return;
  const others = more.length === 0 ? '' : ` and ${more.length} more`;
  throw new StoreError(
    `${db.path} has schema ${db.version} and a worker of an older version of offstage works for it: ${first.id} ` +
      `(pid ${first.pid} on ${first.host})${others}. To write with this version, which needs schema ${SCHEMA}, let it end ` +
      'or stop it; `offstage store migrate --force` upgrades at once and ends what it runs. Reading goes on',
    {
      details: {
        reason: 'older_worker',
        schema: db.version,
        needed: SCHEMA,
        workers: [first, ...more].map(({ id, pid, host }) => ({ id, pid, host })),
      },
    },
  );
}
