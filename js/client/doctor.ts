/** Looks at everything that decides what works here. Nothing is made, started or brought forward. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { isTaskError } from '../errors/base.ts';
import { whyNoGroups } from '../platform/groups.ts';
import { whyNoScripts } from '../platform/program.ts';
import { otherRuntime } from '../platform/system.ts';
import { listRecipes } from '../recipe/index.ts';
import { driverInUse } from '../store/sqlite/driver.ts';
import { lookAt, type StoreLook } from '../store/sqlite/look.ts';
import { logFile } from '../worker/log.ts';
import { neededNode, packageVersion } from '../worker/version.ts';
import { type Because, becauseOf } from './because.ts';
import { type Cell, columnHere, PROMISES } from './promises.ts';
import { type Findings, type Trouble, troublesOf } from './troubles.ts';
import { type ClientOptions, VerbContext } from './verb-context.ts';

/** Something that would be refused here, and why. */
export interface Refusal {
  what: string;
  code: string;
  error: string;
  details?: unknown;
}

/** What is promised here, and the test that proves it. */
export type Promised = Cell & { id: string; promise: string };

/** All that `offstage doctor` says, as JSON. */
export interface Examination {
  /** Of the package. */
  version: string;
  node: {
    version: string;
    needs: string;
    supported: boolean;
    runtime: 'node' | 'bun' | 'deno';
    runtime_version: string;
  };
  /** Null when there is no driver. */
  sqlite: { driver: string; version: string } | null;
  /** Null when none could be found; then `refused` says why. */
  store: ({ path: string; because: Because } & Omit<StoreLook, 'workers' | 'stranded' | 'held'>) | null;
  workers: StoreLook['workers'];
  refused: Refusal[];
  /** What keeps work from going on or waits for somebody, and what helps; the gravest first. */
  troubles: Trouble[];
  platform: { os: string; arch: string; column: string; promises: Promised[] };
}

/** Examines the store that these options lead to, and this platform. Never rejects for what it finds. */
export async function examine(options: ClientOptions = {}): Promise<Examination> {
  const refused: Refusal[] = [];
  const refuse = (what: string, error: unknown): void => void refused.push(refusal(what, error));
  const node = nodeHere();
  if (!node.supported) refuse('node', new Error(`Node ${node.version} is too old: ${node.needs} is needed`));
  const sqlite = attempt(driverInUse, (error) => refuse('sqlite', error)) ?? null;
  const context = await VerbContext.open({ ...options, worker: 'none' }).catch((error) => refuse('store', error));
  const looked = context && sqlite ? await lookAt(context.path, refuse) : undefined;
  if (context?.config.background?.enabled === false) {
    refuse('submit', { code: 'policy_denied', message: 'switched off by the configuration (background.enabled)' });
  }
  const why = whyNoGroups() ?? whyNoScripts();
  if (why !== undefined) refuse('recipes that are folders', { code: 'policy_denied', message: why });
  const { workers = [], stranded = [], held = 0, ...store } = looked ?? {};
  const found =
    looked && context ? { path: context.path, because: becauseOf(context, options), ...(store as Seen) } : null;
  const findings = {
    store: found && { ...found, stranded, held, worker_log: logOf(found.path) },
    recipes: context ? await recipesFrom(context) : null,
  };
  return {
    version: packageVersion(),
    node,
    sqlite,
    store: found,
    workers,
    refused,
    troubles: troublesOf({ ...findings, workers, refused }),
    platform: platformHere(),
  };
}

type Seen = Omit<StoreLook, 'workers' | 'stranded' | 'held'>;

/** The log of the detached workers, where one was started. */
function logOf(store: string): string | null {
  const log = logFile(dirname(store));
  return existsSync(log) ? log : null;
}

/** Null where they cannot be looked for. */
async function recipesFrom(context: VerbContext): Promise<Findings['recipes']> {
  const list = await listRecipes(context.search()).catch(() => undefined);
  if (list === undefined) return null;
  return {
    names: list.recipes.map(({ name }) => name),
    broken: list.problems.map(({ path, error }) => ({ path, error: error.message })),
  };
}

function attempt<T>(look: () => T, onError: (error: unknown) => void): T | undefined {
  try {
    return look();
  } catch (error) {
    onError(error);
    return undefined;
  }
}

function refusal(what: string, error: unknown): Refusal {
  const { code, message, details } = error as { code?: unknown; message?: string; details?: unknown };
  const known = isTaskError(error) || what !== 'node';
  return {
    what,
    code: known && typeof code === 'string' ? code : 'unsupported',
    error: message ?? String(error),
    ...(details === undefined ? {} : { details }),
  };
}

function nodeHere(): Examination['node'] {
  const needs = neededNode();
  const runtime = otherRuntime() ?? 'node';
  const version = process.versions.node;
  return {
    version,
    needs,
    supported: isAtLeast(version, needs),
    runtime,
    runtime_version: process.versions[runtime] ?? version,
  };
}

/** `needs` is `>=MAJOR.MINOR`. */
function isAtLeast(version: string, needs: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [least = 0, leastMinor = 0] = needs.replace(/^\D*/, '').split('.').map(Number);
  return major > least || (major === least && minor >= leastMinor);
}

function platformHere(): Examination['platform'] {
  const column = columnHere();
  const promises = PROMISES.map(({ id, promise, on }) => ({ id, promise, ...on[column] }));
  return { os: process.platform, arch: process.arch, column, promises };
}
