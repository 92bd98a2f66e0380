/** Whether an attempt may run the code that its worker has found: the store decides, by the task's record. */
import type { Attempt, Store } from '../store/types.ts';
import type { Soon } from '../wire/soon.ts';
import { NotBegunError } from './not-begun.ts';
import { isPassing } from './trouble.ts';

/** The code that is there. */
export interface FoundCode {
  version: string;
  /** Of a folder; a recipe in code has none. */
  digest?: string;
  /** It also holds what tasks of the task's version run. */
  serves?: boolean;
}

/** What a task knows of its code. */
export interface KnownCode {
  version?: string | null;
  digest?: string | null;
}

/** The code that is there must not be run for this task, and nothing of it was: what becomes of the task is decided. */
export class OtherCodeError extends NotBegunError {}

/** Whether there is nothing to decide. */
export const isKnown = (known: KnownCode, { version, digest }: FoundCode): boolean =>
  version === known.version && digest === (known.digest ?? undefined);

/**
 * Answers with the version that is run. Throws `OtherCodeError` when the code must not be run: the task is held then, or
 * has failed, or is not this attempt's any more; another `NotBegunError` when the store could not be asked.
 */
export const agreedVersion = (store: Store, attempt: Attempt, known: KnownCode, found: FoundCode): Soon<string> =>
  isKnown(known, found) ? found.version : decidedVersion(store, attempt, known, found);

async function decidedVersion(store: Store, attempt: Attempt, known: KnownCode, found: FoundCode): Promise<string> {
  const { id, ...run } = attempt;
  const { version, digest = null, serves = false } = found;
  const command = { command: 'code', ...run, version, digest, serves } as const;
  const [changed] = await store.run('change', { changes: [{ id, command }] }).catch((error) => {
    // what the store cannot do for the moment is no failure of the task
    if (isPassing(error)) throw new NotBegunError(error.message, { cause: error });
    throw error;
  });
  const record = changed && (JSON.parse(changed.record) as KnownCode & { epoch: number });
  if (record && changed.status === 'running' && record.epoch === run.epoch) return record.version ?? version;
  throw new OtherCodeError(`its code is version ${version} now, which is not the task's (${known.version})`);
}

/** Tells a held task what its code is now; whether that will do is decided by the record, or by another start. */
export async function tellFound(store: Store, id: string, found: FoundCode): Promise<boolean> {
  const { version, digest = null, serves = false } = found;
  const command = { command: 'found', version, digest, serves } as const;
  const [changed] = await store.run('change', { changes: [{ id, command }] });
  return changed?.changed ?? false;
}
