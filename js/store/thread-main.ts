/** The store's thread: receives requests, answers them. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { load as loadCore } from '../core/index.ts';
import { type ErrorData, isTaskError } from '../errors/index.ts';
import { Host } from './host.ts';
import { loadOperations } from './ops/index.ts';
import type { Arguments } from './ops/operation.ts';
import { loadSqlite, openSqlite } from './sqlite/open.ts';
import { loadHeld } from './sqlite/patience.ts';
import type { Reply, Request } from './thread.ts';
import { atEndOfTurn } from './turn.ts';
import type { Ops } from './types.ts';

if (parentPort === null) throw new Error('this file runs as a thread of the store');
const port: MessagePort = parentPort;

const { path, lookEvery } = workerData as { path: string; lookEvery?: number };
const opening = loaded().then(async () => new Host(await openSqlite(path, { lookEvery })));
opening.catch(() => {}); // every call reports it
let unwatch: (() => void) | undefined;

/** A thread is of use for long: it needs no file of the package any more once it answers. */
async function loaded(): Promise<void> {
  loadCore();
  await Promise.all([loadOperations(), loadSqlite(), loadHeld()]);
}

/** What was answered in this turn: it goes as one message. */
let replies: Reply[] = [];

function say(reply: Reply): void {
  if (replies.push(reply) === 1) atEndOfTurn(send);
}

function send(): void {
  if (replies.length > 0) port.postMessage(replies);
  replies = [];
}

port.on('message', (requests: Request[]) => {
  for (const request of requests) void handle(request);
});

async function handle(request: Request): Promise<void> {
  if ('id' in request) return answer(request);
  const host = await opening.catch(() => undefined);
  if (host === undefined) return;
  if ('keep' in request) host.keepLease(request.keep);
  else if ('drop' in request) host.dropLease(request.drop);
  else toggleWatch(host, request.watch);
}

async function answer(request: Extract<Request, { id: number }>): Promise<void> {
  const { id } = request;
  try {
    const host = await opening;
    if (!('close' in request))
      return say({ id, answer: await host.run(request.op, request.args as Arguments<keyof Ops>) });
    await host.close();
    say({ id, answer: undefined });
    send();
    port.close(); // with it ends the thread
  } catch (error) {
    say({ id, error: errorData(error) });
  }
}

function toggleWatch(host: Host, on: boolean): void {
  unwatch?.();
  unwatch = on ? host.watch((wake) => say({ wake })) : undefined;
}

function errorData(error: unknown): ErrorData {
  if (isTaskError(error)) return error.toJSON();
  return { code: 'unexpected', message: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
}
