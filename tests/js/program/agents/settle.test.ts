/** What a submit settles: where models are, which ones, what tools may do. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { ProgramSubmit } from '#offstage/ports/program.js';
import { endpointOf } from '#offstage/program/agents/endpoint.js';
import { modelFor } from '#offstage/program/agents/model-name.js';
import { settleFolder } from '#offstage/program/agents/settle.js';
import { programFolder } from '#offstage/program/contain.js';
import { rejection, tempFolder, write } from '../../recipe/helpers.js';

test('the first that says where models are counts; a key reaches nobody in the clear', () => {
  const at = (env: Record<string, string>, config = {}) => endpointOf(env, config);
  assert.equal(at({}), undefined);
  assert.deepEqual(at({ OPENAI_API_KEY: 'k' }), { url: 'https://api.openai.com/v1', key: 'OPENAI_API_KEY' });
  assert.deepEqual(at({ OLLAMA_HOST: '0.0.0.0', OPENAI_API_KEY: 'k' }), {
    url: 'http://127.0.0.1:11434/v1',
    key: undefined,
  });
  assert.deepEqual(at({ OLLAMA_HOST: 'box:80' })?.url, 'http://box/v1');
  assert.deepEqual(at({ OPENAI_BASE_URL: 'http://127.0.0.1:1/v1/', OPENAI_API_KEY: 'k' }), {
    url: 'http://127.0.0.1:1/v1',
    key: 'OPENAI_API_KEY',
  });
  assert.equal(at({ OPENAI_BASE_URL: 'http://models.example/v1', OPENAI_API_KEY: 'k' })?.key, undefined);
  assert.equal(at({ OPENAI_BASE_URL: 'https://models.example/v1', OFFSTAGE_API_KEY: 'k' })?.key, 'OFFSTAGE_API_KEY');
  assert.equal(
    at({ OFFSTAGE_BASE_URL: 'https://a.example/v1', OPENAI_BASE_URL: 'https://b.example' })?.url,
    'https://a.example/v1',
  );
  assert.equal(at({}, { baseUrl: 'https://c.example/v1', apiKeyEnv: 'MINE' })?.url, 'https://c.example/v1');
  const refused = ['https://me:secret@a.example/v1', 'https://a.example/v1?key=secret', 'https://a.example/v1#secret'];
  for (const url of [...refused, 'file:///secret', 'me:secret@a.example', 'sk-secret', 'http://me:secret@a b/v1']) {
    assert.throws(
      () => at({ OPENAI_BASE_URL: url }),
      (error: Error) => {
        assert.doesNotMatch(error.message, /secret/);
        return /OPENAI_BASE_URL: got/.test(error.message);
      },
    );
  }
});

test('which model an agent gets', () => {
  const openai = { url: 'https://api.openai.com/v1', key: 'OPENAI_API_KEY' };
  const local = { url: 'http://127.0.0.1:11434/v1', key: undefined };
  const config = { model: 'own', models: { 'gpt-4o': 'mapped' } };
  const on = (endpoint: typeof openai | typeof local, more = {}) => ({
    endpoint,
    asked: undefined,
    config: {},
    env: {},
    ...more,
  });
  assert.equal(modelFor('openai/gpt-4o', on(openai)), 'gpt-4o');
  assert.equal(modelFor(undefined, on(openai)), 'gpt-4o-mini');
  assert.equal(modelFor(undefined, on(openai, { env: { OFFSTAGE_MODEL: 'said' } })), 'said');
  assert.equal(modelFor('gpt-4o', on(openai, { config })), 'mapped');
  assert.equal(modelFor('gpt-4o-mini', on(local, { env: { OFFSTAGE_MODEL: 'llama' } })), 'llama');
  assert.equal(modelFor('gpt-4o', on(local, { config })), 'mapped');
  assert.equal(modelFor('other', on(local, { config })), 'own');
  assert.equal(modelFor('other', on(local, { config, asked: 'asked' })), 'asked');
  assert.throws(() => modelFor(undefined, on(local)), { code: 'invalid_argument', message: /no model: / });
});

const YAML = (tools: string) => `metadata: { requires: { env: [OPENAI_API_KEY], variables: [a, b] } }
agents:
  worker: { role: R, tools: [${tools}] }
steps:
  - { agent: worker, action: "{{a}} {{b}}" }
`;

function settling(t: TestContext, tools: string, more: Partial<ProgramSubmit> = {}) {
  const folder = tempFolder(t);
  const marker = join(folder, 'ran');
  write(folder, {
    'agents.yaml': YAML(tools),
    'tools.py': `open(${JSON.stringify(marker)}, 'w')\ndef mine(x): return x\n`,
  });
  const submit: ProgramSubmit = {
    env: { OPENAI_BASE_URL: 'http://127.0.0.1:1/v1', OFFSTAGE_MODEL: 'm' },
    cwd: folder,
    config: {},
    asked: {},
    needs: [],
    now: 0,
    seconds: () => 600,
    find: () => Promise.reject(new Error('nothing is looked for')),
    ...more,
  };
  return { marker, settled: settleFolder(programFolder(folder, 'sample'), 'agents.yaml', submit) };
}

test('tools that are denied refuse the submit and say how to allow them; no Python runs', async (t) => {
  const denied = settling(t, 'shell_tool, mine, read_file');
  const error = await rejection(denied.settled);
  assert.equal(error.code, 'policy_denied');
  assert.match(error.message, /denied: shell_tool, mine; allow by --allow-tool shell_tool --allow-tool mine/);
  assert.equal(existsSync(denied.marker), false);
  const tools = async (more: Partial<ProgramSubmit>) =>
    ((await settling(t, 'shell_tool, read_file', more).settled).settled as { tools: unknown }).tools;
  assert.deepEqual(await tools({ asked: { askTools: ['execute_command'] } }), {
    shell_tool: 'ask',
    read_file: 'allow',
  });
  assert.deepEqual(await tools({ config: { tools: { allow: ['shell_tool'], ask: ['read_file'] } } }), {
    shell_tool: 'allow',
    read_file: 'ask',
  });
  const never = { asked: { allowTools: ['shell_tool'] }, config: { tools: { deny: ['shell_tool'] } } };
  assert.match((await rejection(tools(never))).message, /agents\.tools\.deny of the configuration says so/);
});

test('a tool that nobody knows is refused with its place and the nearest name, or skipped', async (t) => {
  const error = await rejection(settling(t, 'read_fil').settled);
  assert.equal(error.code, 'recipe_invalid');
  assert.match(
    error.message,
    /agents\.yaml:3:\d+: agents\.worker\.tools: no tool 'read_fil'; did you mean 'read_file'\?/,
  );
  const skipped = await settling(t, 'read_fil', { config: { tools: { missing: 'skip' } } }).settled;
  const { tools, missing_tools } = skipped.settled as { tools: unknown; missing_tools: unknown };
  assert.deepEqual([tools, missing_tools], [{}, ['read_fil']]);
});

test('what is missing is refused all at once; neither key nor endpoint says what to set', async (t) => {
  const error = await rejection(settling(t, '', { input: { given: {} } }).settled);
  assert.match(error.message, /input\.a: is required; input\.b: is required/);
  const none = await rejection(settling(t, '', { env: {} }).settled);
  assert.equal(none.code, 'missing_dependency');
  assert.match(
    none.message,
    /set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server \(Ollama: http:\/\/127\.0\.0\.1:11434\/v1\)/,
  );
});

test("OpenAI's key is needed for OpenAI's endpoint alone", async (t) => {
  assert.deepEqual((await settling(t, '').settled).needs, []);
  assert.deepEqual((await settling(t, '', { env: { OPENAI_API_KEY: 'k' } }).settled).needs, ['OPENAI_API_KEY']);
});
