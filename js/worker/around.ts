/** The hooks of a worker, around its attempts. */
import type { AttemptFacts, AttemptGiven, AttemptOutcome, Hooks } from '../ports/hooks.ts';
import type { Attempt, Claimed } from '../store/types.ts';
import { keptTrace, type TaskTrace } from '../wire/carried.ts';
import type { Hiding } from './attempt-options.ts';
import type { Clock } from './clock.ts';
import { HookError, HookedWork } from './hooked-work.ts';
import { spanOf } from './source.ts';
import type { Work } from './work.ts';

/** Milliseconds that hooks get to end, when the worker stops. */
const END_PATIENCE = 2_000;

export interface AroundOptions {
  worker: string;
  clock: Clock;
  /** Keeps the span of an attempt. */
  keepTrace(attempt: Attempt, trace: TaskTrace): void;
  onTrouble(error: unknown): void;
}

/** The hooks of a worker, around what it runs. */
export class Around {
  readonly #hooks: readonly Hooks[];
  readonly #options: AroundOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(hooks: readonly Hooks[], options: AroundOptions) {
    this.#hooks = hooks.filter(({ around }) => around !== undefined);
    this.#options = options;
  }

  /** The work of an attempt with the hooks around it, told without what is hidden by then; without hooks it is the very same. */
  of(claimed: Claimed, work: Work, hiding: Hiding): Work {
    if (this.#hooks.length === 0) return work;
    const { worker, clock, keepTrace } = this.#options;
    const facts = factsOf(claimed, worker, clock.now());
    const { id, attempt, epoch } = claimed;
    return new HookedWork(work, {
      ...this.#options,
      mask: () => hiding.mask,
      keepTrace: (trace) => keepTrace({ id, attempt, epoch }, trace),
      through: (run) => this.#keep(runAll(this.#hooks, facts, run)),
    });
  }

  /** Waits shortly for what hooks still do. */
  async settle(): Promise<void> {
    if (this.#running.size === 0) return;
    let stop = (): void => {};
    const over = new Promise<void>((resolve) => {
      stop = this.#options.clock.after(END_PATIENCE, resolve);
    });
    await Promise.race([Promise.allSettled(this.#running), over]);
    stop();
  }

  #keep(running: Promise<unknown>): Promise<unknown> {
    this.#running.add(running);
    const forget = (): void => void this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }
}

type Run = (given: AttemptGiven) => Promise<AttemptOutcome>;

/** The first is the outermost. Rejects with what one of them throws, which says whose it was. */
function runAll(hooks: readonly Hooks[], facts: AttemptFacts, run: Run): Promise<unknown> {
  const each = (next: Run, hook: Hooks): Run => {
    return async (outer) => {
      try {
        return (await hook.around?.(facts, (own) => next(both(outer, own)))) as AttemptOutcome;
      } catch (cause) {
        throw cause instanceof HookError ? cause : new HookError(hook.name, cause);
      }
    };
  };
  return hooks.reduceRight(each, run)({});
}

/** What both give, the outer ones before the inner. */
function both(outer: AttemptGiven, { trace, within, onEvent, onDecided }: AttemptGiven = {}): AttemptGiven {
  const around = outer.within;
  return {
    trace: keptTrace(trace) ?? outer.trace,
    within: within === undefined || around === undefined ? (around ?? within) : (code) => around(() => within(code)),
    onEvent: inTurn(outer.onEvent, onEvent),
    onDecided: inTurn(outer.onDecided, onDecided),
  };
}

type Told<T> = ((told: T) => void) | undefined;

function inTurn<T>(first: Told<T>, second: Told<T>): Told<T> {
  if (first === undefined || second === undefined) return first ?? second;
  return (told) => {
    first(told);
    second(told);
  };
}

function factsOf(claimed: Claimed, workerId: string, now: number): AttemptFacts {
  const { id, attempt } = claimed;
  const record = JSON.parse(claimed.record);
  const { name, recipe, session_id, parent_id, max_attempts, priority, created_at, carried } = record;
  return {
    taskId: id,
    name,
    recipeName: recipe,
    sessionId: session_id ?? null,
    parentId: parent_id ?? null,
    attempt,
    maxAttempts: max_attempts,
    priority: priority ?? 0,
    createdAt: new Date(created_at),
    queueMs: queuedFor(record, now),
    ...spanOf(carried?.trace),
    workerId,
  };
}

/** A further attempt has waited since it was due; what goes on after an answer has run before. */
function queuedFor({ attempt, created_at, run_at, ran_ms }: Waited, now: number): number {
  const dueAt = attempt > 1 ? (run_at ?? now) : Math.max(created_at, run_at ?? 0);
  return (ran_ms ?? 0) > 0 ? 0 : Math.max(0, now - dueAt);
}

interface Waited {
  attempt: number;
  created_at: number;
  run_at?: number | null;
  ran_ms?: number;
}
