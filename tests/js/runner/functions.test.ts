import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BudgetExceededError } from '#offstage/errors/budget.js';
import { NonRetryableError } from '#offstage/errors/index.js';
import { gate, outcome } from './helpers.ts';
import { virtual } from './virtual.ts';

test('sync and async functions, functions with arguments', async () => {
  const { runner } = virtual();
  assert.equal(await runner.submit(() => 1).wait(), 1);
  assert.equal(await runner.submit(async () => 2).wait(), 2);
  assert.equal(await runner.submit((a: number, b: number) => a + b, { args: [1, 2] }).wait(), 3);
  assert.equal(await runner.submit(async (a: string) => a, { args: ['x'] }).wait(), 'x');
});

test('a function is not called before the code that submits it has returned', async () => {
  const { runner, clock } = virtual();
  let ran = false;
  const handle = runner.submit(() => (ran = true));
  assert.equal(ran, false);
  assert.equal(handle.taskId.length, 37);
  await clock.settle();
  assert.equal(ran, true);
});

for (const [what, value] of [
  ['0', 0],
  ['-0', -0],
  ['false', false],
  ['an empty text', ''],
  ['null', null],
  ['undefined', undefined],
  ['NaN', Number.NaN],
  ['0n', 0n],
  ['an empty list', []],
  ['a function', () => 1],
  ['a symbol', Symbol.for('x')],
  ['an error', new Error('a value')],
] as const) {
  test(`${what} as a result survives, by reference, for every way to ask`, async () => {
    const { runner, clock } = virtual({ maxRetained: 1 });
    for (const fn of [() => value as unknown, async () => value as unknown]) {
      const task = runner.submit<unknown>(fn);
      const early = task.wait();
      const timed = task.wait(10);
      await clock.settle();
      const seen = [await early, await timed, await task.wait(), await task.wait(0), await runner.waitForTask(task.id)];
      for (const got of seen) assert.ok(Object.is(got, value), `${String(got)}`);
      assert.equal((await task.snapshot()).status, 'completed');
      assert.ok(Object.is((await task.snapshot()).result, value ?? null) || typeof value === 'undefined');
      runner.submit(() => 1);
      await clock.settle();
      assert.ok(Object.is(await task.wait(), value), 'also when its record was dropped');
    }
  });
}

type Then = (yes: (value: unknown) => void, no: (error: unknown) => void) => void;

const thenable = (then: Then): PromiseLike<unknown> => ({ then }) as PromiseLike<unknown>;

test('thenables: a foreign one, one that answers at once, one with a thenable inside', async () => {
  const { runner } = virtual();
  const foreign = thenable((yes) => void queueMicrotask(() => yes(1)));
  const prompt = thenable((yes) => yes(2));
  const nested = thenable((yes) => yes(foreign));
  const refusing = thenable((_, no) => no(new Error('no')));
  const callable = Object.assign(
    () => {},
    thenable((yes) => yes(4)),
  );
  assert.equal(await runner.submit(() => foreign).wait(), 1);
  assert.equal(await runner.submit(() => prompt).wait(), 2);
  assert.equal(await runner.submit(() => nested).wait(), 1);
  assert.equal(await runner.submit(() => callable).wait(), 4);
  await assert.rejects(runner.submit(() => refusing).wait(), { code: 'failed', message: 'no' });
});

test('a thenable that says two things is taken at its first word', async () => {
  const { runner, clock } = virtual();
  const both = thenable((yes, no) => {
    yes(1);
    no(new Error('after all'));
    yes(2);
    throw new Error('and more');
  });
  const task = runner.submit(() => both);
  assert.equal(await task.wait(), 1);
  await clock.settle();
  const kinds: string[] = [];
  for await (const { kind } of task.events()) kinds.push(kind);
  assert.deepEqual(kinds, ['submitted', 'started', 'completed']);
});

const nasty = new Proxy(
  {},
  {
    get: () => {
      throw new Error('trap');
    },
    has: () => {
      throw new Error('trap');
    },
    getPrototypeOf: () => {
      throw new Error('trap');
    },
    ownKeys: () => {
      throw new Error('trap');
    },
  },
);
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();

