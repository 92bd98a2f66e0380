/** Makes the wire's task out of what the store holds. */
import { view } from '../../core/index.ts';
import type { PayloadKind, Payloads, StoredTask, WorkerRow } from '../../store/types.ts';
import { type RecordJson, taskJson } from '../../wire/convert.ts';
import type { TaskJson, TaskWorkerJson } from '../../wire/task.ts';
import { changedText, missingText } from '../staff/missing.ts';

/** What a reader of a whole task asks for. */
export const WHOLE: readonly PayloadKind[] = ['input', 'config', 'metadata', 'result', 'error_details'];

/** Builds the task as readers see it now. */
export function storedJson(stored: StoredTask, now = Date.now()): TaskJson {
  const record = readRecord(stored);
  const { payloads, owner, runnable, worker, drop_at } = stored;
  const facts = { owner, runnable, lease_until: worker?.lease_until ?? null };
  const warning = (record && changedText(record)) ?? missingText(stored);
  return taskJson(record ?? unreadable(stored), {
    ...values(payloads),
    dropAt: drop_at,
    tags: stored.tags,
    worker: worker && workerJson(worker),
    ...(warning === undefined ? {} : { warnings: [warning] }),
    ...(warning === undefined || !stored.bound || record?.held != null ? {} : { unheldEnv: stored.missing }),
    ...view(stored.record, facts, now),
  });
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

function values({ input, config, metadata, result, error_details }: Payloads) {
  return {
    ...(input === undefined ? {} : { input: JSON.parse(input) }),
    ...(config === undefined ? {} : { config: JSON.parse(config) }),
    ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) }),
    ...(result === undefined ? {} : { result: JSON.parse(result) }),
    ...(error_details === undefined ? {} : { errorDetails: JSON.parse(error_details) }),
  };
}

function workerJson({ id, pid, host, lease_until }: WorkerRow): TaskWorkerJson {
  return { id, pid, host, lease_until: new Date(lease_until).toISOString() };
}
