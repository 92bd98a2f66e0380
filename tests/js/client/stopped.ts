/** A process that is stopped from outside, and lives. */
import { connect } from '#offstage/store/sqlite/driver.js';
import { until } from '../../waiting.js';

/**
 * Sends SIGSTOP while this process has the write lock of the store: so the other one is not inside of a write transaction,
 * in which it would keep everybody from writing for as long as it is stopped.
 */
export async function stopOutsideOfWrites(store: string, pid: number): Promise<void> {
  const holder = connect(store);
  try {
    await until(() => locked(holder), { what: `the write lock of ${store}` });
    process.kill(pid, 'SIGSTOP');
    holder.exec('ROLLBACK');
  } finally {
    holder.close();
  }
}

function locked(holder: ReturnType<typeof connect>): boolean {
  try {
    holder.exec('BEGIN IMMEDIATE');
    return true;
  } catch {
    return false;
  }
}
