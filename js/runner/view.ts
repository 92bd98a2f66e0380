/** A task as readers see it. */
import { type RecordJson, taskFromJson, taskJson } from '../wire/convert.ts';
import type { Task } from '../wire/task.ts';
import { isThrown, thrownJson } from '../wire/thrown.ts';
import type { Entry, Extra } from './entry.ts';
import type { Inner } from './inner.ts';

/** The record, and what a reader derives from it: of a dropped task what is left of it. */
function texts(inner: Inner, entry: Entry): [string, string] {
  const { kept, order, name } = entry;
  const text = inner.driver.ask((runner, now) => {
    if (kept === undefined) return runner.record(entry.slot, now) ?? '';
    if (typeof kept === 'string') return kept;
    const { priority, timeoutMs, created, started, ended } = kept;
    const { base } = inner.driver;
    const moments = [base + created, base + started, base + ended] as const;
    return runner.droppedRecord(order, name, inner.isCompleted(entry), priority, timeoutMs, ...moments);
  });
  return text.split('\0') as [string, string];
}

/** Of the attempt that runs, or ran last. */
function progressDataOf(extra: Extra | undefined, attempt: number | undefined): { progressData?: unknown } {
  const { told } = extra ?? {};
  return told?.data === undefined || told.attempt !== attempt ? {} : { progressData: JSON.parse(told.data) };
}

export function recordOf(inner: Inner, entry: Entry): RecordJson {
  return JSON.parse(texts(inner, entry)[0]);
}

export function taskOf(inner: Inner, entry: Entry): Task {
  const [record, view] = texts(inner, entry);
  const { extra } = entry;
  inner.idOf(entry); // whoever is told of a task can ask for it
  const stored: RecordJson = JSON.parse(record);
  const json = taskJson(stored, {
    input: extra?.input ?? extra?.args,
    config: extra?.config,
    metadata: extra?.metadata,
    result: inner.isCompleted(entry) ? entry.subject : undefined,
    ...(isThrown(stored.error) ? { errorDetails: thrownJson(entry.subject).details } : {}),
    ...progressDataOf(extra, stored.attempt),
    worker: null,
    ...JSON.parse(view),
  });
  return taskFromJson(json);
}
