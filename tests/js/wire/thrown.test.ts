import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BudgetExceededError } from '#offstage/errors/budget.js';
import { NonRetryableError } from '#offstage/errors/index.js';
import { thrownJson } from '#offstage/wire/thrown.js';

test('an error keeps name, message, stack, code and its chain of causes', () => {
  const cause = new RangeError('inner', { cause: new Error('innermost') });
  const { details, ...small } = thrownJson(Object.assign(new TypeError('outer', { cause }), { code: 'E_X' }));
  assert.deepEqual(small, { code: 'failed', name: 'TypeError', message: 'outer', retryable: true });
  const found = details as { stack: string; code: string; cause: { name: string; message: string; cause: object } };
  assert.match(found.stack, /thrown\.test/);
  assert.equal(found.code, 'E_X');
  assert.deepEqual([found.cause.name, found.cause.message], ['RangeError', 'inner']);
  assert.equal((found.cause.cause as { message: string }).message, 'innermost');
});

test('an error that says it is not worth a retry is stored so', () => {
  assert.equal(thrownJson(new NonRetryableError('no')).retryable, false);
  assert.equal(thrownJson(Object.assign(new Error('no'), { retryable: false })).retryable, false);
  assert.equal(thrownJson(Object.assign(new Error('no'), { retryable: 'false' })).retryable, true);
  assert.equal(thrownJson(new Error('a BigInt'), 'unserializable').retryable, false);
});

test('a budget that is used up is what this package says, with limit, use and step; its code alone says nothing', () => {
  const facts = { limit: { tokens: 100 }, used: { tokens: 120 }, step: 'write' };
  const error = new BudgetExceededError('120 of 100 tokens are used', facts);
  const { details, ...small } = thrownJson(error);
  const { name, message } = error;
  assert.deepEqual(small, { code: 'budget_exceeded', name, message, retryable: false });
  assert.deepEqual(details, { ...facts, code: 'budget_exceeded' });
  assert.deepEqual(error.toJSON(), { name, message, code: 'budget_exceeded', details: facts });
  const fakes = [
    { code: 'budget_exceeded' },
    Object.assign(new Error(message), { name, code: 'budget_exceeded', details: facts }),
    Object.assign(Object.create(BudgetExceededError.prototype), { code: 'budget_exceeded' }),
    new Proxy(error, {}),
  ];
  for (const fake of fakes) {
    const json = thrownJson(fake);
    assert.deepEqual([json.code, (json.details as { code: string }).code], ['failed', 'budget_exceeded']);
  }
});

test('whatever was thrown is described and nothing throws', () => {
  const trap = new Proxy(
    {},
    {
      get: () => {
        throw new Error('get');
      },
      getPrototypeOf: () => {
        throw new Error('proto');
      },
    },
  );
  const loop: { self?: unknown } = {};
  loop.self = loop;
  const getters = Object.create(Error.prototype, {
    message: {
      get: () => {
        throw new Error('message');
      },
    },
  });
  const cases: [unknown, RegExp][] = [
    [null, /^null was thrown$/],
    [undefined, /^undefined was thrown$/],
    ['text', /^"text" was thrown$/],
    [0, /^0 was thrown$/],
    [10n, /^10 was thrown$/],
    [Symbol('s'), /^Symbol\(s\) was thrown$/],
    [{ a: 1 }, /^\{"a":1\} was thrown$/],
    [loop, /cannot be shown was thrown$/],
    [Object.create(null), /^\{\} was thrown$/],
    [getters, /was thrown$/],
    [trap, /was thrown$/],
    [{ message: 'like an error' }, /^like an error$/],
  ];
  for (const [thrown, message] of cases) {
    const json = thrownJson(thrown);
    assert.match(json.message, message);
    assert.equal(json.code, 'failed');
    assert.doesNotThrow(() => JSON.stringify(json));
  }
});

test('an error of any size stays below 64 KiB', () => {
  const huge = '\u0001'.repeat(1_000_000);
  const cause = Object.assign(new Error(huge), { stack: huge, cause: Object.assign(new Error(huge), { stack: huge }) });
  const error = Object.assign(new Error(huge, { cause }), { stack: huge, code: huge, name: huge });
  const json = thrownJson(error);
  assert.ok(Buffer.byteLength(JSON.stringify(json)) < 64 * 1024);
  assert.ok(json.message.endsWith('(cut)'));
});

test('what is behind an error keeps its code, and so do the errors that one gathers', () => {
  const refused = Object.assign(new Error(''), {
    code: 'ECONNREFUSED',
    errors: [new Error('::1'), new Error('127.0.0.1')],
  });
  const { details } = thrownJson(new TypeError('fetch failed', { cause: refused }));
  const { cause } = details as { cause: { code: string; errors: { message: string }[] } };
  assert.deepEqual([cause.code, cause.errors.map(({ message }) => message)], ['ECONNREFUSED', ['::1', '127.0.0.1']]);
  const many = thrownJson(new AggregateError(Array.from({ length: 50 }, (_, n) => new Error(`${n}`))));
  assert.equal((many.details as { errors: unknown[] }).errors.length, 6);
});

test('causes that go in circles end', () => {
  const a = new Error('a');
  const b = new Error('b', { cause: a });
  a.cause = b;
  assert.doesNotThrow(() => JSON.stringify(thrownJson(a)));
});
