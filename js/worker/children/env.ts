/** What of our own every process of a task carries. */
import { GROUP_MARK } from '../../platform/process.ts';

import type { TaskTrace } from '../../wire/carried.ts';

type Env = Readonly<Record<string, string>>;

/**
 * An environment with the mark by which whoever finds the worker dead knows its processes, and with the span that they
 * belong to, in the names that tracing libraries look for. The same object for the same one without a span.
 */
export function marked(env: Env, worker: string, trace?: TaskTrace): Env {
  if (trace !== undefined) return { ...env, ...variablesOf(trace), [GROUP_MARK]: worker };
  const known = made.get(env);
  if (known?.[GROUP_MARK] === worker) return known;
  const all = { ...env, [GROUP_MARK]: worker };
  made.set(env, all);
  return all;
}

const made = new WeakMap<Env, Env>();

function variablesOf(trace: TaskTrace): Env {
  const { traceparent, tracestate } = trace;
  return { TRACEPARENT: traceparent, ...(tracestate === undefined ? {} : { TRACESTATE: tracestate }) };
}
