/** Functions of a recipe's own file of tools. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { programFolder } from '../../contain.ts';
import { TOOLS_FILE } from '../agents-files.ts';
import type { ToolFacts } from '../model/types.ts';
import type { AgentsRun } from '../run-facts.ts';
import type { Tool } from './tool.ts';

/** What models are told of them is stored, so that a run that only repeats what is known starts no Python. */
export async function pythonTools(
  { context, python }: AgentsRun,
  root: string,
  names: readonly string[],
): Promise<Tool[]> {
  if (names.length === 0) return [];
  const described = await context.step(keyOf(root, names), () => python(root).describe(names));
  return (described as unknown as ToolFacts[]).map((facts) => ({
    ...facts,
    run: (args) => python(root).call(facts.name, args),
  }));
}

/** Of another file, or other functions, it is another step. */
function keyOf(root: string, names: readonly string[]): string {
  const path = programFolder(root, root).inside(TOOLS_FILE);
  const source = path === undefined ? '' : readFileSync(path);
  return `tools:${createHash('sha256').update(source).update(JSON.stringify(names)).digest('hex').slice(0, 16)}`;
}
