/** What a recipe folder is made of, as it was read. */

import type { AgentLimits } from '../ports/program.ts';
import type { PromptAgent } from '../program/agents/prompt.ts';
import type { Environment } from '../wire/globals.ts';
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

/** A recipe folder, read and checked. Its code has not been loaded. */
export type RecipeFolder = ModuleFolder | CommandFolder | AgentsFolder;

/** A recipe folder whose module is imported. */
export interface ModuleFolder extends FolderFacts {
  /** Its code is a module, run in a child process of Node. */
  kind: 'module';
  /** Real path of the module that runs, inside `root`. */
  entry: string;
}

/** A recipe folder whose program is started. */
export interface CommandFolder extends FolderFacts {
  /** Its code is a program. */
  kind: 'command';
  /** The program, a name on the `PATH` or a path inside `root`, and its arguments, as the template says. */
  command: readonly string[];
}

/** A recipe folder whose agents are told what to do, one step after the other. */
export interface AgentsFolder extends FolderFacts {
  /** Its agents are those of a YAML file. */
  kind: 'agents';
  /** The file, a path in `root`. */
  agents: string;
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

/** Where recipes are looked for. */
export interface RecipeSearch {
  /** Folders of recipes named by the configuration; relative ones are taken from `cwd`. */
  configured?: readonly string[];
  /** The store's `.offstage` folder. */
  storeFolder?: string;
  /** The folder that holds the recipe which submits: its own neighbours come before others. */
  beside?: string;
  /** Default: this process' environment. */
  env?: Environment;
  /** Default: this process' working folder. */
  cwd?: string;
  /** Default: the user's home folder. */
  home?: string;
}

/** What a task's record keeps of its folder, so that a worker can run it. */
export interface RecipeSource {
  /** The recipe's folder, or that in which an ad-hoc command was submitted. */
  root: string;
  /** There is no recipe: `command` or `agent` is what was submitted. */
  ad_hoc?: true;
  /** Where `root` means that folder; absent in records of versions that did not say. */
  place?: string;
  /** Folders that the submitter trusts, as far as `root` is in one. */
  trusted?: readonly string[];
  /** A module recipe's. */
  entry?: string;
  /** A command recipe's. */
  command?: readonly string[];
  /** An agents recipe's file. */
  agents?: string;
  /** The agent of a prompt, which has no recipe. */
  agent?: PromptAgent;
  /** What the submit has settled for a kind that has something to settle: it stays as it is. */
  settled?: unknown;
  /** Names of the environment variables that reach it. */
  needs: readonly string[];
  /** Those of `needs` whose values may be shown; absent when none may. */
  open?: readonly string[];
  inherit_env: boolean;
}
