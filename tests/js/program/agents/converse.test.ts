/** One step of an agent: tools, and the ends of conversations. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AgentError } from '#offstage/program/agents/failure.js';
import { rejection } from '../../recipe/helpers.js';
import { Models } from './models.js';
import { stage } from './stage.js';

const yaml = (agent: string): string => `agents:\n  a: { role: R, ${agent} }\nsteps:\n  - { agent: a, action: Go. }\n`;
const reading = (path: string) => ({ calls: [{ name: 'read_file', args: { path } }] });

test('a model that never stops using tools fails the task, with so many calls and no more', async (t) => {
  const models = await Models.start(t, () => reading('a.txt'));
  const staged = stage(t, models, yaml('tools: [read_file]'), { config: { maxTurns: 3 }, here: { 'a.txt': 'a' } });
  const { facts } = (await rejection(staged.run())) as AgentError;
  assert.deepEqual([facts.reason, facts.limit, models.asked.length], ['max_turns', 3, 3]);
});

test('what a tool gives is told; an unknown tool, a path outside and bad arguments are told, too', async (t) => {
  const calls = [
    { name: 'file_read_tool', args: { path: 'a.txt' } },
    { name: 'no_tool', args: {} },
    { name: 'file_read_tool', args: { path: '../../x' } },
    { name: 'file_read_tool', args: {} },
  ];
  const models = await Models.start(t, (_asked, index) => (index === 0 ? { calls } : 'done'));
  const staged = stage(t, models, yaml('tools: [file_read_tool]'), { here: { 'a.txt': 'text' } });
  assert.equal(await staged.run(), 'done');
  const told = models.asked[1]?.body.messages.filter(({ role }) => role === 'tool') ?? [];
  assert.deepEqual(
    told.map(({ tool_call_id }) => tool_call_id),
    ['id_0', 'id_1', 'id_2', 'id_3'],
  );
  assert.equal(told[0]?.content, 'text');
  assert.match(told[1]?.content ?? '', /^Error: there is no tool 'no_tool'; there are file_read_tool/);
  assert.match(told[2]?.content ?? '', /^Error: it is outside of/);
  assert.match(told[3]?.content ?? '', /^Error: arguments\.path: is required/);
});

test('a long result is cut in the middle, by the limits of the file, and the model is told', async (t) => {
  const models = await Models.start(t, (_asked, index) => (index === 0 ? reading('a.txt') : 'done'));
  const context = 'context: { max_tool_output_tokens: 1000, tool_summarize_limits: { read_file: 5 } }\n';
  const staged = stage(t, models, context + yaml('tools: [read_file]'), {
    here: { 'a.txt': 'a '.repeat(25) + ' z'.repeat(25) },
  });
  await staged.run();
  assert.equal(models.said('tool')[1], 'a a a a a\n… (82 characters left out) …\nz z z z z', 'and no word in two');
});

test('a tool that must be used is asked for at the first call only', async (t) => {
  const models = await Models.start(t, (_asked, index) => (index === 0 ? reading('a.txt') : 'done'));
  await stage(t, models, yaml('tools: [read_file], tool_choice: required'), { here: { 'a.txt': 'a' } }).run();
  assert.deepEqual(
    models.asked.map(({ body }) => body.tool_choice),
    ['required', undefined],
  );
});

test('a person is asked at each use, until one answer is to be remembered; a denial is told', async (t) => {
  const shell = { calls: [{ name: 'shell_tool', args: { command: 'true' } }] };
  const run = async (answer: { action: 'accept' | 'decline'; content?: unknown }) => {
    const models = await Models.start(t, (_asked, index) => (index < 2 ? shell : 'done'));
    const staged = stage(t, models, yaml('tools: [shell_tool]'), { asked: { askTools: ['shell_tool'] } });
    staged.answer = answer;
    assert.equal(await staged.run(), 'done');
    return { asked: staged.questions.length, told: models.said('tool')[2] };
  };
  assert.deepEqual(await run({ action: 'accept' }), { asked: 2, told: 'exit code 0\n' });
  assert.deepEqual(await run({ action: 'accept', content: { remember: true } }), { asked: 1, told: 'exit code 0\n' });
  assert.deepEqual(await run({ action: 'decline' }), { asked: 2, told: 'denied by a person' });
});

test('a run that begins anew between a tool and the next call repeats neither', async (t) => {
  const models = await Models.start(t, (_asked, index) =>
    index === 0
      ? { calls: [{ name: 'shell_tool', args: { command: 'echo ran >> ran.txt' } }] }
      : index === 1
        ? { status: 401 }
        : 'done',
  );
  const staged = stage(t, models, yaml('tools: [shell_tool, read_file]'), { asked: { allowTools: ['shell_tool'] } });
  await rejection(staged.run());
  assert.equal(await staged.run(), 'done');
  models.answers((_asked, index) => (index === 3 ? reading('ran.txt') : 'done'));
  staged.steps.clear();
  await staged.run();
  assert.equal(models.said('tool')[4], 'ran\n');
});

test('five megabytes as a value reach the model whole', async (t) => {
  const models = await Models.start(t, ({ body }) => String(body.messages[0]?.content?.length));
  const staged = stage(t, models, 'agents: { a: { tools: [] } }\nsteps: [{ agent: a, action: "{{text}}" }]\n');
  assert.equal(await staged.run({ text: 'x'.repeat(5_000_000) }), '5000000');
});

test('what was used is told once a call, what is lost half-way or not said is told to be unknown', async (t) => {
  const says = [
    { text: 'one', usage: { prompt_tokens: 7, completion_tokens: 3, cost: 0.5 } },
    { text: 'two', usage: null },
  ];
  const models = await Models.start(t, (_asked, index) => says[index] ?? { text: 'some', finish: null });
  const step = '  - { agent: a, action: Go. }\n';
  const staged = stage(t, models, `${yaml('tools: []')}${step}${step}`);
  await rejection(staged.run());
  const [first, ...others] = staged.usage;
  const { model, inputTokens, outputTokens, cost } = first ?? {};
  assert.deepEqual([model, inputTokens, outputTokens, cost], ['test-model', 7, 3, 0.5]);
  assert.match(String(first?.step), /^1\.a:[0-9a-f]{8}:1$/);
  assert.deepEqual([typeof first?.ms, first?.finishReason], ['number', 'stop']);
  assert.deepEqual(
    others.map((one) => [one.model, one.incomplete, one.inputTokens]),
    [
      ['test-model', true, undefined],
      ['test-model', true, undefined],
    ],
  );
  await rejection(staged.run());
  assert.equal(staged.usage.length, 4); // what is stored is not asked again
});

test('a use of a tool is told once, with its step and call; what failed is in the log, too', async (t) => {
  const calls = [
    { name: 'read_file', args: { path: 'a.txt' } },
    { name: 'x'.repeat(300), args: {} },
  ];
  const models = await Models.start(t, (_asked, index) =>
    index === 0 ? { calls } : index === 1 ? { status: 401 } : '',
  );
  const staged = stage(t, models, yaml('tools: [read_file]'), { here: { 'a.txt': 'a' } });
  await rejection(staged.run());
  await staged.run(); // goes on behind what is stored
  const told = staged.notes.flatMap((note) => (note.kind === 'tool' ? [note.tool] : []));
  assert.deepEqual(
    told.map(({ call, name, ok }) => [call, name.length, ok]),
    [
      ['1.1', 9, true],
      ['1.2', 200, false],
    ],
  );
  const [first] = told;
  assert.match(first?.step ?? '', /^1\.a:[0-9a-f]{8}$/);
  assert.ok((first?.ms ?? -1) >= 0);
  assert.deepEqual(
    [staged.log.length, /:1\.2: x+ failed: Error: there is no tool/.test(staged.log[0] ?? '')],
    [1, true],
  );
});

test('an answer that was cut is a warning, once, and a failure where it has to have a form', async (t) => {
  const models = await Models.start(t, () => ({ text: 'half', finish: 'length' }));
  const staged = stage(t, models, yaml('tools: []'));
  assert.deepEqual([await staged.run(), await staged.run()], ['half', 'half']);
  const [note, ...more] = staged.notes;
  assert.deepEqual([more, staged.log], [[], []]);
  assert.ok(note?.kind === 'warning');
  assert.equal(note.warning.reason, 'length');
  assert.match(note.warning.message, /^1\.a:[0-9a-f]{8}: the answer was cut/);
  const shaped = stage(t, models, `${yaml('tools: []').replace('Go. }', 'Go., output_json: { type: object } }')}`);
  const { facts } = (await rejection(shaped.run())) as AgentError;
  assert.equal(facts.reason, 'output_invalid');
});

test('what has no effect and tools that agents do without are warnings, once', async (t) => {
  const models = await Models.start(t, () => 'done');
  const context = 'context: { auto_compact: true }\n';
  const config = { tools: { missing: 'skip' } } as const;
  const staged = stage(t, models, context + yaml('tools: [csv_tool]'), { config });
  await staged.run();
  await staged.run();
  assert.deepEqual(
    staged.notes.map((note) => (note.kind === 'warning' ? [note.warning.reason, note.warning.message] : note)),
    [
      ['ignored', 'context: ignored: auto_compact'],
      ['unknown_tool', "no tool 'csv_tool': its agents do without it (agents.tools.missing is skip)"],
    ],
  );
});
