/** A server on loopback that answers as OpenAI's chat API does, as each test says. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { heard } from '../../../waiting.js';

/** What it was asked. */
export interface Asked {
  headers: IncomingMessage['headers'];
  body: {
    model: string;
    messages: { role: string; content: string | null; tool_calls?: unknown[]; tool_call_id?: string }[];
    tools?: { function: { name: string; parameters: unknown } }[];
    tool_choice?: string;
    max_tokens?: number;
    stream_options?: unknown;
    response_format?: unknown;
  };
  /** Resolves when the connection is closed. */
  closed: Promise<unknown>;
}

/** How it answers. */
export interface Says {
  text?: string;
  /** The text in these pieces instead. */
  pieces?: string[];
  calls?: { name: string; args: unknown; id?: string }[];
  usage?: { prompt_tokens: number; completion_tokens: number; cost?: number } | null;
  finish?: string | null;
  /** Not an answer: this status, with this body. */
  status?: number;
  body?: string;
  headers?: Record<string, string>;
  /** These bytes as they are, in place of events. */
  raw?: (string | Buffer)[];
  /** The connection is cut when all is written. */
  cut?: boolean;
  /** Before the head, and behind the pieces. */
  before?: Promise<unknown>;
  hold?: Promise<unknown>;
}

export type Answering = (asked: Asked, index: number) => Says | string;

export class Models {
  readonly asked: Asked[] = [];
  #answering: Answering = () => 'fine';
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(t: TestContext, answering: Answering = () => 'fine'): Promise<Models> {
    const server = createServer();
    const models = new Models(server);
    models.answers(answering);
    server.on('request', (request, response) => void models.#take(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return models;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`;
  }

  answers(answering: Answering): void {
    this.#answering = answering;
  }

  /** The texts that the last one of a role in each question said. */
  said(role: string): string[] {
    return this.asked.map(({ body }) => body.messages.findLast((one) => one.role === role)?.content ?? '');
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const closed = heard(response, 'close', { hold: false });
    closed.catch(() => {}); // nobody may look
    const asked = { headers: request.headers, body: JSON.parse(Buffer.concat(parts).toString()), closed };
    const index = this.asked.push(asked) - 1;
    const says = this.#answering(asked, index);
    await respond(response, typeof says === 'string' ? { text: says } : says);
  }
}

async function respond(response: ServerResponse, says: Says): Promise<void> {
  await says.before;
  if (says.status !== undefined) {
    response.writeHead(says.status, { 'content-type': 'application/json', ...says.headers });
    response.end(says.body ?? '');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', ...says.headers });
  for (const bytes of says.raw ?? events(says)) {
    response.write(bytes);
    await new Promise(setImmediate);
  }
  await says.hold;
  if (says.cut) response.destroy();
  else response.end();
}

function events({ text = '', pieces = [text], calls = [], usage, finish }: Says): string[] {
  const choice = (delta: object, finish_reason: string | null = null) => ({
    choices: [{ index: 0, delta, finish_reason }],
  });
  const toolCalls = calls.map(({ name, args, id }, index) => ({
    index,
    id: id ?? `id_${index}`,
    type: 'function',
    function: { name, arguments: typeof args === 'string' ? args : JSON.stringify(args) },
  }));
  const end = finish === undefined ? (calls.length > 0 ? 'tool_calls' : 'stop') : finish;
  const told = usage === undefined ? { prompt_tokens: 10, completion_tokens: 5 } : usage;
  return [
    ...pieces.map((content) => choice({ content })),
    ...(toolCalls.length > 0 ? [choice({ tool_calls: toolCalls })] : []),
    ...(end === null ? [] : [choice({}, end)]),
    ...(told === null ? [] : [{ choices: [], usage: told }]),
  ]
    .map((piece) => `data: ${JSON.stringify(piece)}\n\n`)
    .concat('data: [DONE]\n\n');
}
