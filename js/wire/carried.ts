/** What telemetry, deliveries and schedules give a task. Its record carries it along; the core never looks into it. */
import { invalid } from '../errors/argument.ts';
import { checkKey, checkObject } from './check.ts';

/** A span, in the words of W3C Trace Context. */
export interface TaskTrace {
  /** `00-`, its trace (32 hex), `-`, itself (16 hex), `-` and its flags (2 hex). */
  traceparent: string;
  /** What tracing systems say of it, each for itself. */
  tracestate?: string;
}

/** As it is stored in a record. */
export interface Carried {
  /** The span that submitted it. */
  trace?: TaskTrace;
  /** Whom its outcome and its questions are delivered to: 20 addresses at most, of 1 to 200 characters each. */
  deliver?: readonly string[];
  /** The schedule that submitted it. */
  schedule_id?: string;
  /** For which moment that was, in milliseconds since the epoch. */
  scheduled_for?: number;
}

/** What was not given may be undefined. */
type Given = { [Key in keyof Carried]?: Carried[Key] | undefined };

const KEYS: Record<keyof Carried, true> = { trace: true, deliver: true, schedule_id: true, scheduled_for: true };
const MOST_ADDRESSES = 20;
/** The last moment that a `Date` has. */
const LAST = 8.64e15;
const PARENT = /^(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;
const STATE = /^[ -~]{1,512}$/;

/**
 * What of it is kept; undefined: nothing. A malformed trace is dropped: no task is refused for the telemetry of its
 * submitter. `InvalidArgumentError` names what else cannot be used.
 */
export function checkedCarried(given: Given): Carried | undefined {
  checkObject('carried', given, KEYS);
  const { deliver = [], schedule_id, scheduled_for } = given;
  const trace = keptTrace(given.trace);
  checkAddresses(deliver);
  if (schedule_id !== undefined) checkKey('schedule_id', schedule_id);
  if (scheduled_for !== undefined) checkMoment(scheduled_for);
  const kept: Carried = {
    ...(trace === undefined ? {} : { trace }),
    ...(deliver.length === 0 ? {} : { deliver }),
    ...(schedule_id === undefined ? {} : { schedule_id }),
    ...(scheduled_for === undefined ? {} : { scheduled_for: Math.round(scheduled_for) }),
  };
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** What of a span is kept: undefined when it is malformed. */
export function keptTrace(trace: unknown): TaskTrace | undefined {
  const { traceparent, tracestate } = (trace ?? {}) as Partial<TaskTrace>;
  if (typeof traceparent !== 'string' || !PARENT.test(traceparent)) return undefined;
  return typeof tracestate === 'string' && STATE.test(tracestate) ? { traceparent, tracestate } : { traceparent };
}

function checkAddresses(deliver: readonly string[]): void {
  if (!Array.isArray(deliver) || deliver.length > MOST_ADDRESSES) {
    const shown = Array.isArray(deliver) ? `${deliver.length} addresses` : deliver;
    throw invalid('deliver', shown, `a list of ${MOST_ADDRESSES} addresses at most`);
  }
  for (const address of deliver) checkKey('deliver', address);
}

function checkMoment(at: number): void {
  if (typeof at === 'number' && at >= 0 && at <= LAST) return;
  throw invalid('scheduled_for', at, 'milliseconds since 1970');
}
