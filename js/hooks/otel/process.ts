/** The span of an attempt: from its start until it is stored what became of it. */
import {
  type Attributes,
  context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { AttemptEvent, AttemptFacts, AttemptGiven, AttemptOutcome } from '../../ports/hooks.ts';
import { isTerminal, type TaskStatus } from '../../wire/task.ts';
import { attributesOf, destinationOf } from './attributes.ts';
import { contextOf, spanContextOf, traceOf } from './span-context.ts';

/** How the span of an attempt stands to that of the submit. */
export type Parent = 'link' | 'child';

type RunAttempt = (given: AttemptGiven) => Promise<AttemptOutcome>;

/** Runs the attempt in a span of its own. */
export async function processing(
  tracer: Tracer,
  parent: Parent,
  facts: AttemptFacts,
  run: RunAttempt,
): Promise<AttemptOutcome> {
  const span = begin(tracer, parent, facts);
  const told = new Told(span);
  let decide: (status: TaskStatus | undefined) => void = () => {};
  const decided = new Promise<TaskStatus | undefined>((resolve) => {
    decide = resolve;
  });
  try {
    const outcome = await run({
      trace: traceOf(span),
      within: (code) => context.with(trace.setSpan(context.active(), span), code),
      onEvent: (event) => told.event(event),
      onDecided: decide,
    });
    told.end(outcome, await decided);
    return outcome;
  } finally {
    span.end();
  }
}

function begin(tracer: Tracer, parent: Parent, facts: AttemptFacts): Span {
  const attributes: Attributes = {
    ...attributesOf('process', facts),
    'offstage.attempt': facts.attempt,
    'offstage.worker.id': facts.workerId,
    'offstage.queue_ms': facts.queueMs,
  };
  const options = { kind: SpanKind.CONSUMER, attributes };
  const name = `process ${destinationOf(facts)}`;
  const { trace: submit } = facts;
  if (submit === undefined) return tracer.startSpan(name, { ...options, root: true }, ROOT_CONTEXT);
  if (parent === 'child') return tracer.startSpan(name, options, contextOf(submit));
  return tracer.startSpan(name, { ...options, root: true, links: [{ context: spanContextOf(submit) }] }, ROOT_CONTEXT);
}

/** What of an event a span says beside its kind. */
const SAYS: Readonly<Record<string, readonly string[]>> = {
  step: ['key'],
  input_requested: ['key'],
  input_answered: ['key', 'action'],
  retry_scheduled: ['run_at'],
};

/** Writes down in the span what happens. */
class Told {
  readonly #span: Span;
  /** Of the error that it failed with. */
  #code: string | undefined;
  #isRetried = false;

  constructor(span: Span) {
    this.#span = span;
  }

  event({ kind, data }: AttemptEvent): void {
    if (kind === 'failed' || kind === 'retry_scheduled') this.#code = (data.error as { code: string }).code;
    if (kind === 'retry_scheduled') this.#isRetried = true;
    const said = SAYS[kind];
    if (said === undefined) return;
    const some = said.filter((key) => typeof data[key] === 'string');
    this.#span.addEvent(kind, Object.fromEntries(some.map((key) => [`offstage.${key}`, data[key] as string])));
  }

  /** What is stored counts; where that says nothing of the attempt, how its code ended. */
  end({ kind, error }: AttemptOutcome, status: TaskStatus | undefined): void {
    const isOver = status !== undefined && isTerminal(status);
    const outcome = isOver ? status : this.#isRetried ? 'retry_scheduled' : kind;
    this.#span.setAttribute('offstage.outcome', outcome);
    const code = this.#code ?? (isOver ? undefined : (error?.code ?? CODES[kind]));
    if (outcome === 'completed' || outcome === 'cancelled' || code === undefined) return;
    this.#span.setAttribute('error.type', code);
    this.#span.setStatus({ code: SpanStatusCode.ERROR });
  }
}

/** The codes that go with ends of which nothing was stored by this worker. */
const CODES: Partial<Record<AttemptOutcome['kind'], string>> = { failed: 'failed', timed_out: 'timeout', lost: 'lost' };
