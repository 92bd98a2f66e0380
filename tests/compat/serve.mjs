/** A server on loopback that speaks OpenAI's chat API: what it says is for `answer(body, index, say)` to say. */
import { createServer } from 'node:http';

/** `say`: `pieces(...)` puts pieces out, `delta(...)` makes one, `end(usage?)` ends it. An answer that is not ended stays open. */
export async function serve(answer) {
  const asked = [];
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const part of request) text += part;
    const body = JSON.parse(text);
    const index = asked.push(body);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    answer(body, index, saying(response, body, index));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${server.address().port}/v1`, asked, close };
}

function saying(response, { model }, index) {
  const whole = (more) => ({ id: `answer-${index}`, object: 'chat.completion.chunk', created: 1, model, ...more });
  const pieces = (...all) => {
    for (const piece of all) response.write(`data: ${JSON.stringify(piece)}\n\n`);
  };
  return {
    response,
    pieces,
    delta: (delta, finish_reason = null) => whole({ choices: [{ index: 0, delta, finish_reason }] }),
    end(usage) {
      if (usage !== undefined) pieces(whole({ choices: [], usage }));
      response.end('data: [DONE]\n\n');
    },
  };
}

/** Calls of tools, as a model makes them. */
export const toolCalls = (index, calls) =>
  calls.map(([name, args], at) => ({
    index: at,
    id: `call_${index}_${at}`,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
