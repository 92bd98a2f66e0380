import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { rejection } from '../../recipe/helpers.js';
import { Models } from './models.js';
import { stage } from './stage.js';

const WRITER = 'agents:\n  writer: { role: Writer, goal: Write well., backstory: Wrote for years. }\n';

test('an agent is told who it is, what to do and what is expected; the result is the text of the last step', async (t) => {
  const models = await Models.start(t, () => ({ pieces: ['Rivers ', 'run.'] }));
  const staged = stage(
    t,
    models,
    `metadata: { requires: { variables: [topic] } }\n${WRITER}steps:\n  - agent: writer\n    action: "Write about {{ topic }}."\n    expected_output: Two words.\n`,
  );
  assert.equal(await staged.run({ topic: 'rivers' }), 'Rivers run.');
  assert.equal(staged.output.join(''), 'Rivers run.');
  const [asked] = models.asked;
  assert.equal(asked?.body.model, 'test-model');
  assert.deepEqual(asked?.body.messages, [
    { role: 'system', content: 'You are Writer.\nGoal: Write well.\nWrote for years.' },
    { role: 'user', content: 'Write about rivers.\n\nExpected output:\nTwo words.' },
  ]);
  assert.equal(asked?.headers.authorization, undefined);
});

test('what a step gives is there for those behind it, under each of its names', async (t) => {
  const models = await Models.start(t, (_asked, index) => `answer ${index + 1}`);
  const steps = [
    '- { name: first, agent: writer, action: Begin., output_variable: draft }',
    '- { agent: writer, action: "A {{first_output}} B {{writer_output}} C {{draft}} D {{previous_output}}" }',
    '- { agent: writer, action: Go on. }',
  ];
  const staged = stage(t, models, `${WRITER}steps:\n  ${steps.join('\n  ')}\n`);
  assert.equal(await staged.run(), 'answer 3');
  assert.deepEqual(models.said('user'), [
    'Begin.',
    'A answer 1 B answer 1 C answer 1 D answer 1',
    'Go on.\n\nContext from the previous step:\nanswer 2',
  ]);
});

test('a value is never looked at again: no input reaches another one, and none a prototype', async (t) => {
  const models = await Models.start(t);
  const action = '"{{a}} {{b}} {single} {{}} {{#if}} {{today}}"';
  const staged = stage(t, models, `variables: { b: two }\n${WRITER}steps:\n  - { agent: writer, action: ${action} }\n`);
  await staged.run({ a: '{{b}} {{notes}}' });
  assert.deepEqual(models.said('user'), ['{{b}} {{notes}} two {single} {{}} {{#if}} 2026-01-02']);
  for (const path of ['constructor', '__proto__', 'b.length', 'b.constructor']) {
    const odd = stage(
      t,
      models,
      `variables: { b: [1] }\n${WRITER}steps:\n  - { agent: writer, action: "{{${path}}}" }\n`,
    );
    const error = await rejection(odd.run({}));
    assert.match(error.message, /is required|was never set/, path);
  }
});

test('without steps the tasks of the roles run in order, without these each agent once', async (t) => {
  const models = await Models.start(t, (_asked, index) => `${index + 1}`);
  const roles =
    'topic: rivers\nroles:\n  a:\n    role: A\n    tasks:\n      one: { description: "Look at {{topic}}.", expected_output: E }\n      two: { description: "Again {{one_output}}" }\n';
  await stage(t, models, roles).run();
  await stage(t, models, 'agents:\n  a: { instructions: A }\n  b: { instructions: B }\n').run('hello');
  assert.deepEqual(models.said('user'), ['Look at rivers.\n\nExpected output:\nE', 'Again 1', 'hello', '3']);
});

test('a step whose condition does not hold is left out, and what only it gives was never set', async (t) => {
  const models = await Models.start(t);
  const steps = [
    '- { agent: writer, action: With., condition: "{{url}}", output_variable: page }',
    '- { agent: writer, action: Without., condition: "not {{url}}" }',
  ];
  const yaml = `variables: { url: "" }\n${WRITER}steps:\n  ${steps.join('\n  ')}\n`;
  await stage(t, models, yaml).run();
  assert.deepEqual(models.said('user'), ['Without.']);
  const error = await rejection(stage(t, models, `${yaml}  - { agent: writer, action: "{{page}}" }\n`).run());
  assert.deepEqual((error as { facts?: unknown }).facts, {
    reason: 'placeholder_unset',
    step: (error as { facts?: { step: string } }).facts?.step,
    placeholder: 'page',
  });
});

