/** A model server on loopback whose model doubles two numbers by background tasks: it starts two, waits, and says the results. */
import { createServer } from 'node:http';

export async function startModels() {
  /** The bodies of what was asked. */
  const asked = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const body = JSON.parse(text);
    asked.push(body);
    const told = body.messages.filter(({ role }) => role === 'tool').map(({ content }) => JSON.parse(content));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const piece of answerTo(told, asked.length)) response.write(`data: ${JSON.stringify(piece)}\n\n`);
    response.end('data: [DONE]\n\n');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/v1`, asked, close };
}

function answerTo(told, index) {
  const piece = (delta, finish_reason = null) => ({
    id: `answer-${index}`,
    object: 'chat.completion.chunk',
    created: 1,
    model: 'm',
    choices: [{ index: 0, delta, finish_reason }],
  });
  const calls = callsAfter(told);
  if (calls.length === 0) {
    const text = told
      .at(-1)
      .tasks.map(({ result }) => result)
      .join(' and ');
    return [piece({ role: 'assistant', content: text }), piece({}, 'stop')];
  }
  const tool_calls = calls.map(([name, args], at) => ({
    index: at,
    id: `call_${index}_${at}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
  return [piece({ role: 'assistant', tool_calls }), piece({}, 'tool_calls')];
}

function callsAfter(told) {
  if (told.length === 0) return [4, 5].map((input) => ['bg_submit', { recipe: 'double', input }]);
  return told.length === 2 ? [['bg_wait', { task_ids: told.map(({ task_id }) => task_id) }]] : [];
}

export const PROMPT = 'Double 4 and 5.';
export const ANSWER = '8 and 10';
