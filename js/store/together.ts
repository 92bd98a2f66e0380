/**
 * The input of a task that tells of ends, where a codec has made something else of what it was given or of what is told: the
 * commit of an end knows no codec, so both stand side by side, each as it is stored, until somebody decodes them.
 *
 * `codec:NAME:+:BASE64` of JSON; `NAME` is that of the first part that needs a codec.
 */
import { isObject } from '../wire/check.ts';
import { cutForModel } from '../wire/cut-for-model.ts';
import { isSealed, partsOf, seal, TOGETHER, unreadable } from './envelope.ts';

/** An end as it is told; `result` is what is stored of one that has completed. */
export interface StoredEnd {
  task_id: string;
  name: string;
  status: string;
  result: string | null;
  error?: string;
}

export interface Together {
  /** What was given: JSON of an object, or what a codec has made of it. */
  given: string;
  ended: StoredEnd[];
}

/** Characters of what a codec has made of a result that are told; a longer one cannot be cut. */
const MOST_SEALED = 128 * 1024;
const TOO_LONG = 'its result is kept by a codec and is too long to be told: ask for it by task_id';

/** As it is stored: JSON where no codec is needed to read it. */
export function joinTogether({ given, ended }: Together): string {
  const told = ended.map(boundedEnd);
  const first = [given, ...told.map(({ result }) => result ?? '')].find(isSealed);
  if (first === undefined) return JSON.stringify(clearTogether({ given, ended: told }));
  const data = Buffer.from(JSON.stringify({ given, ended: told }));
  return seal({ codec: partsOf(first)[0], same: TOGETHER, data });
}

const boundedEnd = (end: StoredEnd): StoredEnd =>
  end.result !== null && isSealed(end.result) && end.result.length > MOST_SEALED
    ? { ...end, result: null, error: TOO_LONG }
    : end;

/** Undefined for what does not stand side by side. */
export function partTogether(text: string): Together | undefined {
  if (!isSealed(text)) return undefined;
  const [, same, data] = partsOf(text);
  return same === TOGETHER ? JSON.parse(Buffer.from(data, 'base64').toString()) : undefined;
}

/** What the task gets. Nothing of it needs a codec, but for results that cannot be read. */
export function clearTogether({ given, ended }: Together): Record<string, unknown> {
  const value: unknown = JSON.parse(given);
  return { ...(isObject(value) ? value : { input: value }), ended: ended.map(clearEnd) };
}

function clearEnd({ result, ...facts }: StoredEnd): Record<string, unknown> {
  if (result === null) return { ...facts, result };
  const why = unreadable(result);
  if (why !== undefined) return { ...facts, result: null, error: `its result: ${why.reason}` };
  return { ...facts, ...cutForModel(JSON.parse(result)) };
}
