/** Every method is called inside every callback: nothing but typed refusals is thrown, and all that must hold holds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isTaskError } from '#offstage/errors/index.js';
import type { BackgroundRunner, RunnerTaskHandle, SubmitOptions, TaskContext } from '#offstage/index.js';
import { KINDS, never, outcome, record, untilAborted } from './helpers.ts';
import { checkEnd, checkEvents, checkSummary, unhandledDuring } from './invariants.ts';
import { type VirtualClock, virtual } from './virtual.ts';

/** What is at hand when a callback is called. */
interface Scene {
  runner: BackgroundRunner;
  clock: VirtualClock;
  tasks: RunnerTaskHandle<unknown>[];
  /** Of a task that runs, or ran. */
  ctx: TaskContext | undefined;
}

/** The callback under test calls this. */
type Poke = () => void;

const some = ({ tasks }: Scene): RunnerTaskHandle<unknown>[] => tasks.slice(0, 7);

const METHODS: Record<string, (scene: Scene) => unknown> = {
  submit: ({ runner }) => runner.submit(() => 1),
  'submit with all options': ({ runner }) =>
    runner.submit(() => 1, {
      retries: 1,
      sessionId: 's',
      onConflict: 'enqueue',
      priority: 3,
      delay: 1,
      ttl: 9,
      metadata: {},
    }),
  'submit with a signal': ({ runner }) => runner.submit(never, { signal: AbortSignal.abort() }),
  interrupt: ({ runner }) => runner.submit(() => 1, { sessionId: 's', onConflict: 'interrupt' }),
  deduplicate: ({ runner }) => [1, 2].map(() => runner.submit(() => 1, { idempotencyKey: 'k' })),
  submitMany: ({ runner }) => runner.submitMany([{ fn: () => 1 }, { fn: () => 2, priority: 9 }]),
  'submitMany refused': ({ runner }) => runner.submitMany([{ fn: () => 1 }, { fn: () => 2, retries: -1 }]),
  submitAgent: ({ runner }) => runner.submitAgent({ run: () => 1 }, 'hi'),
  runOrBackground: ({ runner }) => runner.runOrBackground(() => 1),
  'handle and get': (scene) => some(scene).map(({ id }) => [scene.runner.get(id), scene.runner.handle(id)]),
  'tasks, runningTasks, pendingTasks': ({ runner }) => [runner.tasks, runner.runningTasks, runner.pendingTasks],
  list: ({ runner }) => runner.list({ attention: true }),
  summary: ({ runner }) => runner.summary(),
  waitForTask: (scene) => some(scene).map(({ id }) => scene.runner.waitForTask(id, 0)),
  waitAll: ({ runner }) => [runner.waitAll(), runner.waitAll(0), runner.waitAll(1)],
  onRoom: ({ runner }) => runner.onRoom(1),
  cancel: (scene) => some(scene).map(({ id }) => scene.runner.cancel(id, 'why')),
  cancelAll: ({ runner }) => runner.cancelAll('all'),
  clearCompleted: ({ runner }) => runner.clearCompleted(),
  'clear all': ({ runner }) => runner.clear({ all: true }),
  concurrency: ({ runner }) => {
    runner.concurrency = 1;
    runner.concurrency = 3;
  },
  'pause and resume': ({ runner }) => {
    runner.pause();
    runner.resume();
  },
  events: (scene) => {
    for (const task of some(scene)) void task.events({ follow: true }).next();
    void scene.runner.events().next();
  },
  'on and off': ({ runner }) => KINDS.map((kind) => runner.on(kind, () => {})).map((off) => off()),
  stop: ({ runner }) => runner.stop(),
  'stop with drain': ({ runner }) => runner.stop({ drain: 1 }),
  unref: ({ runner }) => runner.unref(),
  status: (scene) => some(scene).map((task) => task.status()),
  wait: (scene) => some(scene).map((task) => [task.wait(), task.wait(0), task.wait(1)]),
  'cancel and wait until stopped': (scene) => some(scene).map((task) => task.cancel('x', { stopped: true })),
  snapshot: (scene) => some(scene).map((task) => task.snapshot()),
  respond: (scene) => some(scene).map((task) => task.respond('k', { action: 'accept' })),
  progress: ({ ctx }) => ctx?.progress(0.3, 'm'),
  'log and output': ({ ctx }) => [ctx?.log('x'), ctx?.output('x')],
  step: ({ ctx }) => ctx?.step('s', () => 1),
  requestInput: ({ ctx }) => ctx?.requestInput({ key: 'again', message: 'm', expires: 1 }),
  'submit a child': ({ ctx }) => ctx?.submit(() => 1),
  'submit a child and wait': ({ ctx }) => ctx?.submit(() => 1, { key: 'child' }).wait(),
};

const EVENTS = KINDS.filter((kind) => kind !== 'lease_lost' && kind !== 'recovered');

