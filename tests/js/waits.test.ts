/** Every wait of a test has its own bound and says what it waited for: `tests/waiting.ts`. */
import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { heard, until, within } from '../waiting.js';
import { readSources } from './floors.js';
import { ROOT } from './root.js';
import { unboundedWaits } from './waits.js';

const sources = readSources(join(ROOT, 'tests'), '.ts');

test('no test waits without a bound of its own', () => {
  assert.ok(sources.size > 150, String(sources.size));
  const own = ['waits.ts', 'waits.test.ts'].map((file) => `js/${file}`);
  const examples = [...sources].filter(([file]) => !own.includes(file) && !file.includes('fixtures/'));
  assert.deepEqual(unboundedWaits(new Map(examples)), []);
});

for (const [what, fault] of [
  ['an endless loop', 'for (;;) { if (await look()) break; }'],
  ['another', 'while (true) await look();'],
  ['a loop that waits', 'while (!(await look())) n++;'],
  ['a sleep', 'await new Promise((resolve) => setTimeout(resolve, 150));'],
  ['a race against real time', "setTimeout(() => db.exec('COMMIT'), 300);"],
  ['a sleep of Node', "import { setTimeout as sleep } from 'node:timers/promises';"],
  ['an event', "const [exit] = await once(child, 'exit');"],
  ['an event by a callback', "await new Promise((resolve) => child.once('message', resolve));"],
  ['behind a regular expression', 'const quote = /[\'"]/; for (;;) await look();'],
  ['behind a template', `const text = \`a \${b} c\`; for (;;) await look();`],
] as const) {
  test(`a planted fault is seen: ${what}`, () => {
    const file = 'js/store/due.test.ts';
    const good = sources.get(file) ?? '';
    assert.deepEqual(unboundedWaits(new Map([[file, good]])), []);
    const said = unboundedWaits(new Map([[file, `${good}${fault}\n`]]));
    const there = `${file}:${good.split('\n').length}: `;
    assert.ok(said.length > 0 && said.every((one) => one.startsWith(there)), said.join('\n'));
  });
}

test('what a recipe in a text does is no wait of the test', () => {
  const text = `const R = \`while (!(await seen())) await new Promise((r) => setTimeout(r, 5));\`; // for (;;)`;
  assert.deepEqual(unboundedWaits(new Map([['js/x.test.ts', text]])), []);
});

test('until answers with what the look gives, and says at its bound what it waited for and what it saw last', async () => {
  let looks = 0;
  assert.equal(await until(() => ++looks > 2 && `look ${looks}`), 'look 3');
  const bound = { patience: 20 };
  await assert.rejects(
    until(() => Date.parse('') > 1, bound),
    (error: Error) => {
      assert.match(error.message, /^waited 0\.02 s for \(\) => Date\.parse\(''\) > 1\nlast: false$/);
      assert.match(error.stack ?? '', /waits\.test\.js/, 'the stack is that of who waits');
      return true;
    },
  );
  await assert.rejects(
    until(() => new Promise(() => {}), { ...bound, what: 'Godot' }),
    /for an answer of Godot$/,
  );
  const thrown = () => {
    throw new Error('mine');
  };
  await assert.rejects(until(thrown, bound), { message: 'mine' });
});

test('within and heard have a bound too', async () => {
  const bound = { patience: 20 };
  assert.equal(await within(Promise.resolve(1), bound), 1);
  await assert.rejects(within(new Promise(() => {}), { ...bound, what: 'Godot' }), {
    message: 'waited 0.02 s for Godot',
  });
  const emitter = new EventEmitter();
  const said = heard(emitter, 'said', bound);
  emitter.emit('said', 'it');
  assert.deepEqual(await said, ['it']);
  await assert.rejects(heard(emitter, 'more', bound), { message: "waited 0.02 s for 'more' of EventEmitter" });
});
