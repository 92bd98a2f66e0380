/**
 * Whether the program of this process runs scripts. Of an app that is its own executable `process.execPath` is the app:
 * started for a worker, it would be the app once more, which starts a worker, and so on. Nothing is started then.
 */
import { RecipePolicyError } from '../errors/recipe.ts';

/** Set for a process that is started to be a worker; whoever finds it and is none was started in its place. */
export const MEANT_AS_WORKER = 'OFFSTAGE_MEANT_AS_WORKER';

/** What tells apart, beside the names of `process.versions`. */
interface Surroundings {
  process: {
    versions: Readonly<Record<string, string | undefined>>;
    env: Readonly<Record<string, string | undefined>>;
    /** Set by what packs an app together with Node. */
    pkg?: unknown;
    __nexe?: unknown;
    getBuiltinModule?(name: string): unknown;
  };
  /** Bun's and Deno's own. */
  Bun?: { main?: string } | undefined;
  Deno?: { build?: { standalone?: boolean } } | undefined;
}

/** What this app is, if it is its own executable; undefined where the program runs scripts. */
export function ownExecutable(here: Surroundings = globalThis as unknown as Surroundings): string | undefined {
  const { process, Bun, Deno } = here;
  const { versions, env } = process;
  if (isSingle(process)) return 'a single executable of Node';
  if (versions.electron !== undefined && !env.ELECTRON_RUN_AS_NODE) return 'an Electron app';
  if (process.pkg !== undefined) return 'an executable made by pkg';
  if (process.__nexe !== undefined) return 'an executable made by nexe';
  if (/^(\/\$bunfs|[A-Z]:[\\/]~BUN)[\\/]/.test(Bun?.main ?? '') && !env.BUN_BE_BUN) return 'an executable made by Bun';
  return Deno?.build?.standalone ? 'an executable made by Deno' : undefined;
}

/** It does not change, and asking costs more than all else here. */
function isSingle(process: Surroundings['process']): boolean {
  let known = single.get(process);
  if (known === undefined) {
    const sea = process.getBuiltinModule?.('node:sea') as { isSea(): boolean } | undefined;
    known = sea?.isSea() ?? false;
    single.set(process, known);
  }
  return known;
}

const single = new WeakMap<Surroundings['process'], boolean>();

/** Why no worker of its own, and no child process of a recipe, is started from here; undefined where they are. */
export function whyNoScripts(here?: Surroundings): string | undefined {
  const what = ownExecutable(here);
  if (what !== undefined) {
    const electron = what.startsWith('an Electron') ? ' (or the app itself, with ELECTRON_RUN_AS_NODE=1)' : '';
    return `this app is ${what}, which would start itself again in place of a worker; ${WAYS_OUT}${electron}`;
  }
  if (process.env[MEANT_AS_WORKER] === undefined) return undefined;
  return (
    `this process was started to be a worker and is something else, so ${process.execPath} does not run the scripts that ` +
    `it is given; ${WAYS_OUT}`
  );
}

const WAYS_OUT =
  "recipes in code run in the app that defines them; for folders start 'npx offstage background worker' on the same " +
  'store, with a Node of its own';

/** What a process is given that is started with the program of this one, to run a script. */
export function asScript(): Record<string, string> {
  const { ELECTRON_RUN_AS_NODE, BUN_BE_BUN } = process.env;
  return {
    [MEANT_AS_WORKER]: '1',
    ...(ELECTRON_RUN_AS_NODE === undefined ? {} : { ELECTRON_RUN_AS_NODE }),
    ...(BUN_BE_BUN === undefined ? {} : { BUN_BE_BUN }),
  };
}

/** Refuses `what` with `RecipePolicyError`, reason `executable`, where nothing that runs scripts can be started. */
export function needScripts(what: string): void {
  const why = whyNoScripts();
  if (why === undefined) return;
  throw new RecipePolicyError(`${what} is refused: ${why}`, {
    details: { reason: 'executable', program: process.execPath },
  });
}
