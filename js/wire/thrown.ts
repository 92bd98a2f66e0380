/**
 * Turns whatever was thrown into the error that is stored. Never throws itself, although what was thrown may be null, a
 * string, a proxy or an object whose properties throw.
 */

import { cut } from './cut.ts';
import type { TaskErrorJson } from './task.ts';

/** Bytes of JSON for each part, so that all of an error stays below 64 KiB. */
const MESSAGE_LIMIT = 16 * 1024;
const STACK_LIMIT = 16 * 1024;
const CAUSE_LIMIT = 4 * 1024;
const CAUSES = 3;

/** The stored form: code `failed`, or `unserializable` when the result was the trouble. */
export function thrownJson(thrown: unknown, code: 'failed' | 'unserializable' = 'failed'): TaskErrorJson {
  return {
    code,
    name: nameOf(thrown),
    message: messageOf(thrown, MESSAGE_LIMIT),
    retryable: code === 'failed' && read(thrown, 'retryable') !== false,
    details: detailsOf(thrown),
  };
}

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
  const cause = causeOf(thrown, CAUSES);
  return {
    ...(stack === undefined ? {} : { stack }),
    ...(code === undefined ? {} : { code }),
    ...(cause === undefined ? {} : { cause }),
  };
}

function causeOf(thrown: unknown, left: number): Record<string, unknown> | undefined {
  const cause = read(thrown, 'cause');
  if (cause === undefined || cause === null || left === 0) return undefined;
  const stack = text(read(cause, 'stack'), CAUSE_LIMIT);
  const inner = causeOf(cause, left - 1);
  return {
    name: nameOf(cause),
    message: messageOf(cause, CAUSE_LIMIT),
    ...(stack === undefined ? {} : { stack }),
    ...(inner === undefined ? {} : { cause: inner }),
  };
}
