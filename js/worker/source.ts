/** What a claimed task's record says about how to run it. */
import { createHash } from 'node:crypto';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { containedSource, type RecipeProgram, type RecipeSearch, type RecipeSource } from '../recipe/index.ts';
import type { Claimed } from '../store/types.ts';
import type { Environments, Lineage } from './environment/environments.ts';
import type { Start } from './environment/start.ts';
import { sourceHere } from './here.ts';
import type { Secret } from './mask/forms.ts';
import type { RunMessage } from './protocol.ts';

/** The record as far as a worker needs it; times are in milliseconds. */
interface WorkRecord {
  name: string;
  recipe: string;
  session_id?: string | null;
  timeout_ms?: number | null;
  kill_grace_ms?: number | null;
  /** How long the attempt ran before it last waited for a person. */
  ran_ms?: number;
  source?: RecipeSource | null;
}

/** A run that may begin. */
export interface Plan {
  /** Equal for runs that may share a process. */
  key: string;
  /** How that process is started. */
  start: Start;
  lineage: Lineage;
  message: Omit<RunMessage, 'run'>;
  /** Values that must not be stored. */
  secrets: Secret[];
  /** The value that a variable has for the task. */
  valueOf(variable: string): string | undefined;
  /** What the task's log should say. */
  notes: string[];
}

export const recordOf = (claimed: Pick<Claimed, 'record'>): WorkRecord => JSON.parse(claimed.record) as WorkRecord;

/** What the code is told about its task. */
export function taskOf({ id, attempt, ...claimed }: Claimed, record = recordOf(claimed)): RunMessage['task'] {
  return { taskId: id, name: record.name, sessionId: record.session_id ?? null, attempt };
}

/**
 * Makes the plan of an attempt. Looks again whether the entry may be run at all, as files may have changed since the
 * submit; throws what `sourceHere` and `containedSource` throw, and when a value is not here that the task is bound to.
 */
export async function planOf(claimed: Claimed, environments: Environments, search?: RecipeSearch): Promise<Plan> {
  const record = recordOf(claimed);
  if (!record.source) throw new Error(`the task has no recipe that a worker could run (recipe '${record.recipe}')`);
  const source = await sourceHere(record.recipe, record.source, search);
  const { digest, program } = await containedSource(source);
  const { needs = [], inherit_env: inherit = false } = source;
  const { variables, start, lineage, ...given } = environments.of(claimed, {
    needs,
    inherit,
    module: program.kind === 'module',
  });
  const changed =
    digest === source.digest ? [] : [`the recipe has changed since the submit: digest ${digest}, was ${source.digest}`];
  return {
    key: [await keyOf(program, digest, source.root), given.key].join('\n'),
    start,
    lineage,
    message: {
      kind: 'run',
      program,
      env: variables,
      task: taskOf(claimed, record),
      input: claimed.payloads.input ?? 'null',
      config: claimed.payloads.config ?? '{}',
    },
    secrets: secretsOf(source, variables),
    valueOf: (variable) => lineage.variables[variable],
    notes: [...changed, ...given.notes, ...(claimed.envNote === null ? [] : [claimed.envNote])],
  };
}

const secretsOf = ({ needs = [], open = [] }: RecipeSource, env: Record<string, string>): Secret[] =>
  needs
    .filter((name) => !open.includes(name))
    .flatMap((variable) => (env[variable] === undefined ? [] : [{ variable, value: env[variable] }]));

/** A process that runs commands loads nothing of the recipe, so changes there do not matter to it. */
async function keyOf(program: RecipeProgram, digest: string, root: string): Promise<string> {
  if (program.kind === 'command') return `command\n${root}`;
  return [program.entry, digest, await stampOf(root)].join('\n');
}

/** Files looked at for a stamp; in larger recipes only changes among the first are noticed. */
const MOST_FILES = 200;

/**
 * Changes whenever a file of the recipe does: the digest covers the entry only, and a process that has loaded a module
 * keeps it. Passes over `node_modules` and hidden files.
 */
async function stampOf(root: string): Promise<string> {
  const hash = createHash('sha256');
  const folders = [root];
  for (let seen = 0; seen < MOST_FILES; ) {
    const folder = folders.shift();
    if (folder === undefined) break;
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) folders.push(path);
      else if (entry.isFile() && seen++ < MOST_FILES) hash.update(await stampOfFile(path));
    }
  }
  return hash.digest('hex');
}

async function stampOfFile(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined); // it may go while we look
  return `${path}\n${found?.mtimeMs}\n${found?.size}\n`;
}
