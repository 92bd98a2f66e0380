import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readAnswer } from '#offstage/cli/live/question.js';

test('a line that was no UTF-8 is no answer, and is asked again', () => {
  const request = { schema: { type: 'string' } };
  for (const typed of ['caf\ufffd', 'a\0b']) {
    const reading = readAnswer(request, typed);
    assert.match('problem' in reading ? reading.problem : '', /no text in UTF-8/);
  }
  assert.deepEqual(readAnswer(request, 'café'), { answer: { action: 'accept', content: 'café' } });
});
