/** What of our own every process of a task carries. */
import { GROUP_MARK } from '../../platform/process.ts';

import type { TaskTrace } from '../../wire/carried.ts';

/**
 * An environment with the mark by which whoever finds the worker dead knows its processes, and with the span that they
 * belong to, in the names that tracing libraries look for.
 */
export const marked = (
  env: Readonly<Record<string, string>>,
  worker: string,
  trace?: TaskTrace,
): Record<string, string> => ({ ...env, ...variablesOf(trace), [GROUP_MARK]: worker });

function variablesOf(trace: TaskTrace | undefined): Record<string, string> {
  if (trace === undefined) return {};
  const { traceparent, tracestate } = trace;
  return { TRACEPARENT: traceparent, ...(tracestate === undefined ? {} : { TRACESTATE: tracestate }) };
}
