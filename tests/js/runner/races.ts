/**
 * Two tasks, one slot, and things that happen to them between any two microtasks: a schedule says what happens after how
 * many microtasks. Everything else of a run follows from that, so a schedule that fails fails again.
 */
import assert from 'node:assert/strict';
import type { BackgroundRunner, RunnerTaskHandle, SubmitOptions, TaskContext, TaskEvent } from '#offstage/index.js';
import { type Gate, gate, type Outcome, outcome, record } from './helpers.ts';
import { checkEnd, checkEvents, checkSummary } from './invariants.ts';
import { type VirtualClock, virtual } from './virtual.ts';

interface Race {
  runner: BackgroundRunner;
  clock: VirtualClock;
  tasks: RunnerTaskHandle<unknown>[];
  gates: Gate[];
  waiting: Promise<Outcome>[][];
}

const quiet = (promise: Promise<unknown>): void => void promise.catch(() => {});

/** What may happen to them. */
export const ACTIONS: Record<string, (race: Race) => void> = {
  'cancel 1': ({ tasks }) => quiet(tasks[0]?.cancel('first') as Promise<boolean>),
  'cancel 2': ({ tasks }) => quiet(tasks[1]?.cancel() as Promise<boolean>),
  'time out': ({ clock }) => clock.jump(1_000),
  'give up': ({ clock }) => clock.jump(6_000),
  'answer 1': ({ tasks }) => quiet(tasks[0]?.respond('k', { action: 'accept', content: 1 }) as Promise<void>),
  'answer 1 with cancel': ({ tasks }) => quiet(tasks[0]?.respond('k', { action: 'cancel' }) as Promise<void>),
  'settle 1': ({ gates }) => gates[0]?.open(),
  'settle 2': ({ gates }) => gates[1]?.open(),
  'fail 1': ({ gates }) => gates[0]?.fail(new Error('failed')),
  submit: (race) => add(race, () => 3),
  pause: ({ runner }) => runner.pause(),
  resume: ({ runner }) => runner.resume(),
  stop: ({ runner }) => quiet(runner.stop()),
};

/** Who works now; what was given up does not count any more. */
class Workers {
  readonly #now = new Set<TaskContext>();
  crowded = false;

  enter(ctx: TaskContext): void {
    this.#now.add(ctx);
    if (this.#now.size > 1) this.crowded = true;
  }

  leave(ctx: TaskContext): void {
    this.#now.delete(ctx);
  }

  giveUp(id: string): void {
    for (const ctx of this.#now) if (ctx.taskId === id) this.#now.delete(ctx);
  }

  /** Awaits something without a slot; who was told to end does not get it back. */
  async without<T>(ctx: TaskContext, wait: () => Promise<T>): Promise<T> {
    this.leave(ctx);
    try {
      return await wait();
    } finally {
      if (!ctx.signal.aborted) this.enter(ctx);
    }
  }
}

/** Settles with the gate, or with the abort. */
function orAborted({ signal }: TaskContext, { promise }: Gate): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    if (signal.aborted) reject(signal.reason);
    promise.then(resolve, reject);
  });
}

type Body = (ctx: TaskContext, open: Gate, workers: Workers) => unknown;

/** What a task does. */
export const SHAPES: Record<string, { body: Body; options?: SubmitOptions }> = {
  'one that ends at once': { body: () => 'at once' },
  'one that obeys': { body: orAborted },
  'one that ignores its abort': { body: (_, open) => open.promise },
  'one that asks': {
    body: async (ctx, open, workers) => {
      await workers.without(ctx, () => ctx.requestInput({ key: 'k', message: 'm' }));
      return orAborted(ctx, open);
    },
  },
  'one that fails first': {
    body: async (ctx, open) => {
      if (ctx.attempt === 1) throw new Error('first');
      return orAborted(ctx, open);
    },
    options: { retries: 1, backoff: { initial: 0, jitter: 0 } },
  },
  'one that is tried again': { body: orAborted, options: { retries: 1, backoff: { initial: 0, jitter: 0 } } },
  'one with a child': {
    body: async (ctx, open, workers) => {
      const child = ctx.submit((inner) => working(workers, inner, () => orAborted(inner, open)));
      return workers.without(ctx, () => child.wait());
    },
  },
};

async function working(workers: Workers, ctx: TaskContext, body: () => unknown): Promise<unknown> {
  workers.enter(ctx);
  try {
    return await body();
  } finally {
    workers.leave(ctx);
  }
}

function add(race: Race, fn: (ctx: TaskContext) => unknown, options: SubmitOptions = {}): void {
  try {
    const task = race.runner.submit(fn, options);
    race.tasks.push(task);
    race.waiting.push([outcome(task.wait()), outcome(task.wait(1_000_000))]);
  } catch (error) {
    if ((error as { code?: string }).code !== 'conflict') throw error;
  }
}

/** What happens after how many microtasks. */
export type Schedule = readonly (readonly [ticks: number, action: string])[];

async function later(ticks: number, act: () => void): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) await null;
  act();
}

/** Plays a schedule with two tasks of these shapes, and checks what must hold. */
export async function play(shapes: readonly [string, string], schedule: Schedule): Promise<TaskEvent[]> {
  const { runner, clock } = virtual({ maxConcurrentTasks: 1, maxRetained: 1, killGrace: 5 });
  const race: Race = { runner, clock, tasks: [], gates: [gate(), gate()], waiting: [] };
  const events = record(runner);
  const workers = new Workers();
  runner.on('abandoned', ({ taskId }) => workers.giveUp(taskId));
  for (const [at, name] of shapes.entries()) {
    const { body, options } = SHAPES[name] as { body: Body; options?: SubmitOptions };
    const open = race.gates[at] as Gate;
    add(race, (ctx) => working(workers, ctx, () => body(ctx, open, workers)), { timeout: 1, ...options });
  }
  await Promise.all(schedule.map(([ticks, action]) => later(ticks, () => ACTIONS[action]?.(race))));
  for (const [at, task] of race.tasks.entries()) race.waiting[at]?.push(outcome(task.wait()));
  await clock.settle();
  await checkSummary(runner, race.tasks);
  await checkEnd(runner, clock, race.tasks, race.waiting);
  for (const { open } of race.gates) open();
  await clock.settle();
  checkEvents(events);
  assert.equal(workers.crowded, false, 'one at a time');
  assert.equal(
    events.filter(({ kind }) => ['completed', 'failed', 'cancelled'].includes(kind)).length,
    runner.summary().total,
  );
  return events;
}
