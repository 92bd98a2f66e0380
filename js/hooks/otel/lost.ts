/** The spans of attempts whose worker is gone: theirs never ended, so whoever hears of the loss tells of it, once. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { HookLook } from '../../ports/hooks.ts';
import type { TaskTrace } from '../../wire/carried.ts';
import type { FeedEvent } from '../../wire/feed.ts';
import { attributesOf, destinationOf } from './attributes.ts';
import { spanContextOf } from './span-context.ts';

type Loss = Extract<FeedEvent, { kind: 'lease_lost' }>;

export async function tellLost(tracer: Tracer, events: readonly FeedEvent[], look: HookLook): Promise<void> {
  for (const event of events) if (event.kind === 'lease_lost' && isUntold(event)) await tell(tracer, event, look);
}

/** A worker that stops in order ends the spans of its attempts itself; what waits for a person has lost nothing. */
const isUntold = ({ data: { reason, parked } }: Loss): boolean => reason !== 'shutdown' && !parked;

async function tell(tracer: Tracer, { at, taskId, recipe, data }: Loss, look: HookLook): Promise<void> {
  const trace = await traceOfAttempt(taskId, data.attempt, look);
  if (trace === undefined) return; // it had no span
  const task = { taskId, recipeName: recipe };
  const attributes = {
    ...attributesOf('process', task),
    'offstage.attempt': data.attempt,
    'offstage.worker.id': data.worker,
    'offstage.outcome': 'lost',
    'error.type': 'lost',
  };
  const links = [{ context: spanContextOf(trace) }];
  const options = { kind: SpanKind.CONSUMER, root: true, startTime: at, attributes, links };
  const span = tracer.startSpan(`process ${destinationOf(task)}`, options, ROOT_CONTEXT);
  span.setStatus({ code: SpanStatusCode.ERROR });
  span.end(at);
}

/** An attempt that has gone on after an answer has several starts; its span is that of the first. */
async function traceOfAttempt(taskId: string, attempt: number, look: HookLook): Promise<TaskTrace | undefined> {
  const starts = await look(taskId, ['started']);
  const traces = starts.flatMap((event) =>
    event.kind === 'started' && event.data.attempt === attempt ? (event.data.trace ?? []) : [],
  );
  return traces.at(-1);
}