for (const [what, thrown, message] of [
  ['an error', new TypeError('broken'), /^broken$/],
  ['undefined', undefined, /undefined was thrown/],
  ['null', null, /null was thrown/],
  ['a text', 'plain', /"plain" was thrown/],
  ['0', 0, /0 was thrown/],
  ['a symbol', Symbol('s'), /Symbol\(s\) was thrown/],
  ['an object', { a: 1 }, /\{"a":1\} was thrown/],
  ['a proxy that throws', nasty, /was thrown/],
  ['a revoked proxy', revoked, /was thrown/],
  ['a frozen error', Object.freeze(new Error('cold')), /^cold$/],
] as const) {
  for (const [how, fn] of [
    [
      'thrown',
      () => {
        throw thrown;
      },
    ],
    ['rejected', () => Promise.reject(thrown)],
    ['thrown later', async () => Promise.resolve().then(() => Promise.reject(thrown))],
  ] as const) {
    test(`${what} ${how} fails the task and is the cause of what every waiter gets`, async () => {
      const { runner, clock } = virtual();
      const task = runner.submit(fn);
      const early = outcome(task.wait());
      const timed = outcome(task.wait(5));
      await clock.settle();
      for (const got of [await early, await timed, await outcome(task.wait()), await outcome(task.wait(0))]) {
        assert.equal(got.code, 'failed');
        assert.ok(Object.is(got.cause, thrown), 'the very thing that was thrown');
        assert.match(got.message ?? '', message);
      }
      const { status, error } = await task.snapshot();
      assert.equal(status, 'failed');
      assert.equal(error?.code, 'failed');
      assert.match(error?.message ?? '', message);
      assert.equal(await runner.submit(() => 'next').wait(), 'next', 'the runner goes on');
    });
  }
}

const untouchable = new Proxy(
  {},
  {
    has: () => {
      throw new Error('trap');
    },
  },
);

for (const [what, value] of [
  ['a proxy that throws', nasty],
  ['a proxy that cannot be looked into', untouchable],
  ['a revoked proxy', revoked],
  [
    'an object whose then cannot be read',
    Object.defineProperty({}, 'then', {
      get() {
        throw new Error('unreadable');
      },
    }),
  ],
  [
    'an object whose iterator cannot be made',
    {
      [Symbol.asyncIterator]() {
        throw new Error('no iterator');
      },
    },
  ],
] as const) {
  test(`${what} as a result fails the task, not the runner`, async () => {
    const { runner, clock } = virtual({ maxConcurrentTasks: 1 });
    const task = runner.submit(() => value as unknown);
    await clock.settle();
    assert.equal(await task.status(), 'failed');
    await assert.rejects(task.wait(), { code: 'failed' });
    assert.equal(await runner.submit(() => 'next').wait(), 'next');
  });
}

test('what is not retryable is not retried', async () => {
  const { runner, clock } = virtual();
  let runs = 0;
  const task = runner.submit(
    () => {
      runs += 1;
      throw new NonRetryableError('never again');
    },
    { retries: 5 },
  );
  await clock.advance(1e6);
  assert.equal(runs, 1);
  await assert.rejects(task.wait(), { code: 'failed', message: 'never again' });
});

test('a used-up budget fails a task with its own code, at once; an error that says that code has only failed', async () => {
  const { runner, clock } = virtual();
  const facts = { limit: { tokens: 5 }, used: { tokens: 7 }, step: 's' };
  const own = new BudgetExceededError('7 of 5 tokens are used', facts);
  const spent = runner.submit(() => Promise.reject(own), { retries: 5 });
  const fake = runner.submit(() => Promise.reject(Object.assign(new Error('x'), { code: 'budget_exceeded' })));
  await clock.settle();
  await assert.rejects(spent.wait(), { code: 'budget_exceeded', message: own.message, cause: own });
  const { error, attempt } = await spent.snapshot();
  assert.deepEqual([error?.code, error?.retryable, attempt], ['budget_exceeded', false, 1]);
  assert.deepEqual(error?.details, { ...facts, code: 'budget_exceeded' });
  await assert.rejects(fake.wait(), { code: 'failed' });
});

test('a failed task that nobody waits for is no unhandled rejection, nor one whose wait has expired', async () => {
  const seen: unknown[] = [];
  const see = (error: unknown): void => void seen.push(error);
  process.on('unhandledRejection', see);
  try {
    const { runner, clock } = virtual();
    for (const fn of [() => Promise.reject(new Error('x')), () => Promise.reject(undefined)]) runner.submit(fn);
    const open = gate();
    const task = runner.submit(() => open.promise);
    const expired = outcome(task.wait(0.001));
    const looked = outcome(task.wait(0));
    await clock.advance(10);
    assert.deepEqual([(await expired).code, (await looked).code], ['wait_timeout', 'wait_timeout']);
    open.fail(new Error('later'));
    runner.submit(() => 1, { delay: 10 });
    await clock.settle();
    await runner.stop();
    await clock.advance(10);
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual(seen, []);
  } finally {
    process.off('unhandledRejection', see);
  }
});
