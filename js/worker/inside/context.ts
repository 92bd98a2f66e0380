/** What a recipe's function is given: its task's facts, its signal, and the ways to tell something. */
import { invalid } from '../../errors/index.ts';
import type { ChildTaskOptions, ChildTaskSpec, RecipeContext, SubmitChildTask } from '../../recipe/context.ts';
import type { Recipe } from '../../recipe/define.ts';
import { checkKey } from '../../wire/check.ts';
import { cut } from '../../wire/cut.ts';
import { LIMITS, serialize } from '../../wire/serialize.ts';
import type { FactMessage, RunMessage } from '../protocol.ts';
import type { Call } from './calls.ts';
import type { Questions } from './questions.ts';
import { Steps } from './steps.ts';

/** Milliseconds between two progress messages of one run; the last one is always sent. */
const PROGRESS_EVERY = 50;

/** Bytes of a progress message, which is part of the small record. */
const MESSAGE_LIMIT = 1024;

/** Bytes of an output chunk, so that its event with all around it stays within the limit of one. */
const CHUNK_LIMIT = LIMITS.event - 256;

/** What a run is about; input and config are JSON text. */
export type RunFacts = Pick<RunMessage, 'run' | 'task' | 'config'> & {
  /** Undefined: nothing was given. */
  input: string | undefined;
};

/** How a run reaches its worker. */
export interface RunPort {
  signal: AbortSignal;
  say(fact: FactMessage): void;
  call: Call;
}

export interface RunContext {
  context: RecipeContext;
  /** Sends what is held back, then lets no more facts through. */
  close(): void;
}

export function runContext(facts: RunFacts, { signal, say, call }: RunPort): RunContext {
  const { run, task } = facts;
  let open = true;
  const tell = (fact: FactMessage): void => {
    if (open) say(fact);
  };
  const progress = throttled(tell, run);
  const steps = new Steps(call, signal);
  let questions: Promise<Questions> | undefined;
  const context: RecipeContext = {
    taskId: task.taskId,
    name: task.name,
    sessionId: task.sessionId,
    taskSessionId: `bg:${task.taskId}`,
    attempt: task.attempt,
    input: facts.input === undefined ? undefined : JSON.parse(facts.input),
    config: JSON.parse(facts.config),
    signal,
    progress: progress.set,
    log: (line) => tell({ kind: 'log', run, line: cut(String(line)) }),
    output: (chunk) => tell({ kind: 'output', run, chunk: serialize(chunk, 'output', CHUNK_LIMIT) }),
    step: (key, fn) => steps.step(key, fn),
    idempotencyKey: (key) => `${task.taskId}:${checkKey('key', key)}`,
    // What most runs do not use is loaded when it is used: a process must start fast.
    requestInput: async (question) => {
      questions ??= import('./questions.ts').then(({ Questions }) => new Questions(call));
      return (await questions).ask(question);
    },
    submit: submitting(call, signal),
  };
  const close = (): void => {
    progress.flush();
    open = false;
  };
  return { context, close };
}

/** Loads what runs that ask or submit need later. */
export async function loadContext(): Promise<void> {
  const [{ loadSpans }] = await Promise.all([import('./questions.ts'), import('./submit.ts')]);
  await loadSpans();
}

function submitting(call: Call, signal: AbortSignal): SubmitChildTask {
  const submit = async (work: string | Recipe | ChildTaskSpec, options?: ChildTaskOptions) => {
    const { submitChild } = await import('./submit.ts');
    return submitChild(call, signal, work, options);
  };
  return submit as unknown as SubmitChildTask; // what a child results in is known to the compiler only
}

/** Sends the first progress at once, then at most one every 50 ms, also in code that never lets timers run. */
function throttled(tell: (fact: FactMessage) => void, run: number) {
  let last: FactMessage | undefined;
  let sentAt = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    if (last === undefined) return;
    tell(last);
    last = undefined;
    sentAt = performance.now();
  };
  const set = (fraction: number, message?: string): void => {
    const text = message === undefined ? null : cut(String(message), MESSAGE_LIMIT);
    last = { kind: 'progress', run, fraction: clamp(fraction), message: text };
    if (performance.now() - sentAt >= PROGRESS_EVERY) flush();
    else timer ??= setTimeout(flush, PROGRESS_EVERY).unref();
  };
  return { set, flush };
}

function clamp(fraction: unknown): number {
  if (typeof fraction !== 'number' || Number.isNaN(fraction))
    throw invalid('progress', fraction, 'a number from 0 to 1');
  return Math.min(1, Math.max(0, fraction));
}
