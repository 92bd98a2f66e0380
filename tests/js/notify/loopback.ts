/** Servers on loopback that answer as the real ones are documented to. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { heard } from '../../waiting.js';

export interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  /** As it came. */
  text: string;
}

/** What a server answers with; undefined: nothing, ever. */
export type Answer = { status: number; headers?: Record<string, string>; body?: unknown } | 'cut' | undefined;
export type Answering = (received: Received, index: number) => Answer | Promise<Answer>;

export class Loopback {
  readonly received: Received[] = [];
  readonly #server: Server;
  #answering: Answering;

  private constructor(server: Server, answering: Answering) {
    this.#server = server;
    this.#answering = answering;
  }

  static async start(t: TestContext, answering: Answering = () => ({ status: 204 })): Promise<Loopback> {
    const server = createServer();
    const one = new Loopback(server, answering);
    server.on('request', (request, response) => void one.#take(request, response));
    server.listen(0, '127.0.0.1');
    await heard(server, 'listening');
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    return one;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  answers(answering: Answering): void {
    this.#answering = answering;
  }

  /** The bodies of what came to a path. */
  bodies(path: string): Record<string, unknown>[] {
    return this.received.filter((one) => one.path === path).map(({ text }) => JSON.parse(text));
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const received = { path: request.url ?? '', headers: request.headers, text: Buffer.concat(parts).toString() };
    const index = this.received.push(received) - 1;
    const answer = await this.#answering(received, index);
    if (answer === 'cut') response.destroy();
    if (answer === undefined || answer === 'cut') return;
    const { status, headers = {}, body } = answer;
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  }
}

/** Telegram's Bot API, of a bot with this token: https://core.telegram.org/bots/api. */
export function telegramApi(token: string, updates: object[] = [], limits = 0): Answering {
  let left = limits;
  return async ({ path, text }) => {
    const [, of, method] = /^\/bot([^/]+)\/(\w+)$/.exec(path) ?? [];
    const error = (status: number, description: string, more = {}): Answer => ({
      status,
      body: { ok: false, error_code: status, description, ...more },
    });
    if (of !== token) return error(401, 'Unauthorized');
    const asked = JSON.parse(text) as { offset?: number; chat_id?: unknown; text?: string };
    if (method === 'getUpdates') {
      const { offset = 0 } = asked;
      const found = updates.filter((one) => (one as { update_id: number }).update_id >= offset);
      // It answers when there is one, or when the time of the poll is over.
      return found.length === 0 ? undefined : { status: 200, body: { ok: true, result: found } };
    }
    if (asked.chat_id === undefined) return error(400, 'Bad Request: chat_id is empty');
    if (method === 'sendChatAction') return { status: 200, body: { ok: true, result: true } };
    if (method !== 'sendMessage') return error(404, 'Not Found');
    if (!asked.text) return error(400, 'Bad Request: message text is empty');
    left -= 1;
    if (left >= 0) return error(429, 'Too Many Requests: retry after 1', { parameters: { retry_after: 1 } });
    return { status: 200, body: { ok: true, result: { message_id: 1, text: asked.text } } };
  };
}

/** An incoming webhook of Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. */
export const slackWebhook: Answering = ({ path, text }) => {
  if (!path.startsWith('/services/')) return { status: 404, body: 'no_service' };
  const { text: said } = JSON.parse(text) as { text?: string };
  return said ? { status: 200, body: 'ok' } : { status: 400, body: 'no_text' };
};
