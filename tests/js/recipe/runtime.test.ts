/** `${VAR}` in runtime values. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { folderWith, rejection } from './helpers.js';

const variable = (name: string) => `\${${name}}`;
const background = (lines: string) => `runtime:\n  background:\n    ${lines}`;

async function runtimeOf(t: TestContext, lines: string, env: NodeJS.ProcessEnv) {
  return (await folderWith(t, background(lines), env)).runtime;
}

test('numbers, flags and words come from the environment', async (t) => {
  const lines = ['timeout_sec', 'retries', 'enabled', 'on_lost'].map((key, i) => `${key}: "${variable(`V${i}`)}"`);
  const runtime = await runtimeOf(t, lines.join('\n    '), { V0: '300', V1: ' 2 ', V2: 'false', V3: 'retry' });
  assert.deepEqual([runtime.timeoutSec, runtime.retries, runtime.enabled, runtime.onLost], [300, 2, false, 'retry']);
});

test('a value may be put together', async (t) => {
  const env = { WHOLE: '1', PART: '5' };
  assert.equal((await runtimeOf(t, `timeout_sec: ${variable('WHOLE')}.${variable('PART')}`, env)).timeoutSec, 1.5);
});

test('a variable that is not set is named; an empty one is set', async (t) => {
  const unset = await rejection(runtimeOf(t, `timeout_sec: ${variable('MISSING')}${variable('GONE')}`, {}));
  assert.equal(unset.code, 'recipe_invalid');
  assert.deepEqual(unset.errors, [
    {
      path: 'TEMPLATE.yaml',
      line: 3,
      column: 18,
      message: `runtime.background.timeout_sec: ${variable('MISSING')}${variable('GONE')}: environment variable MISSING is not set, environment variable GONE is not set`,
    },
  ]);
  const empty = await rejection(runtimeOf(t, `retries: ${variable('EMPTY')}`, { EMPTY: '' }));
  assert.match(empty.message, /the value from the environment is not a whole number/);
});

test('a value from the environment never shows in an error', async (t) => {
  const error = await rejection(runtimeOf(t, `retries: ${variable('TOKEN')}`, { TOKEN: 'hunter2-secret' }));
  assert.ok(!JSON.stringify(error).includes('hunter2'));
  assert.match(
    error.message,
    /3:14: runtime\.background\.retries: the value from the environment is not a whole number/,
  );
});

test('a $ and braces that name no variable are an error', async (t) => {
  for (const text of [variable('1A'), variable(''), '${OPEN']) {
    const error = await rejection(runtimeOf(t, `retries: "${text}"`, { OPEN: '1' }));
    assert.match(error.message, /must be followed by a name in braces/);
  }
});

test('other fields are left as they are', async (t) => {
  const { description, config } = await folderWith(
    t,
    `description: ${variable('A')}\nconfig: { a: "${variable('A')}" }`,
  );
  assert.deepEqual([description, config], [variable('A'), { a: variable('A') }]);
});

test('no timeout is 0 or null; texts are durations', async (t) => {
  assert.equal((await runtimeOf(t, 'timeout_sec: 0', {})).timeoutSec, 0);
  assert.equal((await runtimeOf(t, 'timeout_sec: null', {})).timeoutSec, 0);
  assert.equal((await runtimeOf(t, 'timeout_sec: 30m', {})).timeoutSec, 1800);
  assert.equal((await runtimeOf(t, `timeout_sec: ${variable('T')}`, { T: '90s' })).timeoutSec, 90);
  const error = await rejection(runtimeOf(t, 'timeout_sec: soon', {}));
  assert.match(error.message, /timeout_sec: got "soon", expected seconds, 0 or more, or a text such as "30m"/);
});
