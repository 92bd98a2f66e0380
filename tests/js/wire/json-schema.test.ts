import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkJson } from '#offstage/wire/json-schema.js';
import { checkAnswer, checkContent, checkQuestion } from '#offstage/wire/question.js';

const files = {
  type: 'object',
  required: ['files'],
  additionalProperties: false,
  properties: { files: { type: 'array', items: { type: 'string', minLength: 1 } } },
};

test('what fits gives no problem; what does not, each with its path from the root that was named', async () => {
  assert.deepEqual(await checkJson(files, { files: ['a'] }, 'input'), []);
  assert.deepEqual(await checkJson(files, {}, 'input'), [{ path: 'input.files', message: 'is required' }]);
  assert.deepEqual(await checkJson(files, { files: ['a', 5], 'x/y~': 1 }, 'content'), [
    { path: 'content.files[1]', message: 'got number, expected string' },
    { path: 'content.x/y~', message: 'is not allowed' },
  ]);
  assert.deepEqual(await checkJson({ type: 'boolean' }, 'yes', 'content'), [
    { path: 'content', message: 'got string, expected boolean' },
  ]);
  const many = await checkJson({ items: { type: 'string' } }, Array(1000).fill(0), 'input');
  assert.equal(many.length, 20);
});

test('a schema that cannot be used is an error, not a problem of the value', async () => {
  await assert.rejects(checkJson({ $ref: '#/nowhere' }, 1, 'input'), /Unresolved \$ref/);
});

test('content is refused with all that is wrong with it', async () => {
  await checkContent(files, '{"files":[]}');
  await checkContent({ type: 'null' });
  await assert.rejects(checkContent(files, '{"files":[1],"more":2}'), {
    code: 'invalid_argument',
    message:
      'content: does not have the form that was asked for: content.files[0]: got number, expected string; content.more: is not allowed',
  });
  await assert.rejects(checkContent({ $ref: '#/nowhere' }, '1'), /asked for: the schema cannot be used: Unresolved/);
});

test('questions and answers are checked, and what of them is JSON is made', () => {
  assert.equal(checkQuestion({ key: 'k', message: '' }), undefined);
  assert.equal(checkQuestion({ key: 'k', message: 'm', schema: { a: 1 } }), '{"a":1}');
  assert.throws(() => checkQuestion({ key: 'k', message: 'm', schema: { a: 1n } }), { code: 'unserializable' });
  assert.throws(() => checkQuestion({ key: 'x'.repeat(201), message: 'm' }), /^InvalidArgumentError: key: /);
  assert.equal(checkAnswer('k', { action: 'accept' }), undefined);
  assert.equal(checkAnswer('k', { action: 'decline', content: 0 }), '0');
  for (const wrong of [undefined, {}, { action: 'yes' }, { action: 'accept', more: 1 }]) {
    assert.throws(() => checkAnswer('k', wrong as never), { code: 'invalid_argument' });
  }
  assert.throws(() => checkAnswer('k', { action: 'accept', content: 'x'.repeat(65_536) }), { code: 'unserializable' });
});
