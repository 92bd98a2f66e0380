/** Recipes of agents through everything: a submit, a detached worker, a model server on loopback, and what kills them. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Models } from '../js/program/agents/models.js';
import { BEGUN, set, staged, submit, TWO_STEPS } from './agents-stage.js';
import { Cli } from './process.js';
import { kill, until } from './scene.js';

const asked = (models: Models): string[] => models.said('user').map((text) => text.split(/[ .\n]/)[0] ?? '');

test('a text is its input; the result is what the last step gave, the text comes as output', async (t) => {
  const { scene, models } = await staged(t, (_asked, index) => `answer ${index + 1}`);
  const done = await submit(scene, '--wait');
  assert.deepEqual([done.status, done.result, done.exit], ['completed', 'answer 2', 0]);
  assert.equal(models.said('user')[0], 'First thing.');
  const { events } = await scene.project.json<{ events: { kind: string; data: { chunk?: string } }[] }>(
    'background',
    'events',
    done.task_id,
  );
  const text = events.filter(({ kind }) => kind === 'output').map(({ data }) => data.chunk);
  assert.equal(text.join(''), 'answer 1answer 2');
});

test('kill -9 in the second model call: the first is not made again', async (t) => {
  let hold = new Promise<void>(() => {});
  const { scene, models } = await staged(t, (_asked, index) =>
    index === 1 ? { before: hold } : `answer ${index + 1}`,
  );
  const { task_id: id } = await submit(scene, '--on-lost', 'retry');
  await until(() => models.asked.length === 2, { what: 'the second model call' });
  kill((await scene.status(id)).worker?.pid as number);
  await models.asked[1]?.closed; // nobody is left who spends money
  hold = Promise.resolve();
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.status, done.result, done.attempt], ['completed', 'answer 3', 2]);
  const { input_tokens, output_tokens, requests, incomplete } = done.usage ?? {};
  assert.deepEqual([input_tokens, output_tokens, requests, incomplete], [20, 10, 3, true]); // what the lost call cost nobody knows
  assert.deepEqual(asked(models), ['First', 'Second', 'Second']);
});

test('work goes where the submit said, whatever the environment of the worker says', async (t) => {
  const { scene, models } = await staged(t, () => 'right');
  const other = await Models.start(t, () => 'wrong');
  const { task_id: id } = await submit(scene, '--no-worker');
  set(scene, { OPENAI_BASE_URL: other.url, OFFSTAGE_MODEL: 'other' });
  assert.equal((await scene.cli('wait', id)).result, 'right');
  assert.equal(other.asked.length, 0);
  assert.deepEqual([...new Set(models.asked.map(({ body }) => body.model))], ['local']);
});

test('a cancel closes the connection in the middle of the stream', async (t) => {
  const { scene, models } = await staged(t, () => ({ raw: [BEGUN], hold: new Promise(() => {}) }));
  const { task_id: id } = await submit(scene);
  await until(() => models.asked.length === 1, { what: 'the model call' });
  assert.equal((await scene.cli('cancel', id, '--wait')).status, 'cancelled');
  await models.asked[0]?.closed;
});

test('a key is sent and never stored, also where a model tells it piece by piece', async (t) => {
  const key = 'sk-offstage-test-0123456789';
  const { scene, models } = await staged(t, ({ headers }) => ({
    pieces: String(headers.authorization).match(/.{1,6}/g) ?? [],
  }));
  set(scene, { OPENAI_API_KEY: key });
  const done = await submit(scene, '--wait');
  assert.equal(models.asked[0]?.headers.authorization, `Bearer ${key}`);
  assert.equal(done.result, 'Bearer ***');
  const all = await scene.project.run('background', 'events', done.task_id, '--json');
  assert.doesNotMatch(JSON.stringify(done) + all.stdout, new RegExp(key.slice(0, 20)));
});

test('a failure says why, where and which model; a denied tool refuses the submit', async (t) => {
  const { scene, models } = await staged(t, () => ({ status: 401, body: '{"error":{"message":"no such key"}}' }));
  const failed = await submit(scene, '--wait');
  assert.equal(failed.exit, 3);
  const { stack: _, ...details } = (failed.error?.details ?? {}) as Record<string, unknown>;
  assert.deepEqual(details, {
    reason: 'model_auth',
    status: 401,
    endpoint: models.url,
    model: 'local',
    step: details.step,
  });
  assert.match(String(details.step), /^1\.writer:/);
  writeFileSync(scene.file('recipes/two/agents.yaml'), TWO_STEPS.replace('TOOLS', 'shell_tool'));
  const denied = await submit(scene);
  assert.deepEqual([denied.ok, denied.code, denied.exit], [false, 'policy_denied', 4]);
  const valid = await scene.project.json<{ denied: string[] }>('recipe', 'validate', 'two');
  assert.deepEqual([valid.exit, valid.denied], [0, ['shell_tool']], 'who may run it is no part of whether it is right');
});

test('a tool of which a person is asked runs once the answer is there, and only once', async (t) => {
  const command = 'echo ran >> ran.txt; printenv OPENAI_API_KEY; pwd';
  const { scene, models } = await staged(
    t,
    (_asked, index) => (index === 0 ? { calls: [{ name: 'shell_tool', args: { command } }] } : 'done'),
    'shell_tool',
  );
  set(scene, { OPENAI_API_KEY: 'sk-offstage-test-0123456789' });
  const { task_id: id } = await submit(scene, '--ask-tool', 'shell_tool');
  const open = await until(async () => Object.entries((await scene.status(id)).input_requests)[0]);
  assert.match(open[1].message, /May shell_tool be used with .*echo ran/);
  await scene.killAll(); // while it is asked
  await scene.cli('respond', id, open[0], '--accept', 'true');
  assert.equal((await scene.cli('wait', id)).status, 'completed');
  assert.deepEqual(scene.lines('ran.txt'), ['ran']);
  assert.deepEqual(models.said('tool').filter(Boolean)[0], `exit code 0\n${scene.folder}\n`);
  assert.equal(models.asked.length, 3);
});

test('narrowed tools are in the attention and in status; a use is an event, and what is missing a warning', async (t) => {
  const { scene } = await staged(
    t,
    (_asked, index) => (index === 0 ? { calls: [{ name: 'list_files', args: {} }] } : 'done'),
    'list_files, web_crawl, csv_tool',
  );
  const skip = { agents: { tools: { missing: 'skip' } } };
  writeFileSync(scene.file('offstage.config.json'), JSON.stringify(skip));
  const { task_id: id } = await submit(scene, '--wait');
  const { task_status, tools } = await scene.status(id);
  assert.deepEqual(tools, { list_files: 'allow', web_crawl: 'ask', csv_tool: 'missing' });
  assert.deepEqual(task_status.signals, ['tools_narrowed', 'terminal']);
  const shown = await scene.project.run('background', 'status', id);
  assert.match(shown.stdout, /^Tools: list_files, web_crawl \(asked\), csv_tool \(missing\)$/m);
  const { events } = await scene.project.json<{ events: { kind: string; data: Record<string, unknown> }[] }>(
    'background',
    'events',
    id,
  );
  const told = events.filter(({ kind }) => ['tool', 'warning'].includes(kind));
  assert.deepEqual(
    told.map(({ kind, data }) => [kind, data.reason ?? data.name, data.ok, data.call]),
    [
      ['warning', 'unknown_tool', undefined, undefined],
      ['tool', 'list_files', true, '1.1'],
    ],
  );
  const logs = await scene.project.run('background', 'logs', id);
  assert.match(logs.stdout, /^warning: no tool 'csv_tool'/m);
});

test('a prompt is answered; the text comes while it is written, and what stands there in the end is the result', async (t) => {
  let more: () => void = () => {};
  const hold = new Promise<void>((resolve) => {
    more = resolve;
  });
  const { scene, models } = await staged(t, () => ({ raw: [BEGUN], hold }));
  const cli = new Cli(t, scene.project, ['background', 'submit', '--prompt', 'Say hello', '--wait']);
  await cli.prints(({ stdout }) => stdout === 'some'); // while the rest is not there yet
  models.answers(() => 'unused');
  more();
  const { code } = await cli.ended;
  assert.equal(code, 3); // its server ended without a finish_reason
  models.answers(() => ({ pieces: ['Hel', 'lo.'] }));
  const { stdout } = await scene.project.run('background', 'submit', '--prompt', 'Say hello', '--wait');
  assert.equal(stdout, 'Hello.\n');
  assert.deepEqual(models.asked[1]?.body.messages, [{ role: 'user', content: 'Say hello' }]);
  const done = await scene.cli('submit', '--prompt', 'Say hello', '--wait');
  assert.deepEqual([done.status, done.result, done.recipe, done.name], ['completed', 'Hello.', 'prompt', 'prompt']);
  assert.deepEqual([done.input, 'command' in done], [{ prompt: 'Say hello', input: 'Say hello' }, false]);
});

test('a prompt goes again where it was submitted to; an agent of the configuration has instructions and tools', async (t) => {
  const { scene, models } = await staged(t, (_asked, index) => (index === 0 ? { status: 401 } : 'fine'));
  const named = { reviewer: { instructions: 'You review.', model: 'small', tools: ['read_file'] } };
  writeFileSync(scene.file('offstage.config.json'), JSON.stringify({ agents: { named } }));
  const failed = await scene.cli('submit', '--prompt', 'x', '--agent', 'reviewer', '--wait');
  assert.equal(failed.status, 'failed');
  set(scene, { OPENAI_BASE_URL: 'http://127.0.0.1:9/v1' });
  const { task_id: id } = await scene.cli('retry', failed.task_id);
  assert.equal((await scene.cli('wait', id)).result, 'fine');
  const { body } = models.asked[1] ?? {};
  assert.deepEqual(body?.messages[0], { role: 'system', content: 'You review.' });
  assert.deepEqual([body?.model, body?.tools?.map((tool) => tool.function.name)], ['local', ['read_file']]);
});

test('what a prompt lacks is said at once, and nothing is stored', async (t) => {
  const { scene } = await staged(t, () => 'fine');
  const unnamed = await scene.cli('submit', '--prompt', 'x', '--agent', 'twoo');
  assert.deepEqual([unnamed.code, unnamed.exit], ['recipe_not_found', 7]);
  set(scene, { OFFSTAGE_MODEL: '' });
  assert.deepEqual([(await scene.cli('submit', '--prompt', 'x')).exit], [2]);
  set(scene, { OPENAI_BASE_URL: '' });
  const nowhere = await scene.project.json<{ error: string }>('background', 'submit', '--prompt', 'x');
  assert.deepEqual([nowhere.code, nowhere.exit], ['missing_dependency', 6]);
  assert.match(nowhere.error, /set OPENAI_API_KEY, or OPENAI_BASE_URL/);
  for (const wrong of [
    ['--recipe', 'two'],
    ['--input', '1'],
    ['--config', '{}'],
  ]) {
    assert.equal((await scene.cli('submit', '--prompt', 'x', ...wrong)).exit, 2);
  }
  assert.equal((await scene.cli('submit', '--agent', 'x')).exit, 2);
  assert.equal((await scene.project.json<{ total: number }>('background', 'list')).total, 0);
});

test('a run that its budget has stopped goes on with a larger one, and asks for nothing twice', async (t) => {
  const { scene, models } = await staged(t, (_asked, index) => `answer ${index + 1}`);
  const stopped = await submit(scene, '--budget-tokens', '15', '--retries', '3', '--wait');
  assert.deepEqual([stopped.exit, stopped.status, stopped.error?.code], [3, 'failed', 'budget_exceeded']);
  assert.deepEqual([stopped.attempt, stopped.error?.retryable], [1, false]);
  const { limit, used, step } = (stopped.error?.details ?? {}) as Record<string, unknown>;
  assert.deepEqual([limit, used, models.asked.length], [{ tokens: 15 }, { tokens: 15 }, 1]);
  assert.match(String(step), /^2\.writer:/);
  const same = await scene.cli('retry', stopped.task_id);
  assert.equal((await scene.cli('wait', same.task_id)).error?.code, 'budget_exceeded');
  assert.equal(models.asked.length, 1); // what it has used counts
  const more = await scene.cli('retry', stopped.task_id, '--budget-tokens', '30');
  const done = await scene.cli('wait', more.task_id);
  assert.deepEqual(
    [done.error, done.status, done.result, done.retried_from],
    [null, 'completed', 'answer 2', stopped.task_id],
  );
  assert.deepEqual(asked(models), ['First', 'Second']);
  const { input_tokens, output_tokens, requests, incomplete } = done.usage ?? {};
  assert.deepEqual([input_tokens, output_tokens, requests, incomplete], [10, 5, 1, false]); // its own
  const anew = await scene.cli('retry', stopped.task_id, '--no-keep-steps', '--budget-tokens', '30');
  assert.equal((await scene.cli('wait', anew.task_id)).result, 'answer 4');
});

test('what it costs is in status, in list and in an event a call', async (t) => {
  const { scene, models } = await staged(t, () => 'fine');
  const prices = { local: { input: 2, output: 10 } };
  writeFileSync(scene.file('offstage.config.json'), JSON.stringify({ agents: { prices } }));
  const { task_id: id } = await submit(scene, '--budget-cost', '0.01', '--wait');
  const { tasks } = await scene.project.json<{ tasks: { usage: Record<string, unknown> }[] }>('background', 'list');
  const { cost, cost_source, incomplete, models: by } = tasks[0]?.usage ?? {};
  assert.deepEqual([cost, cost_source, incomplete, Object.keys(by as object)], [0.00014, 'config', false, ['local']]);
  const shown = await scene.project.run('background', 'status', id);
  assert.match(shown.stdout, /^Usage: 20 in · 10 out · \$0\.0001 \(config\)$/m);
  const { events } = await scene.project.json<{ events: { kind: string; data: Record<string, unknown> }[] }>(
    'background',
    'events',
    id,
  );
  const told = events.filter(({ kind }) => kind === 'usage').map(({ data }) => data);
  assert.equal(told.length, models.asked.length);
  for (const { step, model, input_tokens, output_tokens, cost, cost_source, finish_reason, ms } of told) {
    assert.match(String(step), /^[12]\.writer:[0-9a-f]{8}:1$/);
    assert.deepEqual([model, input_tokens, output_tokens, cost, cost_source], ['local', 10, 5, 0.00007, 'config']);
    assert.deepEqual([finish_reason, typeof ms], ['stop', 'number']);
  }
  const unpriced = await submit(scene, '--model', 'other', '--budget-cost', '1');
  assert.deepEqual([unpriced.code, unpriced.exit], ['invalid_argument', 2]);
});
