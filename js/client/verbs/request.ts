import { InvalidArgumentError } from '../../errors/index.ts';
import type { Attendance } from '../../ports/verbs.ts';
import { checkObject } from '../../wire/check.ts';
import { TASK_KEYS } from '../../wire/submit-options.ts';
import type { Duration } from '../../wire/task-handle.ts';
import type { SubmitRequest } from '../verbs.ts';

/** Every option of a submit. */
export const REQUEST_KEYS: Record<keyof SubmitRequest, true> = {
  recipe: true,
  command: true,
  cwd: true,
  prompt: true,
  agent: true,
  model: true,
  allowTools: true,
  askTools: true,
  budget: true,
  maxTurns: true,
  ...TASK_KEYS,
  tags: true,
  parent: true,
  trace: true,
  onComplete: true,
  deliverTo: true,
  notifyOn: true,
  origin: true,
};

/** What a submit of code takes besides. */
export const SPEC_KEYS: Record<keyof SubmitRequest | keyof Attendance | 'timeoutSec', true> = {
  ...REQUEST_KEYS,
  timeoutSec: true,
  onProgress: true,
  signal: true,
};

/** Refuses what is no option of a submit whose recipe is given apart, and none of `own`. */
export function checkRun(options: object, own: object): void {
  const { recipe: _, command: __, cwd: ___, prompt: ____, agent: _____, ...keys } = SPEC_KEYS;
  checkObject('options', options, { ...keys, ...own });
}

/** Folds the two names of one option into one. */
export function requestOf(spec: SubmitRequest & { timeoutSec?: Duration | null | undefined }): SubmitRequest {
  if (!('timeoutSec' in spec)) return spec;
  const { timeoutSec, ...request } = spec;
  if (timeoutSec === undefined) return request;
  if (request.timeout !== undefined && request.timeout !== timeoutSec) {
    throw new InvalidArgumentError(
      `timeout and timeoutSec: got ${request.timeout} and ${timeoutSec}, expected one of them or the same value`,
    );
  }
  return { ...request, timeout: timeoutSec };
}
