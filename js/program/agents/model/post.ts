/** Sends a request and gives its answer as it begins: no library between us and the socket, so an abort closes it at once. */
import { type IncomingMessage, request as plain } from 'node:http';
import { request as secured } from 'node:https';

export interface Posted {
  headers: Record<string, string>;
  body: string;
  signal: AbortSignal;
  /** Milliseconds without a byte from there after which it is given up. */
  idleMs: number;
}

/** Rejects when nobody answers; what comes after the head is read from the answer. Each has a connection of its own. */
export function post(url: URL, { headers, body, signal, idleMs }: Posted): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? secured : plain;
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers, signal, agent: false });
    sent.setTimeout(idleMs, () => sent.destroy(new Error(`nothing came for ${idleMs / 1000} s`)));
    sent.on('error', reject); // after the head the answer's own error tells
    sent.once('response', resolve);
    sent.end(body);
  });
}

/** Reads what there is, so many bytes at most. */
export async function textFrom(answer: IncomingMessage, most: number): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    parts.push(part);
    size += part.length;
    if (size >= most) break; // the rest is not read: leaving the loop closes the connection
  }
  return Buffer.concat(parts).subarray(0, most).toString('utf8');
}
