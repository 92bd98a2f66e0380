/** Every setting with its value here, and where that comes from. */
import { homedir } from 'node:os';
import { delimiter } from 'node:path';
import { namedStore } from '../store/locate.ts';
import { BUDGET_KEYS } from '../wire/budget.ts';
import type { Config } from '../wire/config.ts';
import { type Because, becauseOf } from './because.ts';
import { findConfig } from './config.ts';
import { DEFAULTS, WORKER_IDLE } from './defaults.ts';
import { type ClientOptions, VerbContext } from './verb-context.ts';

/** One setting. */
export interface Setting {
  /** As the configuration file has it; what only the environment sets is named by its variable. */
  key: string;
  /** Null: none. */
  value: unknown;
  from: 'option' | 'environment' | 'file' | 'default';
  /** The option, variable or file; why it is this store where nobody named one. */
  where: string | null;
}

/** All settings. */
export interface Settings {
  /** The configuration file that counts here; null when there is none. */
  file: string | null;
  settings: Setting[];
}

/** Reads the settings that these options lead to. Throws what every verb would throw for a file that is wrong. */
export async function settingsOf(options: ClientOptions = {}): Promise<Settings> {
  const { cwd = process.cwd(), home = homedir(), env = process.env } = options;
  const context = await VerbContext.open({ ...options, worker: 'none' });
  const found = await findConfig(cwd, home, namedStore(options.store, env) !== undefined);
  const file = found?.file ?? null;
  return {
    file,
    settings: [
      storeSetting(context, becauseOf(context, options), file),
      setting('recipes', context.config.recipes, [], file),
      setting('channels', context.config.channels, {}, file),
      setting('codec', context.config.codec, null, file),
      setting('hooks', context.config.hooks, [], file),
      ...Object.entries(DEFAULTS).map(([name, standard]) =>
        setting(`background.${name}`, ofBackground(context.config, name), standard, file),
      ),
      ...ofAgents(context.config, file),
      fromEnvironment(env, 'OFFSTAGE_RECIPE_PATH', [], folders),
      fromEnvironment(env, 'OFFSTAGE_TRUSTED_FOLDERS', [], folders),
      fromEnvironment(env, 'OFFSTAGE_UNSAFE_FS', false, (text) => text === '1'),
      fromEnvironment(env, 'OFFSTAGE_WORKER_IDLE', WORKER_IDLE, Number),
      fromEnvironment(env, 'OFFSTAGE_LOG', 'off', (text) => text),
    ],
  };
}

function storeSetting({ path }: VerbContext, because: Because, file: string | null): Setting {
  const [from, where] = {
    option: ['option', '--store'],
    environment: ['environment', 'OFFSTAGE_STORE'],
    configuration: ['file', file],
    nearest_store: ['default', because],
    nearest_package: ['default', because],
    home: ['default', because],
  }[because] as [Setting['from'], string | null];
  return { key: 'store', value: path, from, where };
}

const ofBackground = ({ background }: Config, name: string): unknown =>
  background?.[name as keyof NonNullable<Config['background']>];

/** Every key of `agents`, with what stands for it where nothing is said. */
function ofAgents({ agents = {} }: Config, file: string | null): Setting[] {
  const { tools = {}, budget = {}, ...others } = agents;
  const standards = { idleTimeout: '10m', maxTurns: 20, structuredOutputs: true };
  const keys = ['baseUrl', 'apiKeyEnv', 'model', 'models', 'named', 'prices', 'python', ...Object.keys(standards)];
  const own = keys.map((name) => setting(`agents.${name}`, read(others, name), read(standards, name) ?? null, file));
  const ofBudget = BUDGET_KEYS.map((name) => setting(`agents.budget.${name}`, budget[name], null, file));
  const ofTools = ['allow', 'ask', 'deny', 'missing'].map((name) =>
    setting(`agents.tools.${name}`, read(tools, name), name === 'missing' ? 'fail' : [], file),
  );
  return [...own, ...ofBudget, ...ofTools];
}

const read = (values: object, name: string): unknown => (values as Record<string, unknown>)[name];

const folders = (text: string): string[] => text.split(delimiter).filter((path) => path !== '');

function setting(key: string, value: unknown, standard: unknown, file: string | null): Setting {
  if (value === undefined) return { key, value: standard, from: 'default', where: null };
  return { key, value, from: 'file', where: file };
}

function fromEnvironment(
  env: NodeJS.ProcessEnv,
  key: string,
  standard: unknown,
  read: (text: string) => unknown,
): Setting {
  const text = env[key];
  if (!text) return { key, value: standard, from: 'default', where: null };
  return { key, value: read(text), from: 'environment', where: key };
}
