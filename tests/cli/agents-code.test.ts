/** Agents of frameworks as recipes: what they have said and what they were allowed outlives every process. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { Scene, until } from './scene.js';

const OFFSTAGE = import.meta.resolve('#offstage/index.js');

/** Appends lines to what is seen of an agent, whose objects do not outlive their process. */
const BEGIN = `import { appendFileSync } from 'node:fs';
import { defineAgent } from ${JSON.stringify(OFFSTAGE)};
const note = (text) => appendFileSync('seen.txt', text + '\\n');
async function* parts(...items) { yield* items; }
`;

const AI_SDK = `${BEGIN}
const agent = {
  version: 'agent-v1',
  generate() {},
  async stream({ prompt, messages = [] }) {
    note('asked ' + (prompt ?? messages.length));
    const approved = messages.at(-1)?.content?.[0]?.approved;
    if (approved === undefined) {
      const toolCall = { toolName: 'pay', input: { usd: 5 } };
      return {
        fullStream: parts({ type: 'tool-approval-request', approvalId: 'a1', toolCall }),
        response: Promise.resolve({ messages: [{ role: 'assistant', content: 'I will pay' }] }),
        totalUsage: Promise.resolve({ inputTokens: 7, outputTokens: 2 }),
      };
    }
    note('paid ' + approved);
    return { fullStream: parts({ type: 'text-delta', text: 'paid ' + approved }), totalUsage: Promise.resolve({ inputTokens: 9, outputTokens: 1 }) };
  },
};
export default defineAgent({ name: 'asking', create: () => agent });
`;

const MASTRA = `${BEGIN}
const stream = async (text) => { note('asked ' + text); return { fullStream: parts({ type: 'tool-call-approval', runId: 'r1', payload: { toolCallId: 'c1', toolName: 'pay', args: {} } }) }; };
const going = (word) => async ({ runId, toolCallId }) => { note(word + ' ' + runId + ' ' + toolCallId); return { fullStream: parts({ type: 'text-delta', payload: { text: word } }) }; };
export default defineAgent({ name: 'asking', create: () => ({ generate() {}, getInstructions() {}, stream, approveToolCall: going('approved'), declineToolCall: going('declined') }) });
`;

const OPENAI = `${BEGIN}
const agent = { name: 'Writer', asTool() {}, getSystemPrompt() {}, getAllTools() {} };
export default defineAgent({ name: 'asking', agent });
`;

/** A stand-in for the package, as far as it is used: its state goes through a text. */
const OPENAI_PACKAGE = `import { appendFileSync } from 'node:fs';
const note = (text) => appendFileSync('seen.txt', text + '\\n');
export class RunState {
  constructor(asked) { this.asked = asked; this.said = []; this.usage = { inputTokens: 4, outputTokens: 4 }; }
  static async fromString(agent, text) { note('restored for ' + agent.name); return new RunState(JSON.parse(text)); }
  toString() { return JSON.stringify(this.asked); }
  getInterruptions() { return this.asked; }
  approve(item) { this.said.push('approved ' + item.rawItem.callId); }
  reject(item) { this.said.push('rejected ' + item.rawItem.callId); }
}
export async function run(agent, input) {
  note('asked ' + (typeof input === 'string' ? input : input.said.join()));
  const one = { rawItem: { callId: 'c1', name: 'pay', arguments: '{}' } };
  const isNew = typeof input === 'string';
  const stream = (async function* () {})();
  return Object.assign(stream, isNew ? { interruptions: [one], state: new RunState([one]) } : { interruptions: [], finalOutput: input.said.join(), state: input });
}
`;

const CLAUDE = `${BEGIN}
const query = ({ prompt, options: { resume, canUseTool, abortController } }) => (async function* () {
  note('asked ' + prompt.slice(0, 12) + (resume === undefined ? '' : ' ' + resume));
  yield { type: 'system', subtype: 'init', session_id: 's1' };
  const how = { signal: abortController.signal, toolUseID: resume === undefined ? 'u1' : 'u2' };
  const permit = await canUseTool('Bash', { command: 'pay' }, how);
  note(permit.behavior + ' ' + JSON.stringify(permit.updatedInput ?? permit.message));
  yield { type: 'result', subtype: 'success', result: permit.behavior, usage: { input_tokens: 5, output_tokens: 1 }, total_cost_usd: 0.5 };
})();
export default defineAgent({ name: 'asking', create: () => ({ query, options: {} }) });
`;

