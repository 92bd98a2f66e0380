/**
 * Turns whatever was thrown into the error that is stored. Never throws itself, although what was thrown may be null, a
 * string, a proxy or an object whose properties throw.
 */

import { BudgetExceededError } from '../errors/budget.ts';
import { cut } from './cut.ts';
import type { TaskErrorJson } from './task.ts';

/** Bytes of JSON for each part, so that all of an error stays below 64 KiB. */
const MESSAGE_LIMIT = 16 * 1024;
const STACK_LIMIT = 16 * 1024;
const CAUSE_LIMIT = 2 * 1024;
/** Characters of JSON. */
const FACTS_LIMIT = 4 * 1024;
/** So many errors behind the one that was thrown, in chains and gathered. */
const CAUSES = 6;

/**
 * The stored form: code `failed`, `budget_exceeded` of an error that this package made for that, or `unserializable` when the
 * result was the trouble. The `code` of whatever else was thrown is a detail of it, and decides nothing.
 */
export function thrownJson(thrown: unknown, code: TaskErrorJson['code'] = codeFor(thrown)): TaskErrorJson {
  return {
    code,
    name: nameOf(thrown),
    message: messageOf(thrown, MESSAGE_LIMIT),
    retryable: code === 'failed' && read(thrown, 'retryable') !== false,
    details: detailsOf(thrown),
  };
}

/** Whether a task failed with what its code threw: that is its cause. */
export const isThrown = (error: Pick<TaskErrorJson, 'code'> | null | undefined): boolean =>
  error?.code === 'failed' || error?.code === 'budget_exceeded';

const codeFor = (thrown: unknown): string => (BudgetExceededError.is(thrown) ? 'budget_exceeded' : 'failed');

/** Reads a property of anything; undefined when that is not possible. */
export function read(value: unknown, key: string): unknown {
  if (value === null || (typeof value !== 'object' && typeof value !== 'function')) return undefined;
  try {
    return (value as Record<string, unknown>)[key];
  } catch {
    return undefined;
  }
}

function text(value: unknown, limit: number): string | undefined {
  return typeof value === 'string' && value !== '' ? cut(value, limit) : undefined;
}

function nameOf(thrown: unknown): string {
  return text(read(thrown, 'name'), 200) ?? 'Error';
}

function messageOf(thrown: unknown, limit: number): string {
  const message = read(thrown, 'message');
  if (typeof message === 'string') return cut(message, limit);
  return cut(`${shown(thrown)} was thrown`, limit);
}

function shown(thrown: unknown): string {
  try {
    if (typeof thrown === 'object' && thrown !== null) return JSON.stringify(thrown) ?? 'an object';
    return typeof thrown === 'string' ? JSON.stringify(thrown) : String(thrown);
  } catch {
    return typeof thrown === 'function' ? 'a function' : 'an object that cannot be shown';
  }
}

function codeOf(thrown: unknown): string | number | undefined {
  const code = read(thrown, 'code');
  return typeof code === 'number' ? code : text(code, 200);
}

function detailsOf(thrown: unknown): Record<string, unknown> {
  const stack = text(read(thrown, 'stack'), STACK_LIMIT);
  const code = codeOf(thrown);
  return {
    ...factsOf(thrown),
    ...(stack === undefined ? {} : { stack }),
    ...(code === undefined ? {} : { code }),
    ...behind(thrown, { left: CAUSES }),
  };
}

/** What an error of ours says beyond its message, as plain data: its `facts`. */
function factsOf(thrown: unknown): Record<string, unknown> {
  const facts = BudgetExceededError.is(thrown) ? thrown.details : agentFacts(thrown);
  try {
    const json = JSON.stringify(facts) ?? '{}';
    return json.length <= FACTS_LIMIT ? { ...JSON.parse(json) } : {};
  } catch {
    return {}; // not ours after all
  }
}

const agentFacts = (thrown: unknown): unknown => (nameOf(thrown) === 'AgentError' ? read(thrown, 'facts') : undefined);

/** What is behind an error: its cause, and the errors that it gathers (`AggregateError`). */
function behind(thrown: unknown, room: { left: number }): Record<string, unknown> {
  const cause = causeOf(read(thrown, 'cause'), room);
  const gathered = read(thrown, 'errors');
  const errors = isArray(gathered) ? told(gathered, room) : [];
  return { ...(cause === undefined ? {} : { cause }), ...(errors.length === 0 ? {} : { errors }) };
}

function told(errors: readonly unknown[], room: { left: number }): Record<string, unknown>[] {
  const found: Record<string, unknown>[] = [];
  for (let index = 0; room.left > 0 && index < errors.length; index += 1) {
    const one = causeOf(read(errors, String(index)), room);
    if (one !== undefined) found.push(one);
  }
  return found;
}

/** A proxy that is no more is an array to nobody. */
function isArray(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    return false;
  }
}

function causeOf(cause: unknown, room: { left: number }): Record<string, unknown> | undefined {
  if (cause === undefined || cause === null || room.left === 0) return undefined;
  room.left -= 1;
  const stack = text(read(cause, 'stack'), CAUSE_LIMIT);
  const code = codeOf(cause);
  return {
    name: nameOf(cause),
    message: messageOf(cause, CAUSE_LIMIT),
    ...(code === undefined ? {} : { code }),
    ...(stack === undefined ? {} : { stack }),
    ...behind(cause, room),
  };
}
