import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BudgetExceededError } from '#offstage/errors/budget.js';
import type { RecipeContext } from '#offstage/recipe/index.js';
import type { Run } from '#offstage/worker/inside/code-run.js';
import { FakeWorker, OPEN, rejection, stepStore } from './fake-worker.js';

test('the context says what the task is, may be taken apart, and its facts are told in order', async () => {
  const worker = new FakeWorker({}, { input: '{"a":[1]}', attempt: 3 });
  const outcome = await worker.perform(
    ({ taskId, name, sessionId, taskSessionId, attempt, input, config, ...rest }) => {
      assert.deepEqual(
        [taskId, name, sessionId, taskSessionId, attempt, input, config],
        ['task_1', 'name', 'session_1', 'bg:task_1', 3, { a: [1] }, { k: 1 }],
      );
      const { progress, log, output, idempotencyKey } = rest;
      log('a line');
      output({ n: 1 });
      progress(2, 'most');
      return idempotencyKey('mail');
    },
  );
  assert.deepEqual(outcome, { kind: 'value', json: '"task_1:mail"' });
  assert.deepEqual(worker.facts, [
    { kind: 'log', lines: ['a line'] },
    { kind: 'output', chunk: '{"n":1}' },
    { kind: 'progress', fraction: 1, message: 'most' },
  ]);
});

test('an input that was not given is undefined, not null', async () => {
  assert.equal(await new FakeWorker().value(({ input }) => input), undefined);
  assert.equal(await new FakeWorker({}, { input: 'null' }).value(({ input }) => input), null);
});

test('idempotencyKey takes 1 to 200 characters', async () => {
  for (const key of ['', 'x'.repeat(201), 5, undefined]) {
    const error = await rejection(new FakeWorker().value((ctx) => ctx.idempotencyKey(key as string)));
    assert.equal(error.code, 'invalid_argument');
    assert.match(error.message, /^key: got .*, expected a text of 1 to 200 characters$/);
  }
});

test('a failure keeps the very object that was thrown', async () => {
  const worker = new FakeWorker();
  const thrown = Object.assign(new RangeError('no luck'), { code: 'E_LUCK' });
  const outcome = await worker.perform(() => {
    throw thrown;
  });
  assert.equal(worker.run.thrown?.value, thrown);
  assert.equal(outcome.kind, 'error');
  const { error, crashed } = outcome as Extract<typeof outcome, { kind: 'error' }>;
  assert.equal(crashed, false);
  assert.deepEqual([error.code, error.name, error.message, error.retryable], ['failed', 'RangeError', 'no luck', true]);
  assert.equal((error.details as { code: string }).code, 'E_LUCK');
});

test('a result that JSON cannot carry is unserializable', async () => {
  for (const value of [1n, Symbol('x'), () => 1]) {
    const outcome = await new FakeWorker().perform(() => value);
    assert.equal(outcome.kind === 'error' && outcome.error.code, 'unserializable');
    assert.equal(outcome.kind === 'error' && outcome.error.retryable, false);
  }
  assert.deepEqual(await new FakeWorker().perform(() => undefined), { kind: 'value', json: 'null' });
});

test('a used-up budget fails with its own code; whatever else is thrown is a failure, a trap as well', async () => {
  const fails = async (thrown: unknown) => {
    const outcome = await new FakeWorker().perform(() => {
      throw thrown;
    });
    assert.equal(outcome.kind, 'error');
    return (outcome as Extract<typeof outcome, { kind: 'error' }>).error;
  };
  const facts = { limit: { cost: 1 }, used: { cost: 1.5 } };
  const error = await fails(new BudgetExceededError('used up', facts));
  assert.deepEqual([error.code, error.retryable], ['budget_exceeded', false]);
  assert.deepEqual(error.details, { ...facts, code: 'budget_exceeded' });
  const throws = () => assert.fail('a trap was asked');
  const trap = new Proxy({}, { get: throws, has: throws, getPrototypeOf: throws });
  for (const other of [{ code: 'budget_exceeded' }, { code: 'unserializable' }, { code: 'lost' }, trap]) {
    assert.equal((await fails(other)).code, 'failed');
  }
});

test('an abort before the work keeps it from beginning; one within it is its end', async () => {
  const early = new FakeWorker();
  early.run.abort({ cause: 'cancelled', message: 'not wanted' });
  let begun = false;
  assert.deepEqual(
    await early.perform(() => {
      begun = true;
    }),
    { kind: 'aborted' },
  );
  assert.equal(begun, false);
  const worker = new FakeWorker();
  const outcome = await worker.perform((ctx) => {
    worker.run.abort({ cause: 'timeout', message: 'timed out after 1s' });
    assert.deepEqual([ctx.signal.reason.name, ctx.signal.reason.message], ['TimeoutError', 'timed out after 1s']);
    ctx.signal.throwIfAborted();
  });
  assert.deepEqual(outcome, { kind: 'aborted' });
});

