import assert from 'node:assert/strict';
import { test } from 'node:test';
import { acceptedAs, readAnswer } from '#offstage/cli/live/question.js';

test('a line that was no UTF-8 is no answer, and is asked again', () => {
  const request = { schema: { type: 'string' } };
  for (const typed of ['caf\ufffd', 'a\0b']) {
    const reading = readAnswer(request, typed);
    assert.match('problem' in reading ? reading.problem : '', /no text in UTF-8/);
  }
  assert.deepEqual(readAnswer(request, 'café'), { answer: { action: 'accept', content: 'café' } });
});

const PERMISSION = { type: ['object', 'null'], properties: { remember: { type: 'boolean' } } };
const DECLINED = { action: 'decline' };
const accepted = (content: unknown) => ({ action: 'accept', content });
const MEANT: [string, unknown, string, object][] = [
  ['true may be a yes to a tool', PERMISSION, 'true', accepted({})],
  ['so may a word', PERMISSION, 'yes', accepted({})],
  ['what belongs to a yes is typed as on a terminal', PERMISSION, 'y remember', accepted({ remember: true })],
  ['an object stays what it is', PERMISSION, '{"remember": true}', accepted({ remember: true })],
  ['null, too', PERMISSION, 'null', accepted(null)],
  ['no may never be a yes', PERMISSION, 'false', DECLINED],
  ['nor its word', PERMISSION, 'No', DECLINED],
  ['what is neither is left to the schema', PERMISSION, 'perhaps', accepted('perhaps')],
  ['a boolean may be a word', { type: 'boolean' }, 'yes', accepted(true)],
  ['or its opposite', { type: 'boolean' }, 'n', accepted(false)],
  ['JSON is told from a word by its quotes', { type: 'boolean' }, '"yes"', accepted('yes')],
  ['a text stays one', { type: 'string' }, 'yes', accepted('yes')],
  ['without a schema it is JSON', undefined, 'true', accepted(true)],
  ['or a text', undefined, 'no', accepted('no')],
];

for (const [what, schema, text, answer] of MEANT) {
  test(`--accept ${text}: ${what}`, () => assert.deepEqual(acceptedAs(schema, text), answer));
}
