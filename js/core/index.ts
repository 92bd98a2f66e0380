/**
 * The Rust core, as everything else knows it. Importing it instantiates nothing; the first call does, synchronously. Every
 * function throws a `TaskError` when the core refuses, with the core's code and message.
 */
import type { StoredUsage } from '../wire/usage.ts';
import { call } from './bindings.ts';
import { type Begun, completed, specText, Texts } from './decided.ts';
import { parsed } from './duration.ts';
import { random, randomBytes } from './random.ts';
import { text } from './text.ts';
import type { Command, Decided, Facts, Spec, TaskStatusView } from './types.ts';

export type { EventKind } from '../wire/event.ts';
export { load } from './bindings.ts';
export type { Begun } from './decided.ts';
export { random } from './random.ts';
export { type Begin, Records } from './records.ts';
export type { Columns, Command, CoreEvent, Decided, Facts, Spec, TaskStatusView } from './types.ts';

/** Creates a task's first record. `InvalidArgumentError` names the option that cannot be used. */
export function submit(spec: Spec, id: string, now: number): Decided {
  const json = specText(spec);
  return decided(call((core) => core.submit(json, id, now)));
}

/** Creates a task that starts at once; also its record as it was created. Refused as both are. */
export function submitStarted(spec: Spec, id: string, now: number, worker: string): Begun {
  const { record, events } = submit(spec, id, now);
  const started = decide(record, { command: 'start', worker }, now);
  return { ...started, events: [...events, ...started.events], created: record };
}

/**
 * Puts a command to a stored record. `ConflictError` when the task's state does not allow it; then nothing changes.
 * `chance`, from 0 up to 1, is for the wait before a retry.
 */
export function decide(record: string, command: Command, now: number, chance: number = random()): Decided {
  const json = text('command', command);
  return decided(call((core) => core.decide(record, json, now, chance)));
}

function decided(answer: string): Decided {
  const texts = answer.split('\0');
  return completed(JSON.parse(texts[0] as string), new Texts(texts, 1));
}

/** What a reader derives from a record. */
export interface View {
  /** What an operator should know and do next; `unknown` when the record cannot be read. */
  attention: TaskStatusView;
  /** Seconds since the first start, to the end or to now; null before the first start. */
  duration: number | null;
}

/** Derives from a record, and from what it alone cannot tell, what a reader wants to know now. */
export function view(record: string, facts: Facts, now: number): View {
  const json = text('facts', facts);
  return JSON.parse(call((core) => core.view(record, json, now)));
}

/** When the record may go, given when its outcome was first read; null while it must stay. */
export function dropAt(record: string, seenAt: number | null): number | null {
  return call((core) => core.dropAt(record, seenAt)) ?? null;
}

/** The sum of what several tasks have used, each as JSON text of what its record holds. */
export const usageTotal = (usages: readonly string[]): StoredUsage =>
  JSON.parse(call((core) => core.usageTotal(`[${usages.join()}]`)));

const ID_BYTES = 16;
const ID_BATCH = 32;
/** Of so many batches the ids have one head. With more, few tasks would share few heads; with fewer, a commit would have several. */
const HEAD_BATCHES = 8;
/** How many heads the core has. */
const HEADS = 64;
const ids: string[] = [];

/** How many batches were made, from a random start. */
let batches: number | undefined;

/**
 * A new task id: `task_` and 32 hex digits, 122 bits of them random. The other 6 are their head, which 256 ids of a thread have in
 * common and the next ones count up, from a random start: so the ids of a commit are neighbours in an index.
 */
export function newTaskId(): string {
  if (ids.length === 0)
    ids.push(...call((core) => core.taskIds(nextHead(), randomBytes(ID_BYTES * ID_BATCH))).split(' '));
  return ids.pop() as string;
}

function nextHead(): number {
  batches = batches === undefined ? wordOf(randomBytes(4)) : (batches + 1) >>> 0;
  return Math.trunc(batches / HEAD_BATCHES) % HEADS;
}

/** The number of the last session of this thread; none before the first. */
let session: number | undefined;

/**
 * A new session id: `session_` and 8 hex digits. A thread counts up from a random start and begins anew at 2^32, so that its own are
 * distinct, and neighbours in an index. Of two that make n each some are alike in 2n of 2^32 cases; drawn one by one n² would be.
 */
export function newSessionId(): string {
  session = session === undefined ? wordOf(randomBytes(4)) : (session + 1) >>> 0;
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, session);
  return call((core) => core.sessionId(bytes));
}

const wordOf = ({ buffer, byteOffset }: Uint8Array): number => new DataView(buffer, byteOffset, 4).getUint32(0);

const FULL_ID = 'task_'.length + 32;
/** An id as it is told and stored: there is nothing to read in it, and a short command has the core read nothing else. */
const AS_STORED = /^task_[0-9a-f]{32}$/;

/** Reads an id, or the beginning of one (at least 4 hex digits), with or without `task_`; `task_` is always in the answer. */
export function parseReference(reference: string): { id: string } | { prefix: string } {
  if (AS_STORED.test(reference)) return { id: reference };
  const full = call((core) => core.parseReference(reference));
  return full.length === FULL_ID ? { id: full } : { prefix: full };
}

/** Seconds of a number of seconds or a text such as `"90s"`, `"30m"`, `"1.5h"`. `InvalidArgumentError` names the option. */
export function parseDuration(value: number | string, option: string): number {
  return call((core) => parsed(core, value, option));
}
