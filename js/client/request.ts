import { InvalidArgumentError } from '../errors/index.ts';
import type { Duration, SubmitRequest } from './verbs.ts';

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
