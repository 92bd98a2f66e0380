/** What `background submit` and `recipe run` share: from flags to a request, and what is said of a submitted task. */
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { InvalidArgumentError, invalid } from '../../errors/argument.ts';
import type { Submitted } from '../../wire/answers.ts';
import type { TaskRequest } from '../../wire/requests.ts';
import { textOf } from '../../wire/text.ts';
import type { Call, Flags } from '../command.ts';
import type { IO } from '../io.ts';
import { quoted } from '../typed.ts';
import { dollars, jsonObject, jsonOrText, timeLimit, whole } from '../values.ts';

/** What agents may use: of submits and of `retry`. */
export const LIMITS = {
  'budget-tokens': { type: 'string', value: 'N', help: 'tokens that its agents may use, over all attempts' },
  'budget-cost': { type: 'string', value: 'USD', help: 'US dollars that they may cost; models need a known price' },
  'budget-calls': { type: 'string', value: 'N', help: 'calls of models that they may make' },
  'max-turns': { type: 'string', value: 'N', help: 'model calls of one step of an agent', default: '20' },
} as const;

export const SUBMISSION = {
  input: {
    type: 'string',
    short: 'i',
    value: 'JSON|TEXT|@FILE|-',
    help: 'input; @FILE reads a file, - reads stdin',
    default: '{}, of a command none',
  },
  config: { type: 'string', short: 'c', value: 'JSON', help: "an object that overrides the recipe's config" },
  'session-id': { type: 'string', short: 's', value: 'ID', help: 'session to run in', default: 'generated' },
  timeout: {
    type: 'string',
    value: 'SECONDS',
    help: 'run time of one attempt, or a text such as 30m; 0 means no limit',
    default: "the recipe's, else 300; of a command none",
  },
  model: {
    type: 'string',
    value: 'MODEL',
    help: 'the model of its agents',
    default: 'as configuration, recipe and environment say',
  },
  'allow-tool': { type: 'string', multiple: true, value: 'TOOL', help: 'a tool that its agents may use' },
  'ask-tool': { type: 'string', multiple: true, value: 'TOOL', help: 'a tool of which a person is asked at each use' },
  ...LIMITS,
} as const;

/** The request that these flags make. */
export async function submission(
  { io, tell }: Pick<Call, 'io' | 'tell'>,
  work: Pick<TaskRequest, 'recipe' | 'command' | 'prompt' | 'agent'>,
  flags: Flags<typeof SUBMISSION>,
): Promise<TaskRequest> {
  const request: TaskRequest = { ...work, ...spanOf(io.env) };
  if (flags.config !== undefined) request.config = jsonObject('--config', flags.config);
  if (flags['session-id'] !== undefined) request.sessionId = flags['session-id'];
  if (flags.timeout !== undefined) request.timeout = timeLimit('--timeout', flags.timeout);
  if (flags.model !== undefined) request.model = flags.model;
  if (flags['allow-tool'].length > 0) request.allowTools = flags['allow-tool'];
  if (flags['ask-tool'].length > 0) request.askTools = flags['ask-tool'];
  Object.assign(request, limits(flags));
  if (flags.input !== undefined) {
    request.input = await readInput(io, flags.input); // last: stdin may be slow
    if (request.input === flags.input) noteText(io, flags.input, tell);
  }
  return request;
}

/** The span that this command is part of, by the names that tracing libraries give it. */
function spanOf({ TRACEPARENT: traceparent, TRACESTATE: tracestate }: IO['env']): Pick<TaskRequest, 'trace'> {
  if (!traceparent) return {};
  return { trace: { traceparent, ...(tracestate ? { tracestate } : {}) } };
}

/** What of a request these flags make. */
export function limits(flags: Flags<typeof LIMITS>): Pick<TaskRequest, 'budget' | 'maxTurns'> {
  const { 'budget-tokens': tokens, 'budget-cost': cost, 'budget-calls': calls, 'max-turns': turns } = flags;
  const budget = {
    ...(tokens === undefined ? {} : { tokens: whole('--budget-tokens', tokens, 1) }),
    ...(cost === undefined ? {} : { cost: dollars('--budget-cost', cost) }),
    ...(calls === undefined ? {} : { calls: whole('--budget-calls', calls, 1) }),
  };
  return {
    ...(Object.keys(budget).length === 0 ? {} : { budget }),
    ...(turns === undefined ? {} : { maxTurns: whole('--max-turns', turns, 1) }),
  };
}

/** A text is what it is; but one that names a file may have been meant so. */
function noteText(io: IO, text: string, tell: Call['tell']): void {
  if (existsSync(resolve(io.cwd, text))) {
    tell(`Note: --input is that text; what is in the file is given by --input ${quoted(`@${text}`)}`);
  }
}

async function readInput(io: IO, given: string): Promise<unknown> {
  const text = await textFrom(io, '--input', given);
  const input = jsonOrText(text);
  if (typeof input === 'string' && /^\s*[[{]/.test(text)) await refuseBroken(input, given, text === given);
  return input;
}

/** What a file or a program says may be lines of a log, a template or JSON Lines; this is JSON of which something is missing. */
const SURELY_JSON = /^\s*(?:\{|\[\s*\{?)\s*(?:"|$)/;

/** A text that begins as JSON does was meant so. */
async function refuseBroken(text: string, given: string, isTyped: boolean): Promise<void> {
  const { breakOf, isBehindJson, placed } = await import('../json-break.ts');
  const broken = breakOf(text);
  if (!isTyped && (isBehindJson(broken) || !SURELY_JSON.test(text))) return;
  const expected = `JSON: ${placed(broken, text)}`;
  const { message, details } = invalid('--input', given === '-' ? 'stdin' : given, expected);
  const quotes = isTyped ? `; JSON stands in single quotes: --input '{"key": "value"}'` : '';
  throw new InvalidArgumentError(`${message}${quotes}; a text that begins so is given as a JSON string`, details);
}

/** The text that an option says: `-` is stdin, `@FILE` a file's. */
export async function textFrom(io: IO, option: string, text: string): Promise<string> {
  if (text === '-') return textOf(await io.readStdin(), `${option}: stdin`, { option });
  if (!text.startsWith('@')) return text;
  const path = resolve(io.cwd, text.slice(1));
  return textOf(bytesOf(option, path, text), `${option}: ${path}`, { option, path });
}

function bytesOf(option: string, path: string, text: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new InvalidArgumentError(
      `${option}: got ${JSON.stringify(text)}, expected a file that can be read: ${(cause as Error).message}`,
      {
        option,
        path,
      },
    );
  }
}

/** Prints a submitted task: the id is the data, what can be done with it goes to stderr. */
export function answerSubmitted(call: Call, task: Submitted): void {
  const { task_id, recipe, session_id, status, retried_from, deduplicated } = task;
  const more = {
    ...(retried_from === null ? {} : { retried_from }),
    ...(deduplicated ? { deduplicated } : {}),
  };
  call.answer({ ok: true, task_id, taskId: task_id, recipe, session_id, status, ...more }, task_id);
  if (deduplicated) call.tell('It was there already, under this key; nothing was added.');
  call.tell(followUps(call, task_id));
}

function followUps(call: Call, id: string): string {
  const rows = [
    ['Status:', call.typed('status', id)],
    ['Wait:', call.typed('wait', id)],
    ['Result:', call.typed('result', id)],
    ['Cancel:', call.typed('cancel', id)],
  ];
  return rows.map(([what = '', command]) => `${what.padEnd(8)}${command}`).join('\n');
}