/** The callbacks; each is given to one of the tasks, or to the runner. */
const CALLBACKS = [
  'a function',
  'a step',
  'the abort listener',
  'onProgress',
  'onComplete of a task',
  'onComplete of the runner',
  'an iterator',
  'the return of an iterator',
  'a then',
  'toJSON of an output',
  'after a wait',
  'after an answer',
  ...EVENTS.map((kind) => `on ${kind}`),
];

/** Submits tasks that come to every kind of event; the callback of that name calls `poke`. */
function play(scene: Scene, callback: string, poke: Poke): void {
  const { runner, tasks } = scene;
  const at = (name: string): void => void (name === callback && poke());
  for (const kind of EVENTS) if (callback === `on ${kind}`) runner.on(kind, poke);
  const keep = (ctx: TaskContext): TaskContext => {
    scene.ctx = ctx;
    return ctx;
  };
  const add = (fn: (ctx: TaskContext) => unknown, options: SubmitOptions = {}): void => {
    try {
      tasks.push(runner.submit(fn, options));
    } catch (error) {
      // A callback has stopped the runner.
      if (!isTaskError(error) || error.code !== 'conflict') throw error;
    }
  };
  add(
    async (ctx) => {
      keep(ctx);
      at('a function');
      ctx.progress(0.1);
      ctx.output({ toJSON: () => at('toJSON of an output') });
      ctx.log('x');
      await ctx.step('one', () => at('a step'));
    },
    { onProgress: () => at('onProgress'), onComplete: () => at('onComplete of a task'), sessionId: 's' },
  );
  add(
    (ctx) => {
      if (keep(ctx).attempt === 1) throw new Error('again');
    },
    { retries: 1, backoff: { initial: 0.1, jitter: 0 } },
  );
  add(async (ctx) => {
    await keep(ctx).requestInput({ key: 'k', message: 'm' });
    at('after an answer');
  });
  add(
    (ctx) => {
      keep(ctx).signal.addEventListener('abort', () => at('the abort listener'));
      return untilAborted(ctx);
    },
    { timeout: 1 },
  );
  add(async function* (ctx) {
    keep(ctx);
    try {
      for (;;) {
        at('an iterator');
        yield await null;
        await untilAborted(ctx);
      }
    } finally {
      at('the return of an iterator');
    }
  });
  const foreign = {
    // biome-ignore lint/suspicious/noThenProperty: a foreign thenable
    then(yes: (value: number) => void): void {
      at('a then');
      yes(1);
    },
  };
  add(() => foreign);
  add(never, { timeout: 1 });
  add((ctx) => {
    keep(ctx);
    return new Promise((resolve) => ctx.signal.addEventListener('abort', () => resolve('late')));
  });
  if (tasks[0] !== undefined) void outcome(tasks[0].wait()).then(() => at('after a wait'));
}

/** Calls one method inside one callback, at most three times, and lets everything end. */
async function run(callback: string, method: (scene: Scene) => unknown): Promise<boolean> {
  let scene!: Scene;
  const thrown: unknown[] = [];
  let calls = 0;
  const poke = (): void => {
    calls += 1;
    if (calls > 3) return;
    const settle = (value: unknown): void => {
      if (Array.isArray(value)) value.forEach(settle);
      else if (value instanceof Promise) value.catch((error) => thrown.push(error));
    };
    try {
      settle(method(scene));
    } catch (error) {
      thrown.push(error);
    }
  };
  const onComplete = (): void => void (callback === 'onComplete of the runner' && poke());
  const { runner, clock } = virtual({ maxConcurrentTasks: 8, maxRetained: 2, killGrace: 1, onComplete });
  const events = record(runner);
  scene = { runner, clock, tasks: [], ctx: undefined };
  play(scene, callback, poke);
  const waiting = scene.tasks.map((task) => [outcome(task.wait()), outcome(task.wait(1_000))]);
  await clock.settle();
  await scene.tasks[2]?.respond('k', { action: 'accept' }).catch(() => {});
  await clock.settle();
  for (const at of [4, 7]) void scene.tasks[at]?.cancel();
  await clock.advance(3_000);
  await checkSummary(runner, scene.tasks);
  await checkEnd(runner, clock, scene.tasks, waiting);
  checkEvents(events);
  assert.deepEqual(
    thrown.filter((error) => !isExpected(error)),
    [],
  );
  return calls > 0;
}

/** A refusal, a wait that expired, or the reason of an abort. */
function isExpected(error: unknown): boolean {
  if (!isTaskError(error)) return (error as Error).name === 'TimeoutError';
  return error.code === 'invalid_argument' ? error.message.startsWith('retries') : error.code !== 'core_dead';
}

for (const callback of CALLBACKS) {
  test(`inside ${callback}`, async () => {
    const unhandled = await unhandledDuring(async () => {
      for (const [name, method] of Object.entries(METHODS)) {
        const called = await run(callback, method).catch((error) => {
          throw new Error(`${name} inside ${callback}: ${error.message}`, { cause: error });
        });
        assert.ok(called, `${callback} is called`);
      }
    });
    assert.deepEqual(unhandled, []);
  });
}