test('a loop gives a list in order; after a failure nothing new begins', async (t) => {
  const models = await Models.start(t, ({ body }) => `<${body.messages.at(-1)?.content}>`);
  const loop =
    '- loop: { over: things, parallel: true, max_workers: 2 }\n    agent: writer\n    action: "{{item.name}}"\n    output_variable: all\n';
  const yaml = `${WRITER}steps:\n  ${loop}  - { agent: writer, action: "{{all}}" }\n`;
  const things = ['a', 'b', 'c'].map((name) => ({ name }));
  assert.equal(await stage(t, models, yaml).run({ things: JSON.stringify(things) }), '<["<a>","<b>","<c>"]>');
  assert.equal(await stage(t, models, yaml).run({ things: [] }), '<[]>');
  assert.match((await rejection(stage(t, models, yaml).run({ things: 'no list' }))).message, /over things: is no list/);
  models.asked.length = 0;
  models.answers(() => ({ status: 401, body: '{"error":{"message":"bad key"}}' }));
  const one = yaml.replace('parallel: true, max_workers: 2', 'parallel: false');
  assert.match((await rejection(stage(t, models, one).run({ things }))).message, /401: bad key/);
  assert.equal(models.asked.length, 1);
});

test('an included recipe gets what stands here over its own, and gives back what its steps give', async (t) => {
  const models = await Models.start(t, ({ body }) => `<${body.messages.at(-1)?.content}>`);
  const inner =
    'variables: { tone: dry, size: small }\nagents: { w: { role: W } }\nsteps:\n  - { name: inner, agent: w, action: "{{tone}} {{size}} {{previous_output}}" }\n';
  const yaml = `variables: { tone: warm }\n${WRITER}steps:\n  - { agent: writer, action: Begin. }\n  - include: other\n  - { agent: writer, action: "{{inner_output}}" }\n`;
  assert.equal(await stage(t, models, yaml, { others: { other: inner } }).run(), '<<warm small <Begin.>>>');
  const circle = `${WRITER}steps:\n  - include: other\n`;
  const around = circle.replace('other', 'sample');
  assert.match((await rejection(stage(t, models, circle, { others: { other: around } }).run())).message, /a circle/);
});

test('output that has to fit a schema is asked for, read, mended once, and refused then', async (t) => {
  const list = '{ type: array, items: { type: object, properties: { n: { type: number } }, required: [n] } }';
  const yaml = `${WRITER}steps:\n  - { agent: writer, action: Count., output_json: ${list} }\n`;
  const good = ['{"elements":[{"n":1}]}', 'Here:\n```json\n[{"n":1}]\n```\n', '[{"n":1}]'];
  for (const text of good) {
    const models = await Models.start(t, () => text);
    assert.deepEqual(await stage(t, models, yaml).run(), [{ n: 1 }]);
    assert.match(JSON.stringify(models.asked[0]?.body.response_format), /"elements"/);
  }
  const mended = await Models.start(t, (_asked, index) => (index === 0 ? '{"elements":[{"n":"x"}]}' : (good[0] ?? '')));
  assert.deepEqual(await stage(t, mended, yaml).run(), [{ n: 1 }]);
  assert.match(mended.said('user')[1] ?? '', /output\[0\]\.n: got string, expected number/);
  const never = await Models.start(t, () => 'no');
  assert.match((await rejection(stage(t, never, yaml).run())).message, /does not fit its schema: it is no JSON/);
  assert.equal(never.asked.length, 2);
  const cut = await Models.start(t, () => ({ text: '{"elements":[', finish: 'length' }));
  assert.match((await rejection(stage(t, cut, yaml).run())).message, /no tokens left/);
});

test('a run that begins anew repeats no call that was stored; another text of a step is another step', async (t) => {
  const models = await Models.start(t, (_asked, index) => (index === 1 ? { status: 401 } : `answer ${index + 1}`));
  const yaml = `${WRITER}steps:\n  - { agent: writer, action: One. }\n  - { agent: writer, action: Two. }\n`;
  const staged = stage(t, models, yaml);
  await rejection(staged.run());
  assert.equal(await staged.run(), 'answer 3');
  assert.deepEqual(
    models.said('user').map((text) => text.split('\n')[0]),
    ['One.', 'Two.', 'Two.'],
  );
  const keys = [...staged.steps.keys()].map((key) => key.replace(/:[0-9a-f]{8}:/, ':'));
  // that a call begins, and that it was refused, is stored too
  assert.deepEqual(keys, ['1.writer:1?0', '1.writer:1', '2.writer:1?0', '2.writer:1!0', '2.writer:1?1', '2.writer:1']);
});

test('a file is written inside the working folder, and never over one that is there', async (t) => {
  const models = await Models.start(t, () => 'text');
  const yaml = `${WRITER}steps:\n  - { agent: writer, action: Write., output_file: "out/{{name}}.txt" }\n`;
  const staged = stage(t, models, yaml, { here: { 'out/old.txt': 'mine' } });
  await staged.run({ name: 'new' });
  assert.equal(readFileSync(join(staged.folder, 'out', 'new.txt'), 'utf8'), 'text');
  staged.steps.clear();
  assert.match(
    (await rejection(staged.run({ name: 'old' }))).message,
    /output_file out\/old\.txt: it is there already/,
  );
  staged.steps.clear();
  assert.match((await rejection(staged.run({ name: '../../x' }))).message, /outside of/);
});
