/** Output that has to fit a schema: what is asked for, how it is read, and what is said of what does not fit. */
import { checkJson } from '../../wire/json-schema.ts';

/** A list at the root is asked for inside an object, which is all that servers keep to. */
const ELEMENTS = 'elements';

const isList = (schema: unknown): boolean => (schema as { type?: unknown }).type === 'array';

/** The schema that a server is asked to keep to. */
export function askedSchema(schema: unknown): Record<string, unknown> {
  if (!isList(schema)) return schema as Record<string, unknown>;
  return { type: 'object', properties: { [ELEMENTS]: schema }, required: [ELEMENTS] };
}

/** What the prompt says of it. */
export const schemaText = (schema: unknown): string =>
  `Answer with JSON that fits this JSON Schema, and nothing else:\n${JSON.stringify(askedSchema(schema))}`;

/** The value, or what is wrong with the text. */
export async function readStructured(schema: unknown, text: string): Promise<{ value: unknown } | { problem: string }> {
  const found = jsonIn(text);
  if (found === undefined) return { problem: 'it is no JSON' };
  const value = isList(schema) ? unwrapped(found.value) : found.value;
  const problems = await checkJson(schema, value, 'output');
  if (problems.length === 0) return { value };
  return { problem: problems.map(({ path, message }) => `${path}: ${message}`).join('; ') };
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
