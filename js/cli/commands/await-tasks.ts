/** Waiting for tasks, as `wait`, `submit --wait` and `recipe run` do. */
import type { TaskVerbs, WaitOptions } from '../../ports/verbs.ts';
import type { WaitedAll } from '../../wire/answers.ts';
import type { Call } from '../command.ts';
import { stoppable } from '../interrupt.ts';

/** The option of commands that wait. */
export const NO_INPUT = {
  'no-input': { type: 'boolean', help: 'never ask on the terminal what a task asks' },
} as const;

export interface AwaitOptions extends Pick<WaitOptions, 'any' | 'timeout'> {
  /** Nobody is asked on the terminal. */
  noInput: boolean;
  /** False: no line a task, since something else is written. Default true. */
  draws?: boolean;
}

/** Waits for all, or for the first of them. At Ctrl-C they run on: `InterruptedError` says how to wait again. */
export function awaitTasks(
  call: Call,
  verbs: TaskVerbs,
  ids: readonly string[],
  { intro, ...options }: AwaitOptions & { intro?: string },
): Promise<WaitedAll> {
  const again = call.typed('wait', ...ids, ...(options.any ? ['--any'] : []));
  return stoppable(call.io, { doing: 'waiting', ids, again }, (signal) => {
    const what = `Waiting for ${ids.length === 1 ? ids[0] : `${ids.length} tasks`}`;
    call.tell(`${intro ?? what}; Ctrl-C ends the wait only`);
    return waitLive(call, verbs, ids, { ...options, signal });
  });
}

/** Waits; on a terminal it shows a line a task, and asks what they ask. */
export async function waitLive(
  call: Call,
  verbs: TaskVerbs,
  ids: readonly string[],
  { noInput, draws = true, ...options }: AwaitOptions & { signal: AbortSignal },
): Promise<WaitedAll> {
  const isShown = !call.globals.json && !call.globals.quiet && call.io.stderr.isTTY;
  if (!isShown) return verbs.wait(ids, options);
  const { liveWait } = await import('../live/waiting.ts');
  const live = liveWait(call, verbs, { ask: !noInput, draws });
  try {
    return await verbs.wait(ids, { ...options, onLook: (tasks) => live.see(tasks) });
  } finally {
    await live.close();
  }
}