/** Every way to call the worker, by name. */
const CALLS: Record<string, (ctx: RecipeContext) => Promise<unknown>> = {
  step: (ctx) => ctx.step('k', () => 1),
  requestInput: (ctx) => ctx.requestInput({ key: 'k', message: 'm' }),
  submit: (ctx) => ctx.submit('other'),
};

/** Aborts when the run has called. */
async function abortOnCall(worker: FakeWorker, run: Run, method: 'stepGet' | 'ask' | 'submit'): Promise<void> {
  await worker.called(method);
  run.abort({ cause: 'cancelled', message: 'enough' });
}

test('an abort rejects calls that have no answer, and those that come after it; a new submit is a conflict', async () => {
  const methods = { step: 'stepGet', requestInput: 'ask', submit: 'submit' } as const;
  for (const name of ['step', 'requestInput', 'submit'] as const) {
    const worker = new FakeWorker({ [methods[name]]: () => OPEN });
    void abortOnCall(worker, worker.run, methods[name]);
    let [first, second]: unknown[] = [];
    const outcome = await worker.perform(async (ctx) => {
      first = await rejection((CALLS[name] as (typeof CALLS)[string])(ctx));
      second = await rejection((CALLS[name] as (typeof CALLS)[string])(ctx));
      throw first;
    });
    assert.deepEqual(outcome, { kind: 'aborted' }, name);
    assert.equal(first, worker.run.signal.reason);
    if (name === 'submit') assert.equal((second as { code?: string }).code, 'conflict');
    else assert.equal(second, worker.run.signal.reason);
    assert.equal((first as Error).message, 'enough');
    assert.equal(worker.calls.length, 1);
    assert.equal(worker.run.openCalls, 0);
  }
});

test('once the run is over calls are a conflict and facts are dropped; open ones are counted', async () => {
  for (const [name, call] of Object.entries(CALLS)) {
    const worker = new FakeWorker();
    let kept: RecipeContext | undefined;
    await worker.perform((ctx) => {
      kept = ctx;
    });
    const error = await rejection(call(kept as RecipeContext));
    assert.equal(error.code, 'conflict', name);
    assert.match(error.message, /^the run is over: '\w+' is not taken any more$/);
    kept?.log('late');
    assert.deepEqual([worker.calls, worker.facts], [[], []]);
  }
  const worker = new FakeWorker({ ask: () => OPEN });
  await worker.perform(async (ctx) => {
    void ctx.requestInput({ key: 'k', message: 'm' });
    await worker.called('ask');
  });
  assert.equal(worker.run.openCalls, 1);
});

test("a call's error arrives as the class of its code", async () => {
  const worker = new FakeWorker({
    submit: () => {
      throw { code: 'conflict', message: 'the session is busy', details: { session: 's' } };
    },
  });
  const error = await rejection(worker.value((ctx) => ctx.submit('other')));
  assert.deepEqual([error.name, error.code, error.message], ['ConflictError', 'conflict', 'the session is busy']);
});

test('a step runs once, is stored before it is returned, and comes back in a further attempt', async () => {
  const { served, stored } = stepStore();
  let runs = 0;
  const work = (ctx: RecipeContext) =>
    ctx.step('k', async () => {
      runs += 1;
      return { at: new Date(0), gone: undefined, n: runs };
    });
  const first = new FakeWorker(served);
  const expected = { at: '1970-01-01T00:00:00.000Z', n: 1 };
  assert.deepEqual(await first.value(work), expected);
  assert.deepEqual(first.methods(), ['stepGet', 'stepPut']);
  assert.deepEqual(JSON.parse(stored.k ?? ''), expected);
  const second = new FakeWorker(served, { attempt: 2 });
  assert.deepEqual(await second.value(work), expected);
  assert.deepEqual(second.methods(), ['stepGet']);
  assert.equal(runs, 1);
});

test('a step that gives nothing is done too', async () => {
  const { served, stored } = stepStore();
  assert.equal(await new FakeWorker(served).value((ctx) => ctx.step('k', () => {})), null);
  assert.deepEqual(stored, { k: 'null' });
  let again = false;
  const value = await new FakeWorker(served).value((ctx) =>
    ctx.step('k', () => {
      again = true;
    }),
  );
  assert.deepEqual([value, again], [null, false]);
});

