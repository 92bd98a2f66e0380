/** What a worker does, a line each on stderr, or in the log of a detached one, for whoever collects logs: `OFFSTAGE_LOG`. */
import { writeSync } from 'node:fs';
import { invalid } from '../../errors/argument.ts';
import type { AttemptFacts, AttemptOutcome, Hooks } from '../../ports/hooks.ts';
import type { Environment } from '../../wire/globals.ts';
import type { RunWorkerOptions, WorkerEvent } from '../../worker/index.ts';

/** One line; what is not known, or is of no task, is absent. */
export interface LogLine {
  /** ISO-8601, UTC. */
  ts: string;
  level: 'info' | 'warn' | 'error';
  event: 'worker_ready' | 'worker_stopping' | 'worker_stopped' | 'attempt_started' | 'attempt_ended' | 'trouble';
  msg: string;
  task_id?: string;
  recipe?: string;
  attempt?: number;
  worker_id?: string;
  pid: number;
  /** The span that submitted the task. */
  trace_id?: string;
  span_id?: string;
  /** Why an attempt failed; values of `requires.env` masked. */
  error?: { code: string; message: string };
}

type Listened = Pick<RunWorkerOptions, 'id' | 'onEvent' | 'onTrouble' | 'hooks'>;

/** Its options with the log beside what listens already; unless it is asked for, they are the same. */
export function logged<T extends Listened>(env: Environment, options: T, write: (line: string) => void = toStderr): T {
  const log = logOf(env, write);
  if (log === undefined) return options;
  const { id } = options;
  return {
    ...options,
    onEvent: (event: WorkerEvent) => {
      tellEvent(event, log);
      options.onEvent?.(event);
    },
    onTrouble: (text: string) => {
      log(troubleOf(text, id));
      options.onTrouble?.(text);
    },
    hooks: [...(options.hooks ?? []), attempts(log)],
  };
}

/** Writes one line in the form that is asked for. */
export type Log = (line: Omit<LogLine, 'ts' | 'pid'>) => void;

/** Undefined: no log is asked for. `InvalidArgumentError` where what is asked for is none. */
export function logOf(env: Environment, write: (line: string) => void): Log | undefined {
  const format = formatOf(env.OFFSTAGE_LOG);
  return format && ((line) => write(format({ ts: new Date().toISOString(), ...line, pid: process.pid })));
}

/** What a worker could not do. */
export const troubleOf = (msg: string, worker: string | undefined): Parameters<Log>[0] => ({
  level: 'warn',
  event: 'trouble',
  msg,
  ...(worker === undefined ? {} : { worker_id: worker }),
});

function formatOf(asked: string | undefined): ((line: LogLine) => string) | undefined {
  if (asked === undefined || asked === '' || asked === 'off') return undefined;
  if (asked === 'json') return (line) => `${JSON.stringify(line)}\n`;
  if (asked === 'text') return textOf;
  throw invalid('OFFSTAGE_LOG', asked, 'text, json or off');
}

/** `2026-01-31T10:00:00.000Z error attempt_ended worker_01… task_9f… report attempt 1: failed (failed: no luck)`, in one line whatever it says. */
function textOf({ ts, level, event, msg, task_id, recipe, attempt, worker_id, error }: LogLine): string {
  const which = attempt === undefined ? undefined : `attempt ${attempt}`;
  const of = [worker_id, task_id, recipe, which].filter(Boolean).join(' ');
  const why = error === undefined ? '' : ` (${error.code}: ${error.message})`;
  const line = `${ts} ${level} ${event}${of === '' ? '' : ` ${of}`}: ${msg}${why}`;
  return `${line.replace(/\p{Cc}/gu, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

function tellEvent({ event, worker_id, reason }: WorkerEvent, log: Log): void {
  if (event === 'started' || event === 'finished') return; // of its attempts the hooks below know more
  const because = reason === undefined ? '' : `: ${reason}`;
  log({ level: 'info', event: `worker_${event}`, msg: `the worker is ${WORDS[event]}${because}`, worker_id });
}

const WORDS = { ready: 'ready', stopping: 'stopping', stopped: 'stopped' } as const;

const attempts = (log: Log): Hooks => ({
  name: 'OFFSTAGE_LOG',
  around: async (facts, run) => {
    const about = aboutOf(facts);
    log({ level: 'info', event: 'attempt_started', msg: 'the attempt begins', ...about });
    const outcome = await run();
    log({ ...endOf(outcome), event: 'attempt_ended', ...about });
    return outcome;
  },
});

function aboutOf({ taskId, recipeName, attempt, workerId, trace }: AttemptFacts) {
  const [, trace_id, span_id] = trace?.traceparent.split('-') ?? [];
  const span = trace_id === undefined || span_id === undefined ? {} : { trace_id, span_id };
  return { task_id: taskId, recipe: recipeName, attempt, worker_id: workerId, ...span };
}

/** As its worker saw it: what becomes of the task is told by the task. */
function endOf({ kind, error }: AttemptOutcome): Pick<LogLine, 'level' | 'msg' | 'error'> {
  const level = FAILURES.includes(kind) ? 'error' : 'info';
  const msg = kind.replaceAll('_', ' ');
  return error === undefined ? { level, msg } : { level, msg, error: { code: error.code, message: error.message } };
}

const FAILURES: readonly AttemptOutcome['kind'][] = ['failed', 'timed_out', 'lost'];

/** A log that nobody takes any more stops no worker. */
function toStderr(line: string): void {
  try {
    writeSync(2, line);
  } catch {
    // Its reader has gone, or is too slow.
  }
}
