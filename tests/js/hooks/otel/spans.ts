/** A tracer provider whose spans stay in memory, registered for this process. */
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';

const exporter = new InMemorySpanExporter();

context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));

/** The spans that have ended, in that order. */
export const spans = (): ReadableSpan[] => exporter.getFinishedSpans();

/** Forgets them. */
export const reset = (): void => exporter.reset();

/** Its span as W3C Trace Context writes it. */
export function traceparentOf(span: ReadableSpan): string {
  const { traceId, spanId } = span.spanContext();
  return `00-${traceId}-${spanId}-01`;
}

/** The spans that it is linked to. */
export const linksOf = (span: ReadableSpan): string[] => span.links.map(({ context }) => context.spanId);

export const idOf = (span: ReadableSpan): string => span.spanContext().spanId;

/** Spans of that name, in the order of their beginnings. */
export const named = (name: string): ReadableSpan[] =>
  spans()
    .filter((span) => span.name === name)
    .sort(({ startTime: [a, b] }, { startTime: [c, d] }) => a - c || b - d);
