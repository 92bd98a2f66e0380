/** Tools that are given in code, as the AI SDK's and others look. */
import type { StandardSchemaV1 } from '@standard-schema/spec';
import { invalid } from '../../../errors/argument.ts';
import { isObject } from '../../../wire/check.ts';
import type { AbortSignal } from '../../../wire/globals.ts';
import { problemText } from '../../../wire/schema.ts';
import type { Tool } from './tool.ts';

/** A tool of an agent in code. */
export interface ToolLike {
  /** What a model is told of it. Default: nothing. */
  description?: string | undefined;
  /** Its arguments, an object: JSON Schema, or a Standard Schema that gives one. Default: none. */
  inputSchema?: unknown;
  /** The same. */
  parameters?: unknown;
  /** Answers with a text, or with what JSON can carry. What it throws is told to the model. */
  execute(args: never, options: { abortSignal: AbortSignal; signal: AbortSignal }): unknown;
  /** A person is asked before each use. Default false. */
  needsApproval?: boolean | undefined;
}

/** `InvalidArgumentError` for what is none. */
export function codeTool(name: string, given: unknown): Tool {
  if (!/^[A-Za-z_][\w-]{0,63}$/.test(name)) throw invalid('tools', name, 'names of letters, digits, _ and -');
  if (!isObject(given) || typeof given.execute !== 'function') {
    throw invalid(`tools.${name}`, given, 'an object with a method execute');
  }
  const { description = '', inputSchema = given.parameters } = given;
  const schema = inputSchema ?? EMPTY;
  const parameters = jsonSchemaOf(schema);
  if (parameters === undefined) {
    throw invalid(`tools.${name}.inputSchema`, schema, 'JSON Schema, or a Standard Schema that gives one');
  }
  return {
    name,
    description: String(description),
    parameters,
    run: (args, signal) => execute(given, schema, args, signal),
  };
}

const EMPTY = { type: 'object', properties: {}, additionalProperties: false };

async function execute(tool: object, schema: unknown, args: object, signal: AbortSignal): Promise<string> {
  const found = isStandard(schema) ? await schema['~standard'].validate(args) : { value: args };
  if (found.issues !== undefined) throw new Error(problemText('arguments', found.issues));
  const { execute: run } = tool as { execute(args: unknown, options: object): unknown };
  const result = await run.call(tool, found.value, { abortSignal: signal, signal });
  return typeof result === 'string' ? result : (JSON.stringify(result) ?? 'done');
}

export const isStandard = (schema: unknown): schema is StandardSchemaV1 =>
  ((typeof schema === 'object' && schema !== null) || typeof schema === 'function') && '~standard' in schema;

/** What a schema says as JSON Schema: itself, inside (AI SDK), by Standard JSON Schema, or by a method (zod). */
export function jsonSchemaOf(schema: unknown): Record<string, unknown> | undefined {
  const made = isStandard(schema) ? madeOf(schema) : isObject(schema) ? (schema.jsonSchema ?? schema) : undefined;
  return isObject(made) ? made : undefined;
}

function madeOf(schema: StandardSchemaV1): unknown {
  const { jsonSchema } = schema['~standard'] as { jsonSchema?: { input?(how: object): unknown } };
  if (typeof jsonSchema?.input === 'function') return jsonSchema.input({ target: 'draft-2020-12' });
  const { toJSONSchema, toJsonSchema = toJSONSchema } = schema as {
    toJSONSchema?(): unknown;
    toJsonSchema?(): unknown;
  };
  return typeof toJsonSchema === 'function' ? toJsonSchema.call(schema) : undefined;
}
