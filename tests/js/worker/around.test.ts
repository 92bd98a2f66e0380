/** How long hooks may take: to begin an attempt, and to end when their worker does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AttemptOutcome, Hooks } from '#offstage/ports/hooks.js';
import type { Claimed } from '#offstage/store/index.js';
import { Around } from '#offstage/worker/around.js';
import type { Ending } from '#offstage/worker/conclude.js';
import { Mask } from '#offstage/worker/mask/mask.js';
import type { Work, WorkListener } from '#offstage/worker/work.js';
import { within } from '../../waiting.js';
import { VirtualClock } from './virtual.js';

const MINUTE = 60_000;

const CLAIMED: Claimed = {
  id: `task_${'0'.repeat(32)}`,
  attempt: 1,
  epoch: 1,
  record: JSON.stringify({ name: 'x', recipe: 'x', max_attempts: 1, created_at: 0 }),
  payloads: {},
  environment: null,
  bound: [],
  envNote: null,
  goesOn: false,
  fit: null,
  pgid: null,
};

/** Code that begins when it is asked to, and ends when the test says so. */
class Code implements Work {
  readonly secrets = [];
  readonly notes = [];
  readonly killable = false;
  begun = 0;
  #listener: WorkListener | undefined;

  valueOf(): undefined {}
  async begin(listener: WorkListener): Promise<void> {
    this.begun += 1;
    this.#listener = listener;
  }
  end(ending: Ending): void {
    this.#listener?.end(ending);
  }
  abort(): void {}
  reply(): void {}
  async hush(): Promise<void> {}
  async finish(): Promise<boolean> {
    return true;
  }
  release(): void {}
}

/** An attempt with a hook around it, whose beginning the test lets go on. */
function hooked() {
  const clock = new VirtualClock();
  const troubles: unknown[] = [];
  const outcomes: AttemptOutcome[] = [];
  const ends: Ending[] = [];
  let goOn = (): void => {};
  const gate = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const hook: Hooks = {
    name: 'slow',
    async around(_, run) {
      await gate;
      outcomes.push(await run());
      return outcomes.at(-1) as AttemptOutcome;
    },
  };
  const options = {
    worker: 'worker_test',
    clock,
    keepTrace() {},
    onTrouble: (error: unknown) => troubles.push(error),
  };
  const around = new Around([hook], options);
  const code = new Code();
  const listener = { begins: () => true, fact() {}, call() {}, end: (ending: Ending) => void ends.push(ending) };
  const begun =
    around.of(CLAIMED, code, { mask: new Mask([], assert.fail) }).begin(listener, {}) ??
    assert.fail('hooks take their time');
  return { clock, troubles, outcomes, ends, around, code, begun, goOn };
}

const settled = <T>(promise: Promise<T>): Promise<T | Error> => promise.catch((error: Error) => error);

test('a hook that has not begun the attempt within 30 s has lost it: the code never begins, whatever the hook does later', async () => {
  const { clock, code, begun, goOn, outcomes, troubles } = hooked();
  let isOver = false;
  const refused = settled(begun).finally(() => {
    isOver = true;
  });
  clock.advance(29_999);
  await Promise.resolve();
  assert.deepEqual([isOver, code.begun, clock.timers], [false, 0, 1]);
  clock.advance(1);
  const error = await within(refused, { what: 'the attempt to be given up' });
  assert.match(String(error), /HookError: hooks 'around': they have not begun the attempt within 30 s/);
  goOn();
  await within(settledSoon(outcomes), { what: 'the hook to be told' });
  assert.deepEqual([code.begun, outcomes, troubles], [0, [{ kind: 'not_begun' }], []]);
});

test('a hook that begins in time may take as long as the attempt does', async () => {
  const { clock, code, begun, goOn, outcomes, ends } = hooked();
  clock.advance(29_999);
  goOn();
  await within(begun, { what: 'the code to begin' });
  assert.deepEqual([code.begun, clock.timers], [1, 0]);
  clock.advance(60 * MINUTE);
  code.end({ kind: 'value', json: '1' } as Ending);
  await within(settledSoon(outcomes), { what: 'the hook to be told' });
  assert.deepEqual([outcomes, ends.length], [[{ kind: 'succeeded' }], 1]);
});

test('a worker that stops waits 2 s for hooks that still do something, and no longer', async () => {
  const { clock, around, begun, goOn } = hooked();
  let isOver = false;
  const left = around.settle().then(() => {
    isOver = true;
  });
  clock.advance(1999);
  await Promise.resolve();
  assert.equal(isOver, false);
  clock.advance(1);
  await within(left, { what: 'the worker to go on' });
  goOn();
  await within(begun, { what: 'the code to begin' });
});

/** Resolves when something was told. */
async function settledSoon(told: readonly unknown[]): Promise<void> {
  for (let turns = 0; told.length === 0 && turns < 1000; turns += 1) await Promise.resolve();
  assert.ok(told.length > 0, 'nothing was told');
}
