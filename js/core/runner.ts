/**
 * A runner's engine in wasm: the only file that knows its bindings. Importing it instantiates nothing; the first runner does.
 *
 * A task is meant by its entry, a small number that is used again once the task was dropped. Every method takes the
 * monotonic time in milliseconds; those that answer with a number of words leave them in `words`. What nobody called for
 * comes by the runner's `Ports`.
 */
import { runnerWasm } from '#platform';
import type { TaskError } from '../errors/base.ts';
import type { OnConflict, OnLost } from '../wire/task.ts';
import type { Used } from '../wire/usage.ts';
import { parsed } from './duration.ts';
import { guard } from './instance.ts';
import * as glue from './pkg/offstage_runner.js';
import { type Ports, whenTrapped } from './ports.ts';
import { randomBytes } from './random.ts';

export type { Platform, Timer } from '../platform/types.ts';
export { type Driven, Ports } from './ports.ts';

/** The kinds of words; their fields follow each. `src/wasm/runner/effects.rs` has the same list. */
export const WORD = {
  /** slot, attempt, epoch, resume */
  start: 1,
  /** slot, why: 0 cancelled, 1 timed out, 2 nobody answered in time */
  abort: 2,
  /** slot, status, stopped */
  ended: 3,
  /** slot, abandoned */
  stopped: 4,
  /** slot */
  restored: 5,
  /** slot, completed, priority, timeout, created, started, ended */
  dropped: 6,
  /** slot; a text */
  droppedRecord: 7,
  /** slot; a text */
  event: 8,
  /** busy, holds: for `Ports.keep` */
  keep: 9,
  /** number of a wait whose time is over */
  over: 10,
} as const;

/** What `submitSpec` adds to the entry of a task that was there before. */
export const DEDUPLICATED = 2 ** 32;

/** The first word: whether another task can start now. */
export const HEAD = 1;

/** The statuses by number. */
export const STATUSES = ['pending', 'running', 'input_required', 'completed', 'failed', 'cancelled'] as const;

/** The bindings and the memory that they write to. */
interface Loaded {
  Runner: typeof glue.Runner;
  memory: { readonly buffer: ArrayBuffer };
}

const wasm = guard<Loaded>(() => {
  const { memory } = glue.initSync({ module: runnerWasm() });
  whenTrapped(wasm.died);
  wasm.whenDead(tellAll);
  return { Runner: glue.Runner, memory };
});

/** Who has a runner, and is told when the wasm has died. */
interface Owner {
  died(error: TaskError): void;
}

/** All of them that were not collected. */
const owners = new Set<WeakRef<Owner>>();
let collected: FinalizationRegistry<WeakRef<Owner>> | undefined;

function own(owner: Owner): void {
  const ref = new WeakRef(owner);
  owners.add(ref);
  collected ??= new FinalizationRegistry((gone) => owners.delete(gone));
  collected.register(owner, ref);
}

function tellAll(error: TaskError): void {
  for (const ref of owners) ref.deref()?.died(error);
}

/** A runner's options. `src/wasm/runner/spec.rs` reads these fields. */
export interface EngineOptions {
  limit: number;
  maxQueued: number;
  killGraceMs: number;
  autoCleanup: boolean;
  cleanupDelayMs: number;
  maxRetained: number;
}

/** What is asked for of a task that is more than a plain one. `src/wasm/runner/spec.rs` reads these fields. */
export interface RunnerSpec {
  name: string;
  recipe: string | undefined;
  sessionId: string | undefined;
  /** What becomes of live tasks of the same session. Default `'parallel'`. */
  onConflict: OnConflict | undefined;
  idempotencyKey: string | undefined;
  /** What must be alike in two submits with one key. */
  fingerprint: string | undefined;
  /** The entry of the task that submits it. */
  parent: number | undefined;
  /** Whether a further attempt of the parent goes on with it. */
  keyed: boolean;
  priority: number | undefined;
  /** 0: none. */
  timeoutMs: number;
  ttlMs: number | undefined;
  retries: number | undefined;
  /** Seconds, a factor, a share from 0 to 1. */
  backoff: RunnerBackoff | undefined;
  delayMs: number | undefined;
  /** Milliseconds since the epoch. */
  runAt: number | undefined;
  onLost: OnLost | undefined;
}

/** How long to wait between attempts. */
export interface RunnerBackoff {
  initial: number | undefined;
  max: number | undefined;
  factor: number | undefined;
  jitter: number | undefined;
}

export type Runner = glue.Runner;

/** Makes an engine and its driver, its ids out of 16 random bytes unless a seed is given. */
export function newRunner(
  options: EngineOptions,
  ports: Ports,
  owner: Owner,
  seed: Uint8Array = randomBytes(16),
): Runner {
  const { Runner } = wasm.use();
  try {
    const runner = new Runner(options, seed, ports);
    own(owner);
    return runner;
  } catch (error) {
    throw wasm.failed(error);
  }
}

let words: Float64Array | undefined;

/**
 * The buffer of all engines: what one call has left in it is to be copied before the next one. A view of wasm memory is cut off
 * when that memory grows: ask again when its length is 0.
 */
export function wordsOfAll(): Float64Array {
  if (words === undefined || words.length === 0) {
    const { Runner, memory } = wasm.use();
    words = new Float64Array(memory.buffer, Runner.words(), Runner.capacity());
  }
  return words;
}

/** What to throw for what an engine threw. After a trap it is `core_dead`, for every runner of this process. */
export const failed = wasm.failed;

/** Throws once the wasm is dead. */
export const checkAlive = (): void => void wasm.use();

/** So many seconds are in range for certain. */
const PLAIN_SECONDS = 86_400;

/** Seconds of a number of seconds or a text such as `"90s"`. `InvalidArgumentError` names the option. */
export function seconds(value: number | string, option: string): number {
  wasm.use();
  if (typeof value === 'number' && value >= 0 && value <= PLAIN_SECONDS) return value;
  try {
    return parsed(glue, value, option);
  } catch (error) {
    throw wasm.failed(error);
  }
}

/** The numbers of what was used, in the order in which `src/wasm/runner/tell.rs` reads them. */
const USED = [
  'input_tokens',
  'output_tokens',
  'cached_input_tokens',
  'reasoning_tokens',
  'requests',
  'steps',
  'cost',
  'ms',
] as const;

/** Tells what an execution has used: as numbers and words, so that the runner needs no reader of JSON. */
export function tellUsed(
  runner: Runner,
  slot: number,
  attempt: number,
  epoch: number,
  used: Used,
  now: number,
): number {
  const { model, step, finish_reason, cost_source, incomplete } = used;
  const source = cost_source === undefined ? Number.NaN : Number(cost_source === 'config');
  const numbers = [...USED.map((key) => used[key] ?? Number.NaN), source, Number(incomplete === true)];
  return runner.usage(slot, attempt, epoch, Float64Array.from(numbers), model, step, finish_reason, now);
}