test('two calls of one key share one run, two keys do not', async () => {
  const { served } = stepStore();
  const worker = new FakeWorker(served);
  let runs = 0;
  const values = await worker.value((ctx) => {
    const once = () => ctx.step('a', () => ++runs);
    return Promise.all([once(), once(), ctx.step('b', () => ++runs), once()]);
  });
  assert.deepEqual(values, [1, 1, 2, 1]);
  assert.deepEqual(worker.methods().filter((method) => method === 'stepPut').length, 2);
});

test('an error of a step is not stored: whoever calls again runs it again', async () => {
  const { served, stored } = stepStore();
  let runs = 0;
  const value = await new FakeWorker(served).value(async (ctx) => {
    const thrown = new Error('once');
    const fn = () => {
      runs += 1;
      if (runs === 1) throw thrown;
      return runs;
    };
    assert.equal(await rejection(ctx.step('k', fn)), thrown);
    assert.deepEqual(stored, {});
    return ctx.step('k', fn);
  });
  assert.deepEqual([value, stored], [2, { k: '2' }]);
});

test('what a step cannot give is refused, and nothing is stored', async () => {
  const { served, stored } = stepStore();
  const error = await rejection(new FakeWorker(served).value((ctx) => ctx.step('k', () => 1n)));
  assert.equal(error.code, 'unserializable');
  assert.match(error.message, /^the result of step 'k' cannot be written as JSON: /);
  assert.deepEqual(stored, {});
  await new FakeWorker(served).value((ctx) => {
    assert.throws(() => ctx.step('', () => 1), /step: got "", expected a text of 1 to 200 characters/);
    assert.throws(() => ctx.step('k', 5 as never), /fn: got 5, expected a function/);
  });
});

test('a result that was stored by another first is the one that counts; one that is not taken is a conflict', async () => {
  const { stored, served } = stepStore();
  const other = new FakeWorker(served);
  const value = await other.value((ctx) =>
    ctx.step('k', () => {
      stored.k = '"theirs"';
      return 'mine';
    }),
  );
  assert.equal(value, 'theirs');
  const fenced = new FakeWorker({ stepGet: () => ({ found: false }), stepPut: () => ({ kept: false }) });
  const error = await rejection(fenced.value((ctx) => ctx.step('k', () => 1)));
  assert.equal(error.code, 'conflict');
});

test('a question is asked once and answered to all who asked', async () => {
  const worker = new FakeWorker({ ask: () => ({ action: 'accept', content: { to: 'x' } }) });
  const question = { key: 'k', message: 'Who?', schema: { type: 'object' }, expires: '2h' };
  const answers = await worker.value(async (ctx) => {
    const both = await Promise.all([ctx.requestInput(question), ctx.requestInput(question)]);
    return [...both, await ctx.requestInput(question)];
  });
  const answer = { action: 'accept', content: { to: 'x' } };
  assert.deepEqual(answers, [answer, answer, answer]);
  assert.deepEqual(worker.calls, [
    { method: 'ask', args: { key: 'k', message: 'Who?', schema: { type: 'object' }, expiresMs: 7_200_000 } },
  ]);
});

test('questions wait for ever unless they say how long, and are checked', async () => {
  const worker = new FakeWorker({ ask: () => ({ action: 'decline' }) });
  await worker.value(async (ctx) => {
    await ctx.requestInput({ key: 'a', message: 'm' });
    await ctx.requestInput({ key: 'b', message: 'm', expires: Number.POSITIVE_INFINITY });
    await ctx.requestInput({ key: 'c', message: 'm', expires: 1.5 });
  });
  assert.deepEqual(
    worker.calls.map(({ args }) => args),
    [
      { key: 'a', message: 'm' },
      { key: 'b', message: 'm' },
      { key: 'c', message: 'm', expiresMs: 1500 },
    ],
  );
  const wrong: [unknown, RegExp][] = [
    [undefined, /^question: got undefined, expected an object$/],
    [{ key: '', message: 'm' }, /^key: got "", expected/],
    [{ key: 'k' }, /^message: got undefined, expected a text$/],
    [{ key: 'k', message: 'm', expires: -1 }, /expires/],
    [{ key: 'k', message: 'm', expires: 'soon' }, /expires/],
    [{ key: 'k', message: 'm', more: 1 }, /^unknown option 'more'; known are key, message, schema, expires$/],
  ];
  for (const [question, message] of wrong) {
    const error = await rejection(new FakeWorker().value((ctx) => ctx.requestInput(question as never)));
    assert.equal(error.code, 'invalid_argument');
    assert.match(error.message, message);
  }
});
