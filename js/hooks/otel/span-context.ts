/** A span in the words of W3C Trace Context, and as the OpenTelemetry API has it. */
import {
  type Context,
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  trace,
} from '@opentelemetry/api';
import type { TaskTrace } from '../../wire/carried.ts';

/** Undefined: nobody records spans here, so there is none to tell of. */
export function traceOf(span: Span): TaskTrace | undefined {
  const context = span.spanContext();
  if (!isSpanContextValid(context)) return undefined;
  const { traceId, spanId, traceFlags, traceState } = context;
  const flags = traceFlags.toString(16).padStart(2, '0');
  const tracestate = traceState?.serialize();
  return { traceparent: `00-${traceId}-${spanId}-${flags}`, ...(tracestate ? { tracestate } : {}) };
}

/** Of what a record holds, which was checked. */
export function spanContextOf({ traceparent, tracestate }: TaskTrace): SpanContext {
  const [, traceId = '', spanId = '', flags = '00'] = traceparent.split('-');
  return {
    traceId,
    spanId,
    traceFlags: Number.parseInt(flags, 16),
    isRemote: true,
    ...(tracestate === undefined ? {} : { traceState: createTraceState(tracestate) }),
  };
}

/** A context in which that span is the active one. */
export const contextOf = (of: TaskTrace): Context => trace.setSpanContext(ROOT_CONTEXT, spanContextOf(of));
