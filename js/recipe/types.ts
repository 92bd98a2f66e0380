/** Where recipes are looked for, and what is kept of one that was found. */
import type { PromptAgent } from '../program/agents/prompt.ts';
import type { Environment } from '../wire/globals.ts';

export type { RecipeFolder } from '../program/kinds.ts';

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
  /** That was submitted without a recipe; what recipes run stands here too, under the key of their kind. */
  command?: readonly string[];
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
