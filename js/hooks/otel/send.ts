/** The span of a submit: from the request until the task is stored. */
import { context, type Span, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { StoredSubmit, Submitting } from '../../ports/hooks.ts';
import type { SubmitRequest } from '../../ports/verbs.ts';
import { keptTrace } from '../../wire/carried.ts';
import { attributesOf, destinationOf, type Spanned } from './attributes.ts';
import { contextOf, traceOf } from './span-context.ts';

/** The request with the span that submits it; a child's belongs to the attempt that asks for it. */
export function sending(tracer: Tracer, request: SubmitRequest, submitting: Submitting): SubmitRequest {
  const asked: Spanned = { recipeName: nameIn(request), sessionId: request.sessionId };
  const given = keptTrace(request.trace);
  const parent = given === undefined ? context.active() : contextOf(given);
  const options = { kind: SpanKind.PRODUCER, attributes: attributesOf('send', asked) };
  const span = tracer.startSpan(`send ${destinationOf(asked)}`, options, parent);
  submitting.onStored((task, error) => end(span, task, error));
  const trace = traceOf(span);
  return trace === undefined ? request : { ...request, trace };
}

/** As far as it is known before the recipe was looked for. */
function nameIn({ recipe, prompt, agent }: SubmitRequest): string {
  if (prompt !== undefined) return agent ?? 'prompt';
  const name = typeof recipe === 'object' ? recipe.name : (recipe ?? '');
  return name.slice(name.lastIndexOf('/') + 1);
}

function end(span: Span, task: StoredSubmit | undefined, error: unknown): void {
  if (task === undefined && error !== undefined) {
    span.setAttribute('error.type', codeOf(error));
    span.setStatus({ code: SpanStatusCode.ERROR });
  } else if (task !== undefined) {
    span.updateName(`send ${destinationOf(task)}`);
    span.setAttributes(attributesOf('send', task));
    if (task.deduplicated) span.setAttribute('offstage.deduplicated', true);
  }
  span.end();
}

function codeOf(error: unknown): string {
  const { code, name } = (error ?? {}) as { code?: unknown; name?: unknown };
  return typeof code === 'string' ? code : typeof name === 'string' ? name : '_OTHER';
}
