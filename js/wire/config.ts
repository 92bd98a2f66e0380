/** What the configuration file may say; `client/config.ts` reads it. */
import type { Budget, ModelPrice } from './budget.ts';
import type { ChannelsConfig } from './channels.ts';

/** Every key that the file may have; all are optional. */
export interface Config {
  /** How tasks run. */
  background?: {
    /** False refuses every background submit. Default true. */
    enabled?: boolean;
    /** Tasks at once of a worker that is started here. Default 5. */
    maxConcurrentTasks?: number;
    /** Default timeout of a task, in seconds or as text. Default 300. */
    taskTimeout?: number | string;
    /** After so many milliseconds `recipe run` stops waiting and leaves the task in the background. Default: never. */
    yieldMs?: number;
    /** How long a completed task is kept after its outcome was read, in seconds. Default 3600. */
    cleanupDelaySec?: number;
    /** The same of one that failed or was cancelled. Default 604800 (7 days). */
    keepFailedSec?: number;
    /** How long after its end a task with an idempotency key is kept at least, in seconds. Default 86400 (a day). */
    keepKeyedSec?: number;
    /** Addresses that are told of tasks that nobody has said anything else of. Default: none. */
    defaultDeliverTo?: string[];
  };
  /** Who can be told of tasks. Default: nobody. */
  channels?: ChannelsConfig;
  /** The module of the codec that payloads go through, relative to the configuration's folder: its default export is one, or a list. */
  codec?: string;
  /** How agents find models, and what they may do. */
  agents?: AgentsConfig;
  /** Modules of hooks, each a default export of one or a list, relative to the configuration's folder. */
  hooks?: string[];
  /** The store's file, relative to the configuration's folder. */
  store?: string;
  /** Folders that hold recipe folders, relative to the configuration's folder. */
  recipes?: string[];
}

/** `agents` of the configuration. */
export interface AgentsConfig {
  /** Where models are, where the environment does not say: the address of an OpenAI-compatible server, up to `/v1`. */
  baseUrl?: string;
  /** The environment variable that holds the key. Default `OFFSTAGE_API_KEY`, else `OPENAI_API_KEY`. */
  apiKeyEnv?: string;
  /** The model, where neither a recipe nor the environment says. On another endpoint than OpenAI's it stands for all. */
  model?: string;
  /** Models by what recipes call them. */
  models?: Record<string, string>;
  /** The Python that runs recipes' own functions. Default: the recipe's `.venv`, `VIRTUAL_ENV`, `python3`. */
  python?: string;
  /** Agents for prompts, by their names. */
  named?: Record<string, { instructions?: string; model?: string; tools?: string[] }>;
  /** A model server that says nothing for so long is given up, in seconds or as text. Default `"10m"`. */
  idleTimeout?: number | string;
  /** Model calls of one step of an agent. Default 20. */
  maxTurns?: number;
  /** What the agents of one task may use. Default: no bound. */
  budget?: Budget;
  /** What models cost, by their names, where their servers do not say. */
  prices?: Record<string, ModelPrice>;
  /** False: no server is asked to keep to a schema, which then stands in the prompt alone. Default true. */
  structuredOutputs?: boolean;
  /** What the tools of agents may do. */
  tools?: {
    /** Names of tools that may be used. */
    allow?: string[];
    /** Names of tools of which a person is asked at each use. */
    ask?: string[];
    /** Names of tools that may not be used; counts before the others. */
    deny?: string[];
    /** What becomes of tools that nobody knows: the recipe is refused, or goes without them. Default `fail`. */
    missing?: 'fail' | 'skip';
  };
}
