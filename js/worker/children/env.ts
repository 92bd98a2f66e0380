/** What of our own every process of a task carries. */
import { GROUP_MARK } from '../../platform/process.ts';

/** An environment with the mark by which whoever finds the worker dead knows its processes. */
export const marked = (env: Readonly<Record<string, string>>, worker: string): Record<string, string> => ({
  ...env,
  [GROUP_MARK]: worker,
});
