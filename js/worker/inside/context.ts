/** What a recipe's function is given: its task's facts, its signal, and the ways to tell something. */
import { invalid } from '../../errors/index.ts';
import type { RecipeContext } from '../../recipe/types.ts';
import { cut } from '../../wire/cut.ts';
import { LIMITS, serialize } from '../../wire/serialize.ts';
import type { FactMessage, RunMessage } from '../protocol.ts';

/** Milliseconds between two progress messages of one run; the last one is always sent. */
const PROGRESS_EVERY = 50;

/** Bytes of a progress message, which is part of the small record. */
const MESSAGE_LIMIT = 1024;

/** Bytes of an output chunk, so that its event with all around it stays within the limit of one. */
const CHUNK_LIMIT = LIMITS.event - 256;

export interface RunContext {
  context: RecipeContext;
  /** Sends what is held back, then lets nothing more through. */
  close(): void;
}

export function runContext(message: RunMessage, signal: AbortSignal, say: (fact: FactMessage) => void): RunContext {
  const { run, task } = message;
  let open = true;
  const tell = (fact: FactMessage): void => {
    if (open) say(fact);
  };
  const progress = throttled(tell, run);
  const context: RecipeContext = {
    taskId: task.taskId,
    name: task.name,
    sessionId: task.sessionId,
    taskSessionId: `bg:${task.taskId}`,
    attempt: task.attempt,
    input: JSON.parse(message.input),
    config: JSON.parse(message.config),
    signal,
    progress: progress.set,
    log: (line) => tell({ kind: 'log', run, line: cut(String(line)) }),
    output: (chunk) => tell({ kind: 'output', run, chunk: serialize(chunk, 'output', CHUNK_LIMIT) }),
  };
  const close = (): void => {
    progress.flush();
    open = false;
  };
  return { context, close };
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
