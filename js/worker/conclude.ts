/** Which commands tell the truth about how an attempt ended. Pure: facts in, commands out. */
import type { Command } from '../core/index.ts';
import type { Attempt, Payloads } from '../store/types.ts';
import type { TaskErrorJson } from '../wire/task.ts';
import { describe, type Gone } from './children/child.ts';
import type { Mask } from './mask.ts';
import type { Outcome } from './protocol.ts';

/** Why an attempt was told to end; undefined: it was not. */
export type Stop = { because: 'cancelled'; message: string } | { because: 'timeout' } | { because: 'shutdown' };

/** How the work came to its end: as its process said, with the process, or because we killed it. */
export type Ending = Outcome | { kind: 'gone'; gone: Gone } | { kind: 'killed' };

export interface Conclusion {
  commands: Command[];
  payloads: Payloads;
}

/** An error of the attempt itself, not thrown by user code. */
export function attemptError(name: string, message: string, code = 'failed', retryable = true): TaskErrorJson {
  return { code, name, message, retryable };
}

export function timeoutError(ms: number): TaskErrorJson {
  return attemptError('TimeoutError', `timed out after ${ms / 1000}s`, 'timeout');
}

/**
 * The commands that end an attempt. `groupEnded`: no process of it runs any more; if one does, although it was killed,
 * the work counts as abandoned.
 */
export function conclude(
  of: Pick<Attempt, 'attempt' | 'epoch'>,
  ending: Ending,
  stop: Stop | undefined,
  groupEnded: boolean,
  mask: Mask,
): Conclusion {
  const { attempt, epoch } = of;
  const last: Command = groupEnded ? { command: 'stopped', attempt, epoch } : { command: 'abandon', attempt, epoch };
  if (ending.kind === 'value') {
    return { commands: [{ command: 'succeed', attempt, epoch }], payloads: { result: mask.json(ending.json) } };
  }
  if (ending.kind === 'error') return failed(of, mask.value(ending.error), groupEnded);
  if (stop?.because === 'shutdown') {
    const lose: Command = { command: 'lose', attempt, epoch, reason: 'shutdown', stopped: groupEnded };
    return { commands: [lose, last], payloads: {} };
  }
  if (stop !== undefined) return { commands: [last], payloads: {} };
  return failed(of, crashError(ending), groupEnded);
}

/** What still runs although it was killed keeps its hold until it is given up, so that the next attempt knows. */
function failed(
  { attempt, epoch }: Pick<Attempt, 'attempt' | 'epoch'>,
  error: TaskErrorJson,
  groupEnded: boolean,
): Conclusion {
  const { details, ...small } = error;
  return {
    commands: [
      { command: 'fail', attempt, epoch, error: small, settled: groupEnded },
      ...(groupEnded ? [] : [{ command: 'abandon', attempt, epoch } as const]),
    ],
    payloads: details === undefined ? {} : { error_details: JSON.stringify(details) },
  };
}

function crashError(ending: Exclude<Ending, { kind: 'value' | 'error' }>): TaskErrorJson {
  if (ending.kind !== 'gone') return attemptError('Error', 'the work ended without a result');
  return attemptError('ProcessExitError', `the recipe's process ended before its result (${describe(ending.gone)})`);
}
