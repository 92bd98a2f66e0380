/** A tool that agents may use. */
import type { ToolFacts } from '../model/types.ts';

export interface Tool extends ToolFacts {
  /** Answers with what the model is told. What it throws is told, too: a model may do better then. */
  run(args: Record<string, unknown>, signal: AbortSignal): Promise<string>;
}

/** Where tools work. */
export interface ToolPlace {
  /** Read and written in. */
  folder: string;
  /** Read only: the recipe's own. */
  recipe: string | undefined;
}

/** A schema of an object whose properties are all texts. */
export function textsSchema(properties: Record<string, string>, required: readonly string[]): Record<string, unknown> {
  const described = Object.entries(properties).map(([name, description]) => [name, { type: 'string', description }]);
  return { type: 'object', properties: Object.fromEntries(described), required, additionalProperties: false };
}
