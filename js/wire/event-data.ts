/**
 * What each kind of event holds. The fields that follow here are the event's own and are written as everywhere: snake_case
 * and ISO-8601 on the wire, camelCase and `Date` in TypeScript. What a user gave (`chunk`, `schema`, `content`, an error's
 * `details`) passes untouched.
 */
import type { TaskTrace } from './carried.ts';
import type { ToolNote, WarningNote } from './note.ts';
import type { OnLost, TaskErrorJson } from './task.ts';

/** Which attempt of a task: no two of a task have the same epoch. */
export interface AttemptData {
  /** From 1; 0 for a task that failed before it started. */
  attempt: number;
  /** One higher with each start, also after an answer or a shutdown. */
  epoch: number;
}

/** What somebody was to be told. */
export interface DeliveryData {
  /** Who. */
  address: string;
  /** The same at each repeat, and in the message. */
  id: string;
  /** How often it was tried. */
  attempts: number;
}

/** What an event holds, by its kind. */
export interface EventData {
  /** What was asked for. */
  submitted: {
    name: string;
    /** Empty for plain functions. */
    recipe: string;
    sessionId: string | null;
    parentId: string | null;
    priority: number;
    maxAttempts: number;
    onLost: OnLost;
    runAt: Date | null;
    timeoutSec: number | null;
    ttlSec: number | null;
    idempotencyKey: string | null;
    retriedFrom: string | null;
  };
  /**
   * `resume`: it goes on after an answer. `digest`: what the code is, where that is known and not as at the submit. `trace`: the
   * span of the attempt, where hooks made one; it is added a moment later.
   */
  started: AttemptData & { worker: string; resume: boolean; digest?: string; trace?: TaskTrace };
  /**
   * It found other code than it knew, and runs that: of this version. `held`: it has not begun it, and is pending until its
   * own code is there again or somebody says what is to become of it.
   */
  code: AttemptData & { version: string; digest?: string; held: boolean };
  /** It goes on with the code that is there when it starts next; `found`: a worker has found other code since it was held. */
  updated: { code: 'current' | 'found' };
  /** `fraction` is from 0 to 1. `data`: as the code gave it; absent: what was told before stays. */
  progress: { fraction: number; message: string | null; data?: unknown };
  /** A line that the code logged or printed. */
  log: { line: string };
  /** What the code put out, as it gave it. */
  output: { chunk: unknown };
  /** The step of that key is done. */
  step: { key: string };
  /** The code has used models. `ms`: how long the call took. */
  usage: {
    model?: string;
    step?: string;
    inputTokens?: number;
    outputTokens?: number;
    cachedInputTokens?: number;
    reasoningTokens?: number;
    /** How many calls it stands for, if not one. */
    requests?: number;
    steps?: number;
    cost?: number;
    costSource?: 'provider' | 'config';
    incomplete?: boolean;
    ms?: number;
    finishReason?: string;
  };
  /** A model's tool was used: `call` is which call of the step, `ok` whether it did what it was asked to, `ms` how long it took. */
  tool: ToolNote;
  /** Something is not as it should be, and the task goes on: `reason` is for programs, `message` for people. */
  warning: WarningNote;
  /** The code asks a person. */
  input_requested: { key: string; message: string; schema?: unknown; expiresAt?: Date };
  /** Somebody answered; `content` as it was given. */
  input_answered: { key: string; action: 'accept' | 'decline' | 'cancel'; content?: unknown };
  /** `settled`: the attempt's code has ended. `counted`: it counts as an attempt. Without `runAt` the next starts at once. */
  retry_scheduled: AttemptData & { error: TaskErrorJson; runAt?: Date; settled: boolean; counted: boolean };
  /** `stopped`: the attempt's code is known to have ended. `parked`: it waited for a person, so nothing is lost. */
  lease_lost: AttemptData & {
    worker: string;
    reason: 'worker_gone' | 'lease_expired' | 'shutdown';
    stopped: boolean;
    parked: boolean;
  };
  /** `forced`: it was not overdue. */
  recovered: AttemptData & { forced: boolean };
  /** It has a result. */
  completed: AttemptData;
  /** It has failed for good. `settled`: the attempt's code has ended. */
  failed: AttemptData & { error: TaskErrorJson; settled: boolean };
  /** It was cancelled: by a caller, its parent, its session, a `clear`, or an answer. */
  cancelled: { by: 'caller' | 'parent' | 'session' | 'clear' | 'answer'; reason?: string };
  /** The attempt's code has really ended. */
  stopped: AttemptData;
  /** The attempt's code was given up and may still run. */
  abandoned: AttemptData;
  /** An outcome that came too late; it is kept here and nowhere else. */
  late_result: AttemptData & { outcome: 'succeeded' | 'failed'; error?: TaskErrorJson };
  /** Somebody was told of it; `attempts`: how often that was tried. */
  delivered: DeliveryData;
  /** Somebody was not told of it, and it is not tried again. */
  delivery_failed: DeliveryData;
}

/** `run_at` of `RunAt`: as it is written on the wire. */
type Snake<Key> = Key extends `${infer Head}${infer Rest}`
  ? `${Head extends Lowercase<Head> ? Head : `_${Lowercase<Head>}`}${Snake<Rest>}`
  : Key;
type OnWire<Value> = Value extends Date ? string : Value;
type WireData<Data> = { [Key in keyof Data as Snake<Key>]: OnWire<Data[Key]> };

/** The same on the wire. */
export type EventDataJson = { [Kind in keyof EventData]: WireData<EventData[Kind]> };

type Fields = Record<string, unknown>;

/** Moments are stored as milliseconds since the epoch. */
const MOMENTS = ['run_at', 'expires_at'];

/** Of what was stored, milliseconds and all, what is shown on the wire. */
export function dataJson(kind: string, stored: unknown): Fields {
  const data = kind === 'submitted' ? submitted(stored as Fields) : { ...(stored as Fields) };
  for (const key of MOMENTS) {
    if (typeof data[key] === 'number') data[key] = new Date(data[key]).toISOString();
  }
  return data;
}

/** The first record holds more than a reader of events is told: where the code lies, and what the engine keeps for itself. */
function submitted(record: Fields): Fields {
  const { session_id = null, parent_id = null, run_at = null, idempotency_key = null, retried_from = null } = record;
  return {
    name: record.name,
    recipe: record.recipe,
    session_id,
    parent_id,
    priority: record.priority ?? 0,
    max_attempts: record.max_attempts,
    on_lost: record.on_lost ?? 'fail',
    run_at,
    timeout_sec: secondsOf(record.timeout_ms),
    ttl_sec: secondsOf(record.ttl_ms),
    idempotency_key,
    retried_from,
  };
}

const secondsOf = (ms: unknown): number | null => (typeof ms === 'number' ? ms / 1000 : null);

/** Turns the wire's data into that of the TypeScript API. */
export function dataFromJson(json: Fields): Fields {
  const entries = Object.entries(json).map(([key, value]) => [
    key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
    MOMENTS.includes(key) && typeof value === 'string' ? new Date(value) : value,
  ]);
  return Object.fromEntries(entries);
}
