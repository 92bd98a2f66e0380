import { type Tracer, trace } from '@opentelemetry/api';
import { InvalidArgumentError } from '../../errors/argument.ts';
import type { Hooks } from '../../ports/hooks.ts';
import { checkObject } from '../../wire/check.ts';
import { tellLost } from './lost.ts';
import { type Parent, processing } from './process.ts';
import { sending } from './send.ts';

/** How spans are made. */
export interface OtelOptions {
  /**
   * How the span of an attempt stands to that of the submit: `'link'` (default), a trace of its own with a link to it, as tasks
   * may wait for days and have several attempts; `'child'`, in the trace of the submit.
   */
  parent?: Parent | undefined;
}

const KEYS: Record<keyof OtelOptions, true> = { parent: true };

/**
 * Hooks that make spans: `send RECIPE` (PRODUCER) of each submit, `process RECIPE` (CONSUMER) of each attempt, and one of each
 * attempt that was lost. They are made by the tracer provider that is registered when they begin; without one nothing is
 * recorded.
 *
 * `InvalidArgumentError` for an option that cannot be used.
 */
export function otel(options: OtelOptions = {}): Hooks {
  checkObject('options', options, KEYS);
  const { parent = 'link' } = options;
  if (parent !== 'link' && parent !== 'child') {
    throw new InvalidArgumentError(`parent: got ${JSON.stringify(parent)}, expected 'link' or 'child'`);
  }
  const tracer = (): Tracer => trace.getTracer('offstage');
  return {
    name: 'otel',
    onSubmit: (request, submitting) => (submitting === undefined ? request : sending(tracer(), request, submitting)),
    around: (attempt, run) => processing(tracer(), parent, attempt, run),
    events: { kinds: ['lease_lost'], take: (events, look) => tellLost(tracer(), events, look) },
  };
}
