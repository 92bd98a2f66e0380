/** What schema a file has, and how one of an older schema is brought forward. */
import type { Connection } from './driver.ts';
import { sqlOf } from './step.ts';
import { STEPS } from './steps.ts';

export { type Reads, type Step, sqlOf } from './step.ts';
export { APPLICATION_ID, STEPS } from './steps.ts';

/** The newest schema that this version knows. */
export const SCHEMA = STEPS.length;

/** What a file says of itself. */
export function schemaOf(connection: Connection): { version: number; application: number } {
  return { version: pragma(connection, 'user_version'), application: pragma(connection, 'application_id') };
}

/** Reads a pragma that is one whole number. */
function pragma(connection: Connection, name: string): number {
  return Number(connection.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

/**
 * Brings the file to the last of `steps`, in one exclusive transaction. A file that holds tasks is copied first, by
 * `backup`, behind the lock: whoever has to wait for it copies nothing. Does nothing when another process was faster.
 */
export function migrate(connection: Connection, backup: (version: number) => void, steps = STEPS): void {
  connection.exec('BEGIN EXCLUSIVE');
  try {
    const { version } = schemaOf(connection);
    if (version > 0 && version < steps.length) backup(version);
    for (const step of steps.slice(version)) connection.exec(sqlOf(step));
    if (version < steps.length) connection.exec(`PRAGMA user_version = ${steps.length}`);
    connection.exec('COMMIT');
  } catch (error) {
    connection.exec('ROLLBACK');
    throw error;
  }
}
