/** Makes the wire's task out of what the store holds. */
import { usageTotal, view } from '../../core/index.ts';
import { isSealed, unreadOf } from '../../store/envelope.ts';
import type { PayloadKind, Payloads, StoredTask, WorkerRow } from '../../store/types.ts';
import { type RecordJson, taskJson } from '../../wire/convert.ts';
import type { TaskJson, TaskWorkerJson, Undecoded } from '../../wire/task.ts';
import { isNarrowed, toolsOf } from '../../wire/tools.ts';
import type { StoredUsage } from '../../wire/usage.ts';
import { changedText, missingText } from '../staff/missing.ts';

/** What a reader of a whole task asks for. */
export const WHOLE: readonly PayloadKind[] = [
  'input',
  'config',
  'metadata',
  'result',
  'error_details',
  'progress_data',
];

/** Builds the task as readers see it now. */
export function storedJson(stored: StoredTask, now = Date.now()): TaskJson {
  const record = readRecord(stored);
  const { payloads, owner, runnable, undelivered, worker, drop_at } = stored;
  const facts = {
    owner,
    runnable,
    undelivered,
    lease_until: worker?.lease_until ?? null,
    tools_narrowed: isNarrowed(toolsOf(record?.source)),
  };
  const warning = (record && changedText(record)) ?? missingText(stored);
  const undecoded = unreadOf(payloads);
  const warnings = [warning, undecoded && unreadText(undecoded)].filter((text) => text !== undefined);
  return taskJson(record ?? unreadable(stored), {
    ...values(payloads),
    dropAt: drop_at,
    usageTotal: totalOf(record?.usage ?? null, stored.below),
    tags: stored.tags,
    worker: worker && workerJson(worker),
    ...(undecoded === undefined ? {} : { undecoded }),
    ...(warnings.length === 0 ? {} : { warnings }),
    ...(warning === undefined || !stored.bound || record?.held != null ? {} : { unheldEnv: stored.missing }),
    ...view(stored.record, facts, now),
  });
}

const unreadText = ({ kinds, reason }: Undecoded): string => `${kinds.join(' and ')} cannot be read here: ${reason}`;

/** With those of its descendants, where one has told any. */
function totalOf(own: StoredUsage | null, below: readonly string[]): StoredUsage | null {
  if (below.length === 0) return own;
  return usageTotal(own === null ? below : [JSON.stringify(own), ...below]);
}

function readRecord({ record }: StoredTask): RecordJson | undefined {
  try {
    return JSON.parse(record);
  } catch {
    return undefined;
  }
}

/** A damaged record does not hide its task: it is listed with what the columns know. */
function unreadable({ id, status }: StoredTask): RecordJson {
  return { task_id: id, name: '', recipe: '', status, max_attempts: 1, created_at: 0, updated_at: 0 };
}

/** What cannot be read here is left out. */
function values({ input, config, metadata, result, error_details, progress_data }: Payloads) {
  return {
    ...value('input', input),
    ...value('config', config),
    ...value('metadata', metadata),
    ...value('result', result),
    ...value('errorDetails', error_details),
    ...value('progressData', progress_data),
  };
}

const value = (key: string, text: string | undefined): object =>
  text === undefined || isSealed(text) ? {} : { [key]: JSON.parse(text) };

function workerJson({ id, pid, host, lease_until }: WorkerRow): TaskWorkerJson {
  return { id, pid, host, lease_until: new Date(lease_until).toISOString() };
}
