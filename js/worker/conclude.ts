/** Which commands tell the truth about how an attempt ended. Pure: facts in, commands out. */
import type { PayloadRefs, Payloads } from '../store/types.ts';
import type { TaskErrorJson } from '../wire/task.ts';
import { describe, type Gone } from './children/child.ts';
import type { Told } from './journal.ts';
import type { Mask } from './mask/mask.ts';
import type { Outcome } from './protocol.ts';

/** Why an attempt was told to end; undefined: it was not. */
export type Stop = { because: 'cancelled'; message: string } | { because: 'timeout' } | { because: 'shutdown' };

/** How the work came to its end: as its process said, with the process, because we killed it, or before it began. */
export type Ending =
  | Outcome
  | { kind: 'gone'; gone: Gone }
  | { kind: 'killed' }
  | { kind: 'not_begun'; reason: string };

export interface Conclusion {
  commands: Told[];
  payloads: Payloads;
  refs?: PayloadRefs;
}

/** An error of the attempt itself, not thrown by user code. */
export function attemptError(name: string, message: string, code = 'failed', retryable = true): TaskErrorJson {
  return { code, name, message, retryable };
}

export function timeoutError(ms: number): TaskErrorJson {
  return attemptError('TimeoutError', `timed out after ${ms / 1000}s`, 'timeout');
}

/**
 * The commands that end an attempt. `ended`: nothing of its work goes on; if something does, although it was told to end
 * or killed, the work counts as abandoned.
 */
export function conclude(ending: Ending, stop: Stop | undefined, ended: boolean, mask: Mask): Conclusion {
  // Whatever it was told meanwhile: no attempt is used up by code that has not run.
  if (ending.kind === 'not_begun') {
    return { commands: [{ command: 'release', reason: mask.text(ending.reason) }], payloads: {} };
  }
  const last: Told = { command: ended ? 'stopped' : 'abandon' };
  if (stop?.because === 'shutdown') {
    // Whatever it said after that may be half of its work only.
    return { commands: [{ command: 'lose', reason: 'shutdown', stopped: ended }, last], payloads: {} };
  }
  if (ending.kind === 'value') {
    const { json, refs } = mask.json(ending.json);
    const beside = refs === null ? {} : { refs: { result: refs } };
    return { commands: [{ command: 'succeed' }], payloads: { result: json }, ...beside };
  }
  if (ending.kind === 'error') return failed(mask.value(ending.error), ended);
  if (stop !== undefined) return { commands: [last], payloads: {} };
  return failed(crashError(ending), ended);
}

/** What still runs although it was killed keeps its hold until it is given up, so that the next attempt knows. */
function failed(error: TaskErrorJson, ended: boolean): Conclusion {
  const { details, ...small } = error;
  return {
    commands: [{ command: 'fail', error: small, settled: ended }, ...(ended ? [] : [{ command: 'abandon' } as const])],
    payloads: details === undefined ? {} : { error_details: JSON.stringify(details) },
  };
}

function crashError(ending: Exclude<Ending, { kind: 'value' | 'error' | 'not_begun' }>): TaskErrorJson {
  if (ending.kind !== 'gone') return attemptError('Error', 'the work ended without a result');
  return attemptError('ProcessExitError', `the recipe's process ended before its result (${describe(ending.gone)})`);
}
