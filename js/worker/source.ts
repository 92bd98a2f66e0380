/** What a claimed task's record says about how to run it. */
import type { Program } from '../ports/program.ts';
import { kindOf, readingOf } from '../program/kinds.ts';
import { type CodeFacts, containedSource, type RecipeSearch, type RecipeSource } from '../recipe/index.ts';
import { OneLook } from '../store/turn.ts';
import type { Claimed } from '../store/types.ts';
import type { Carried, TaskTrace } from '../wire/carried.ts';
import type { StoredUsage } from '../wire/usage.ts';
import type { Environments, Lineage } from './environment/environments.ts';
import type { Start } from './environment/start.ts';
import { isHere, sourceHere } from './here.ts';
import type { Secret } from './mask/forms.ts';
import type { RunMessage } from './protocol.ts';
import type { KnownCode } from './which-code.ts';

/** The record as far as a worker needs it; times are in milliseconds. */
interface WorkRecord extends KnownCode {
  name: string;
  recipe: string;
  session_id?: string | null;
  timeout_ms?: number | null;
  kill_grace_ms?: number | null;
  /** How long the attempt ran before it last waited for a person. */
  ran_ms?: number;
  usage?: StoredUsage | null;
  source?: RecipeSource | null;
  carried?: Carried | null;
}

/** A run that may begin. */
export interface Plan {
  /** Equal for runs that may share a process. */
  key: string;
  /** How that process is started. */
  start: Start;
  lineage: Lineage;
  message: Omit<RunMessage, 'run' | 'env'>;
  /** All variables of the run; the same object for runs that have the same, but where they are of one run alone. */
  env: Readonly<Record<string, string>>;
  /** The code that is there, and what the task knows of it. */
  code: CodeFacts;
  known: KnownCode;
  /** Values that must not be stored. */
  secrets: Secret[];
  /** The value that a variable has for the task. */
  valueOf(variable: string): string | undefined;
  /** What whoever runs the worker should know. */
  warning: string | undefined;
  /** What the task's log should say. */
  notes: string[];
}

/** Read once for all who want to know something of it. */
export function recordOf(claimed: Pick<Claimed, 'record'> & { [READ]?: WorkRecord }): WorkRecord {
  claimed[READ] ??= JSON.parse(claimed.record) as WorkRecord;
  return claimed[READ];
}

/** Beside the text: a map of what lives as short as a claim costs more than the claim. */
const READ = Symbol('read');

/** What the code is told about its task. */
export function taskOf(
  { id, attempt }: Claimed,
  record: WorkRecord,
  version = record.version ?? '',
): RunMessage['task'] {
  const { name, session_id: sessionId = null, usage, carried } = record;
  const task = { taskId: id, name, sessionId, attempt, version };
  if (usage == null && carried?.trace === undefined) return task;
  return { ...task, ...(usage == null ? {} : { used: usage }), ...spanOf(carried?.trace) };
}

/** Nothing for none. */
export const spanOf = (trace: TaskTrace | undefined): { trace?: TaskTrace } => (trace === undefined ? {} : { trace });

/**
 * Makes the plan of an attempt. Looks again whether the entry may be run at all, as files may have changed since the
 * submit; throws what `sourceHere` and `containedSource` throw, and when a value is not here that the task is bound to.
 */
export async function planOf(claimed: Claimed, environments: Environments, search?: RecipeSearch): Promise<Plan> {
  const record = recordOf(claimed);
  if (!record.source) throw new Error(`the task has no recipe that a worker could run (recipe '${record.recipe}')`);
  const { source, code, program, processKey } = await foundFor(record, record.source, environments, search);
  const { loadsCode } = kindOf(program.kind);
  const { needs = [], inherit_env: inherit = false } = source;
  const given = environments.of(claimed, { needs, inherit, module: loadsCode });
  const { variables, start } = given;
  return {
    key: [processKey, given.key].join('\n'),
    start,
    get lineage() {
      return given.lineage;
    },
    code,
    known: record,
    message: {
      kind: 'run',
      program,
      ...(loadsCode && isOther(record, code) ? { asks: true } : {}),
      task: taskOf(claimed, record),
      input: claimed.payloads.input ?? 'null',
      config: claimed.payloads.config ?? '{}',
    },
    env: source.ad_hoc ? { ...variables, PWD: source.root } : variables,
    secrets: secretsOf(source, variables),
    valueOf: (variable) => given.lineage.variables[variable],
    warning: isHere(record.source) ? undefined : unlikeOf(record, code),
    notes: [...changeOf(record, code), ...given.notes, ...(claimed.envNote === null ? [] : [claimed.envNote])],
  };
}

/** What a look at the recipe of a task has found. */
interface Found {
  source: RecipeSource;
  code: CodeFacts;
  program: Program;
  processKey: string;
}

/**
 * What starts in one turn shares one look at its recipe, taken after all of it was asked for. Of each worker, which has a search
 * of its own.
 */
const looks = new WeakMap<Environments, OneLook<string, Found>>();

function foundFor(
  { recipe, digest }: Pick<WorkRecord, 'recipe' | 'digest'>,
  source: RecipeSource,
  of: Environments,
  search: RecipeSearch | undefined,
): Promise<Found> {
  const shared = looks.get(of) ?? new OneLook<string, Found>();
  looks.set(of, shared);
  return shared.ask(JSON.stringify([recipe, digest, source]), () => findNow(recipe, source, digest, search));
}

async function findNow(
  recipe: string,
  stored: RecipeSource,
  digest: string | null | undefined,
  search: RecipeSearch | undefined,
): Promise<Found> {
  const source = await sourceHere(recipe, stored, search);
  const { code, program } = await containedSource(source, digest ?? undefined);
  const processKey = (await readingOf(program.kind)).processKey(program, code, source.root);
  return { source, code, program, processKey };
}

/** One version of two machines, and two contents: nobody can tell by the version what runs. */
function unlikeOf({ recipe, version, digest }: WorkRecord, code: CodeFacts): string | undefined {
  if (digest == null || code.version !== version || code.digest === digest) return undefined;
  return `recipe '${recipe}' is version ${version} here and elsewhere, with other files (digest ${code.digest}, was ${digest}): deploy the same files, or give them another version`;
}

const isOther = ({ version }: KnownCode, code: CodeFacts): boolean =>
  version != null && code.version !== undefined && code.version !== version;

/** What the log says of other code. */
function changeOf({ version, digest }: KnownCode, code: CodeFacts): string[] {
  if (digest == null || code.digest === digest) return [];
  const now = code.version === version ? `version ${version}` : `version ${code.version}, was ${version}`;
  return [`the recipe has changed since this task last saw it: ${now}, digest ${code.digest}, was ${digest}`];
}

/** The same list for the same environment: what is made of it is made once. */
function secretsOf({ needs = [], open = [] }: RecipeSource, env: Record<string, string>): Secret[] {
  const names = needs.filter((name) => !open.includes(name));
  const known = secrets.get(env) ?? new Map<string, Secret[]>();
  secrets.set(env, known);
  const found =
    known.get(names.join()) ??
    names.flatMap((variable) => (env[variable] === undefined ? [] : [{ variable, value: env[variable] }]));
  known.set(names.join(), found);
  return found;
}

const secrets = new WeakMap<Record<string, string>, Map<string, Secret[]>>();
