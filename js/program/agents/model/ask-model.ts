/**
 * Asks a model once: with further tries when its server is not there or has no room, and without what it refuses.
 *
 * 1. An answer that has begun is never asked for again here: some of it was paid for, and told.
 * 2. Whatever an aborted request ends with, the signal's reason is what is thrown.
 */
import type { IncomingMessage } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { AgentError, type FailureFacts, type Reason } from '../failure.ts';
import { bodyOf, type Omitted } from './body.ts';
import { post, textFrom } from './post.ts';
import { readAnswer } from './stream.ts';
import type { ModelAnswer, Question } from './types.ts';

/** Where and how to ask. */
export interface ModelServer {
  /** Up to `/v1`. */
  url: string;
  /** Undefined: none is sent. */
  key: string | undefined;
  idleMs: number;
  /** What it was found to refuse; grows. */
  omitted: Omitted;
}

export interface Asking {
  signal: AbortSignal;
  /** The step that asks, for errors. */
  step: string;
  /** Gets the text of the answer as it comes. */
  tell(text: string): void;
}

const RETRIES = 2;
/** Seconds. */
const LONGEST_WAIT = 60;
const LARGEST_ERROR = 64 * 1024;

/** Rejects with the signal's reason, or with an `AgentError` that says where, which model and why. */
export async function askModel(server: ModelServer, question: Question, asking: Asking): Promise<ModelAnswer> {
  const facts = { endpoint: server.url, model: question.model, step: asking.step };
  try {
    const answer = await begin(server, question, asking, facts);
    return await readAnswer(answer, facts, asking.tell).catch((error) => {
      throw error instanceof AgentError ? error : cutOff(error, facts);
    });
  } catch (error) {
    asking.signal.throwIfAborted();
    throw error;
  }
}

type Facts = Omit<FailureFacts, 'reason'>;

/** Gets an answer that begins as one, or throws. */
async function begin(
  server: ModelServer,
  question: Question,
  { signal }: Asking,
  facts: Facts,
): Promise<IncomingMessage> {
  for (let tried = 0; ; ) {
    const answer = await send(server, question, signal, facts).catch((error: unknown) => error as AgentError);
    signal.throwIfAborted();
    if (!(answer instanceof AgentError)) return answer;
    if (leavesOut(server.omitted, answer, question)) continue;
    const wait = waitOf(answer, tried);
    if (tried >= RETRIES || wait === undefined) throw answer;
    tried += 1;
    await pause(wait * 1000, undefined, { signal });
  }
}

async function send(
  server: ModelServer,
  question: Question,
  signal: AbortSignal,
  facts: Facts,
): Promise<IncomingMessage> {
  const answer = await post(new URL(`${server.url}/chat/completions`), {
    headers: headersOf(server),
    body: bodyOf(question, server.omitted),
    signal,
    idleMs: server.idleMs,
  }).catch((error: Error) => {
    const why = error.message || (error as NodeJS.ErrnoException).code || 'no answer';
    throw new AgentError(`${server.url} cannot be reached: ${why}`, { ...facts, reason: 'model_unavailable' }, error);
  });
  const { statusCode: status = 0 } = answer;
  if (status >= 200 && status < 300) return answer;
  throw await refusal(answer, status, facts);
}

const headersOf = ({ key }: ModelServer): Record<string, string> => ({
  'content-type': 'application/json',
  accept: 'text/event-stream',
  ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
});

async function refusal(answer: IncomingMessage, status: number, facts: Facts): Promise<AgentError> {
  const said = messageIn(await textFrom(answer, LARGEST_ERROR).catch(() => ''));
  const after = afterOf(answer.headers['retry-after']);
  return new AgentError(`${facts.endpoint} answered ${status}${said === '' ? '' : `: ${said}`}`, {
    ...facts,
    reason: reasonOf(status),
    status,
    ...(after === undefined ? {} : { retry_after: after }),
  });
}

function reasonOf(status: number): Reason {
  if (status === 401 || status === 403) return 'model_auth';
  if (status === 408 || status === 429 || status >= 500) return 'model_unavailable';
  return 'model_request';
}

const LONGEST_SAID = 1000;

/** What a server's error says: `error.message`, `error`, `message`, else the text. */
function messageIn(text: string): string {
  try {
    const { error, message } = JSON.parse(text);
    return String(error?.message ?? error ?? message ?? text).slice(0, LONGEST_SAID);
  } catch {
    return text.trim().slice(0, LONGEST_SAID);
  }
}

/** Seconds, of a number or a date. */
function afterOf(header: string | undefined): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(header.trim()) ? Number(header) : (Date.parse(header) - Date.now()) / 1000;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

/** Seconds to wait for another try; undefined: there is none. */
function waitOf({ facts }: AgentError, tried: number): number | undefined {
  if (facts.reason !== 'model_unavailable') return undefined;
  const wait = (facts.retry_after as number | undefined) ?? 2 ** tried;
  return wait <= LONGEST_WAIT ? wait : undefined;
}

/** A server that refuses a request may know nothing of schemas, or of the usage of streams: the next one goes without. */
function leavesOut(omitted: Omitted, { facts }: AgentError, question: Question): boolean {
  if (facts.status !== 400 && facts.status !== 422) return false;
  if (question.schema !== undefined && !omitted.schema) omitted.schema = true;
  else if (!omitted.usage) omitted.usage = true;
  else return false;
  return true;
}

const cutOff = (error: unknown, facts: Facts): AgentError =>
  new AgentError(`the answer was cut off: ${(error as Error).message}`, { ...facts, reason: 'model_stream' }, error);
