/** What a recipe is made of: the folder as it was read, and what its code is given. */
import type { OnLost } from '../wire/task.ts';

/** Settings of background runs, from `runtime` in `TEMPLATE.yaml`. */
export interface RecipeRuntime {
  /** Default true; false refuses every submit with `policy_denied`. */
  enabled: boolean;
  /** Tasks of this recipe at once, over all workers of a store; null (the default) means no limit of its own. */
  maxConcurrent: number | null;
  /** Seconds that a finished task is kept after its outcome was read; absent when the recipe does not say. */
  cleanupDelaySec?: number;
  /** Run time of one attempt in seconds, 0 means no limit; absent when the recipe does not say. */
  timeoutSec?: number;
  /** Further attempts after a failure. Default 0. */
  /** Further attempts. Absent: none, or 3 with `onLost: 'retry'`. */
  retries?: number;
  /** What becomes of a task whose worker died. Default `fail`. */
  onLost: OnLost;
  /** True with `runtime.env: inherit`: the recipe gets the worker's whole environment. Default false. */
  inheritEnv: boolean;
}

/** What must be there before the recipe can run. */
export interface RecipeRequirements {
  /** npm packages that resolve from the recipe's folder. */
  packages: string[];
  /** Environment variables. Only these reach the recipe. */
  env: string[];
  /** Programs on the PATH. */
  external: string[];
}

/** A recipe folder, read and checked. Its code has not been loaded. */
export interface RecipeFolder {
  name: string;
  version: string;
  description: string;
  author: string;
  license: string;
  tags: string[];
  kind: 'module';
  /** Real path of the folder. */
  root: string;
  /** Real path of the module that runs, inside `root`. */
  entry: string;
  /** sha256 in hex over `TEMPLATE.yaml` and the entry; modules that the entry imports are not part of it. */
  digest: string;
  runtime: RecipeRuntime;
  requires: RecipeRequirements;
  /** Config values handed out as `ctx.config`, overridden key by key by the submit's. */
  config: Record<string, unknown>;
  /** Input values for keys that the submit does not give. */
  defaults: Record<string, unknown>;
  /** JSON Schema (draft 2020-12) of the input object. */
  inputSchema?: unknown;
}

/** Where recipes are looked for. */
export interface RecipeSearch {
  /** Folders of recipes named by the configuration; relative ones are taken from `cwd`. */
  configured?: readonly string[];
  /** The store's `.offstage` folder. */
  storeFolder?: string;
  /** Default: this process' environment. */
  env?: NodeJS.ProcessEnv;
  /** Default: this process' working folder. */
  cwd?: string;
  /** Default: the user's home folder. */
  home?: string;
}

/** What a recipe's function is given beside its input. */
export interface RecipeContext<Input = unknown> {
  readonly taskId: string;
  readonly name: string;
  readonly sessionId: string | null;
  /** The task's own isolated session, `bg:` and the task's id. */
  readonly taskSessionId: string;
  /** From 1. */
  readonly attempt: number;
  readonly input: Input;
  readonly config: Record<string, unknown>;
  /** Aborted by a cancel (reason: `TaskCancelledError`) and by a timeout (reason: an error named `TimeoutError`). */
  readonly signal: AbortSignal;
  /** Says how far the work is; the fraction is clamped to 0..1. Frequent calls are merged, the last one counts. */
  progress(fraction: number, message?: string): void;
  /** Adds a `log` event. */
  log(line: string): void;
  /** Adds an `output` event with a value that JSON can carry. */
  output(chunk: unknown): void;
}