const GRAPH = `${BEGIN}
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
const graph = {
  lg_is_pregel: true,
  invoke() {},
  async stream(input, { configurable }) {
    const resumed = input?.resume;
    note('asked ' + (resumed === undefined ? input.messages[0].content : JSON.stringify(resumed)) + ' ' + configurable.thread_id);
    if (resumed === undefined) return parts(['updates', { __interrupt__: [{ id: 'i1', value: 'Which colour?' }] }]);
    return parts(['messages', [{ id: '1', content: 'painted ' + resumed, getType: () => 'ai' }, {}]]);
  },
};
export default defineAgent({ name: 'asking', create: () => graph });
`;

const GRAPH_PACKAGE = 'export class Command { constructor({ resume }) { this.resume = resume; } }\n';

function addPackage(scene: Scene, name: string, code: string): void {
  const folder = scene.file(`node_modules/${name}`);
  mkdirSync(folder, { recursive: true });
  const manifest = { name, exports: { '.': { types: './index.d.ts', import: { default: './index.mjs' } } } };
  writeFileSync(`${folder}/package.json`, JSON.stringify(manifest));
  writeFileSync(`${folder}/index.mjs`, code);
}

/** Asked, everything killed, answered: what it says in the end. */
async function answeredAfterDeath(t: TestContext, code: string, accept: string, packages: Record<string, string> = {}) {
  const scene = new Scene(t);
  scene.project.addRecipe('asking', code);
  for (const [name, source] of Object.entries(packages)) addPackage(scene, name, source);
  const flags = ['--recipe', 'asking', '--input', '{"prompt":"go"}', '-s', 'thread'];
  const { task_id: id } = await scene.cli('submit', ...flags);
  const [key, { message }] = await until(async () => Object.entries((await scene.status(id)).input_requests)[0]);
  await scene.killAll();
  await scene.cli('respond', id, key, ...(accept === '' ? ['--decline'] : ['--accept', accept]));
  const done = await scene.cli('wait', id);
  assert.equal(done.status, 'completed', JSON.stringify(done.error));
  return { done, message, seen: scene.lines('seen.txt') };
}

test('AI SDK: two calls in all, the tool once, and what both have used', async (t) => {
  const { done, message, seen } = await answeredAfterDeath(t, AI_SDK, '{}');
  assert.match(message, /May pay be used with \{"usd":5\}\?/);
  assert.deepEqual([done.result, seen], ['paid true', ['asked go', 'asked 3', 'paid true']]);
  assert.deepEqual([done.usage?.input_tokens, done.usage?.requests], [16, 2]);
});

test('AI SDK: a decline is told to the agent', async (t) => {
  const { done, seen } = await answeredAfterDeath(t, AI_SDK, '');
  assert.deepEqual([done.result, seen.at(-1)], ['paid false', 'paid false']);
});

test('Mastra: its run goes on by its id', async (t) => {
  const { done, seen } = await answeredAfterDeath(t, MASTRA, '{}');
  assert.deepEqual([done.result, seen], ['approved', ['asked go', 'approved r1 c1']]);
});

test('OpenAI Agents: its state comes back from a text', async (t) => {
  const packages = { '@openai/agents': OPENAI_PACKAGE };
  const { done, seen } = await answeredAfterDeath(t, OPENAI, '{}', packages);
  assert.deepEqual([done.result, seen], ['approved c1', ['asked go', 'restored for Writer', 'asked approved c1']]);
});

test('Claude: permission is a question; the lost query is resumed by its session, and is not asked about again', async (t) => {
  const { done, message, seen } = await answeredAfterDeath(t, CLAUDE, '{}');
  assert.match(message, /May Bash be used with \{"command":"pay"\}\?/);
  assert.deepEqual([done.result, seen], ['allow', ['asked go', 'asked You were int s1', 'allow {"command":"pay"}']]);
  assert.deepEqual([done.usage?.input_tokens, done.usage?.incomplete, done.usage?.cost], [5, true, null]);
});

test("LangGraph: an interrupt asks, its answer resumes the session's thread", async (t) => {
  const { done, message, seen } = await answeredAfterDeath(t, GRAPH, '"blue"', {
    '@langchain/langgraph': GRAPH_PACKAGE,
  });
  assert.equal(message, 'Which colour?');
  assert.deepEqual([done.result, seen], ['painted blue', ['asked go thread', 'asked "blue" thread']]);
});
