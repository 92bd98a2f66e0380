/** One path of the README, on the Node that the tests run on; `npm run replay` walks all of them on Node 20 and 24. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { check, PATHS, pathOf } from './expected.js';
import { nodeOf, walk } from './replay.js';

const here = Number(process.versions.node.split('.')[0]);

test('from npm init to the first durable result, with nothing but what the README says', (t) => {
  t.diagnostic(check('typescript', here));
});

test('every path is there', () => {
  for (const name of ['typescript', 'shell', 'terminal']) assert.ok(PATHS.includes(name), name);
});

test('a path that lacks a step does not come to its end', () => {
  const path = pathOf('typescript');
  const { code, completed } = walk({ ...path, files: path.files.slice(1) }, nodeOf(here));
  assert.notEqual(code, 0);
  assert.equal(completed, 0);
});
