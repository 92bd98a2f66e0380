/** Output that has to fit a schema: what is asked for, how it is read, and what is said of what does not fit. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { checkJson } from '../../wire/json-schema.ts';
import { problemText } from '../../wire/schema.ts';

/** The value, or what is wrong with it. */
export type Read = { value: unknown } | { problem: string };

/** What an output has to be. */
export interface OutputForm {
  /** A schema that servers are asked to keep to; undefined: none that they know. */
  asked: Record<string, unknown> | undefined;
  /** What the prompt says of it. */
  text: string;
  /** Judges what was JSON. */
  judge(value: unknown): Promise<Read>;
}

/** A list at the root is asked for inside an object, which is all that servers keep to. */
const ELEMENTS = 'elements';

const isList = (schema: unknown): boolean => (schema as { type?: unknown }).type === 'array';

/** By a JSON Schema. */
export function jsonForm(schema: unknown): OutputForm {
  const asked = isList(schema)
    ? { type: 'object', properties: { [ELEMENTS]: schema }, required: [ELEMENTS] }
    : (schema as Record<string, unknown>);
  return {
    asked,
    text: textFor(asked),
    async judge(found) {
      const value = isList(schema) ? unwrapped(found) : found;
      const problems = await checkJson(schema, value, 'output');
      if (problems.length === 0) return { value };
      return { problem: problems.map(({ path, message }) => `${path}: ${message}`).join('; ') };
    },
  };
}

/** By a schema of code, which may say itself as JSON Schema. */
export function standardForm(schema: StandardSchemaV1, asJson: unknown): OutputForm {
  const own = asJson === undefined ? undefined : jsonForm(asJson);
  return {
    asked: own?.asked,
    text: own?.text ?? 'Answer with JSON, and nothing else.',
    async judge(found) {
      const value = isList(asJson ?? {}) ? unwrapped(found) : found;
      const result = await schema['~standard'].validate(value);
      return result.issues === undefined ? { value: result.value } : { problem: problemText('output', result.issues) };
    },
  };
}

const textFor = (schema: unknown): string =>
  `Answer with JSON that fits this JSON Schema, and nothing else:\n${JSON.stringify(schema)}`;

/** The value, or what is wrong with the text. */
export async function readStructured({ judge }: OutputForm, text: string): Promise<Read> {
  const found = jsonIn(text);
  return found === undefined ? { problem: 'it is no JSON' } : judge(found.value);
}

/** The whole text, else the one block in it that is fenced. */
function jsonIn(text: string): { value: unknown } | undefined {
  const blocks = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  return parsed(text) ?? (blocks.length === 1 ? parsed(blocks[0] ?? '') : undefined);
}

function parsed(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

/** A model may have given the list alone. */
function unwrapped(value: unknown): unknown {
  const isWrapped =
    typeof value === 'object' && value !== null && !Array.isArray(value) && Object.hasOwn(value, ELEMENTS);
  return isWrapped ? (value as Record<string, unknown>)[ELEMENTS] : value;
}

/** What a model is told that has answered with something else. */
export const repairText = (problem: string): string =>
  `That does not fit: ${problem}. Answer once more, with the whole JSON and nothing else.`;
