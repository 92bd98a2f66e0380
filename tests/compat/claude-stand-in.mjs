#!/usr/bin/env node
/**
 * What the Claude Agent SDK starts in place of its program: lines of JSON on stdin and stdout, as that SDK speaks them. Its model pays by
 * a tool that wants permission, and says how that went; asked to hold, it begins an answer and does not end it. A session that is
 * resumed asks for the same use again.
 */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const { PROJECT } = process.env;
const resumed = process.argv[process.argv.indexOf('--resume') + 1];
const session = process.argv.includes('--resume') ? resumed : '4f1c0d1e-0000-4000-8000-000000000001';
const uuid = () => crypto.randomUUID();
const say = (message) => process.stdout.write(`${JSON.stringify({ uuid: uuid(), session_id: session, ...message })}\n`);

const assistant = (...content) =>
  say({
    type: 'assistant',
    parent_tool_use_id: null,
    message: {
      id: `msg_${uuid()}`,
      type: 'message',
      role: 'assistant',
      model: 'm',
      content,
      stop_reason: null,
      usage: {},
    },
  });

/** Both of its model calls, as the API counts them: what comes from a cache is not in `input_tokens`. */
const USAGE = { input_tokens: 12, cache_creation_input_tokens: 0, cache_read_input_tokens: 8, output_tokens: 10 };

function end(result) {
  assistant({ type: 'text', text: result });
  const counts = {
    duration_ms: 1,
    duration_api_ms: 1,
    num_turns: 2,
    permission_denials: [],
    modelUsage: {},
    stop_reason: 'end_turn',
  };
  say({ type: 'result', subtype: 'success', is_error: false, result, total_cost_usd: 0.01, usage: USAGE, ...counts });
}

function heard({ type, request_id, request, message, response }) {
  if (type === 'control_request') {
    const known = {
      commands: [],
      agents: [],
      models: [],
      account: {},
      output_style: 'default',
      available_output_styles: [],
    };
    const answer = request.subtype === 'initialize' ? known : {};
    say({ type: 'control_response', response: { subtype: 'success', request_id, response: answer } });
  }
  if (type === 'user') ask(JSON.stringify(message.content));
  if (type === 'control_response') answered(response.response);
}

function ask(prompt) {
  appendFileSync(`${PROJECT}/asked`, `${prompt}\n`);
  say({
    type: 'system',
    subtype: 'init',
    cwd: process.cwd(),
    tools: ['pay'],
    mcp_servers: [],
    model: 'm',
    permissionMode: 'default',
    slash_commands: [],
    output_style: 'default',
    skills: [],
    plugins: [],
    apiKeySource: 'none',
    claude_code_version: '2.1.0',
  });
  if (prompt.includes('Hold.')) return assistant({ type: 'text', text: 'Holding' });
  const use = { name: 'pay', input: { usd: 5 }, id: `toolu_${uuid()}` };
  assistant({ type: 'tool_use', ...use });
  const request = { subtype: 'can_use_tool', tool_name: use.name, input: use.input, tool_use_id: use.id };
  return say({ type: 'control_request', request_id: uuid(), request });
}

function answered({ behavior, updatedInput }) {
  if (behavior !== 'allow') return end('Not paid.');
  appendFileSync(`${PROJECT}/paid`, `${updatedInput.usd}\n`);
  return end('Paid 5.');
}

createInterface({ input: process.stdin }).on('line', (line) => heard(JSON.parse(line)));
