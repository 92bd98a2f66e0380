/** What is known of every recipe that is a folder, of whatever kind. */
import type { AgentLimits } from '../wire/budget.ts';
import type { NotifyOn } from '../wire/notification.ts';
import type { OnCodeChange, OnLost } from '../wire/task.ts';

/** Settings of background runs, from `runtime` in `TEMPLATE.yaml`. */
export interface RecipeRuntime {
  /** Default true; false refuses every submit with `policy_denied`. */
  enabled: boolean;
  /** Tasks of this recipe at once, over all workers of a store; null (the default) means no limit of its own. */
  maxConcurrent: number | null;
  /** Seconds that a completed task is kept after its outcome was read; absent when the recipe does not say. */
  cleanupDelaySec?: number;
  /** The same of one that failed or was cancelled. */
  keepFailedSec?: number;
  /** Seconds after its end that a task with an idempotency key is kept at least. */
  keepKeyedSec?: number;
  /** Run time of one attempt in seconds, 0 means no limit; absent when the recipe does not say. */
  timeoutSec?: number;
  /** Further attempts after a failure. Absent: none, or 3 with `onLost: 'retry'`. */
  retries?: number;
  /** What becomes of a task whose worker died. Default `fail`. */
  onLost: OnLost;
  /** What becomes of a task whose code is of another version when it starts; absent when the recipe does not say. */
  onCodeChange?: OnCodeChange;
  /** What its agents may use, and how many model calls a step may make; absent when the recipe does not say. */
  agents?: AgentLimits;
  /** Who is told of its tasks, by addresses; absent when the recipe does not say. */
  deliverTo?: readonly string[];
  /** Of what they are told; absent when the recipe does not say. */
  notifyOn?: readonly NotifyOn[];
  /** Whether whoever can be shown that somebody is typing is shown it while it runs. Default true. */
  typing?: boolean;
  /** True with `runtime.env: inherit`: the recipe gets the worker's whole environment. Default false. */
  inheritEnv: boolean;
}

/** What must be there before the recipe can run. */
export interface RecipeRequirements {
  /** npm packages that resolve from the recipe's folder. */
  packages: string[];
  /** Environment variables. Only these reach the recipe. */
  env: RequiredVariable[];
  /** Programs on the PATH. */
  external: string[];
}

/** An environment variable that must be set. */
export interface RequiredVariable {
  /** As the environment has it. */
  name: string;
  /** Whether its value must not be shown. Default true. */
  secret: boolean;
}

/** What is known of every recipe folder. */
export interface FolderFacts {
  /** `[a-z0-9][a-z0-9._-]{0,63}`, without `..`. Default: the folder's. */
  name: string;
  /** Default `"1"`. */
  version: string;
  /** For people. Default: empty. */
  description: string;
  /** Default: empty. */
  author: string;
  /** Default: empty. */
  license: string;
  /** Words that it is found by. Default: none. */
  tags: string[];
  /** Real path of the folder. */
  root: string;
  /**
   * sha256 in hex over all files of the folder but those of `node_modules`, `.git` and `.offstage`; see `digestOf` for its
   * bounds.
   */
  digest: string;
  /** How its tasks run. */
  runtime: RecipeRuntime;
  /** What must be there. */
  requires: RecipeRequirements;
  /** Config values handed out as `ctx.config`, overridden key by key by the submit's. */
  config: Record<string, unknown>;
  /** Input values for keys that the submit does not give. */
  defaults: Record<string, unknown>;
  /** JSON Schema (draft 2020-12) of the input object. */
  inputSchema?: unknown;
}
