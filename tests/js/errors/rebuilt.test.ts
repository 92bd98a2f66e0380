import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rebuilt } from '#offstage/errors/rebuilt.js';
import { thrownJson } from '#offstage/wire/thrown.js';

test('an error comes back with name, message, code, stack and all that is behind it', () => {
  const gathered = Object.assign(new Error('', { cause: new URIError('deep') }), {
    code: 7,
    errors: [new RangeError('one')],
  });
  const thrown = Object.assign(new TypeError('outer', { cause: gathered }), { code: 'E_X' });
  const error = rebuilt(JSON.parse(JSON.stringify(thrownJson(thrown)))) as Error & { code: string };
  assert.ok(error instanceof Error);
  assert.deepEqual([error.name, error.message, error.code, error.stack], ['TypeError', 'outer', 'E_X', thrown.stack]);
  const cause = error.cause as Error & { code: number; errors: Error[] };
  assert.deepEqual([cause.message, cause.code, (cause.cause as Error).name], ['', 7, 'URIError']);
  assert.deepEqual(
    cause.errors.map(({ name, message, stack }) => [name, message, stack === gathered.errors[0]?.stack]),
    [['RangeError', 'one', true]],
  );
});

test('details of any making are taken as far as they are what we write', () => {
  const odd = [undefined, null, 'text', 5, { cause: 'x', errors: 'y', stack: 1, code: {} }, { cause: { name: 'X' } }];
  for (const details of odd) {
    const error = rebuilt({ name: 'X', message: 'm', details });
    assert.deepEqual([error.name, error.message, 'cause' in error, Object.keys(error)], ['X', 'm', false, ['name']]);
  }
});
