/** How far an execution says that it is. */
import { invalid } from '../errors/argument.ts';
import { cut } from './cut.ts';
import { serialize } from './serialize.ts';

/** Bytes of a message, which is part of the small record. */
const MESSAGE_LIMIT = 1024;
/** Bytes of JSON: who looks at a task reads it. */
const DATA_LIMIT = 16 * 1024;

/** What was told; what was not stays as it is, but for the message of another fraction. */
export interface ToldProgress {
  /** From 0 to 1; null: as before. */
  fraction: number | null;
  /** Null: none, or as before where the fraction is. */
  message: string | null;
  /** JSON text; absent: as before. */
  data?: string;
}

/**
 * Checks it. `InvalidArgumentError` for what is no number, and where nothing is told; `SerializationError` for data that
 * JSON cannot carry, or over 16 KiB of it.
 */
export function toldProgress(fraction: unknown, message: unknown, data: unknown): ToldProgress {
  const isTold = message === undefined && data === undefined ? true : fraction !== undefined;
  return {
    fraction: isTold ? clamped(fraction) : null,
    message: message === undefined ? null : cut(String(message), MESSAGE_LIMIT),
    ...(data === undefined ? {} : { data: serialize(data, 'progress data', DATA_LIMIT) }),
  };
}

function clamped(fraction: unknown): number {
  if (typeof fraction !== 'number' || Number.isNaN(fraction))
    throw invalid('progress', fraction, 'a number from 0 to 1');
  return Math.min(1, Math.max(0, fraction));
}

/** The later of two, with what only the earlier one told. */
export function laterProgress(earlier: ToldProgress, later: ToldProgress): ToldProgress {
  const { data = earlier.data } = later;
  const { fraction, message } = later.fraction === null ? merged(earlier, later) : later;
  return { fraction, message, ...(data === undefined ? {} : { data }) };
}

const merged = (earlier: ToldProgress, later: ToldProgress) => ({
  fraction: earlier.fraction,
  message: later.message ?? earlier.message,
});
