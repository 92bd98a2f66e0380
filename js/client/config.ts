/** The configuration file: `offstage.config.json`, or `offstage` in `package.json`, whichever is nearest upward. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InvalidArgumentError } from '../errors/argument.ts';
import { distrust } from '../platform/trust.ts';
import { upward } from '../platform/upward.ts';
import { isAddress } from '../store/address.ts';
import { refuseUncounted } from '../store/locate.ts';
import { BUDGET_FORMS, isBound, isCount, isPrice } from '../wire/budget.ts';
import { checkChannels } from '../wire/channels.ts';
import { isObject } from '../wire/check.ts';
import type { Config } from '../wire/config.ts';
import { hintFor } from '../wire/nearest.ts';
import { isText, textOf } from '../wire/text.ts';

/** Every key, and what its value must be. */
export const KEYS: Record<string, (value: unknown) => boolean> = {
  background: isObject,
  'background.enabled': (value) => typeof value === 'boolean',
  'background.maxConcurrentTasks': (value) => Number.isInteger(value) && Number(value) > 0,
  'background.taskTimeout': (value) => typeof value === 'number' || typeof value === 'string',
  'background.yieldMs': (value) => typeof value === 'number' && value >= 0,
  'background.cleanupDelaySec': (value) => typeof value === 'number' && value >= 0,
  'background.keepFailedSec': (value) => typeof value === 'number' && value >= 0,
  'background.keepKeyedSec': (value) => typeof value === 'number' && value >= 0,
  'background.defaultDeliverTo': areNames,
  channels: isObject,
  codec: isPath,
  agents: isObject,
  'agents.baseUrl': isName,
  'agents.apiKeyEnv': isName,
  'agents.model': isName,
  'agents.models': (value) => isObject(value) && Object.values(value).every(isName),
  'agents.python': isName,
  'agents.named': (value) => isObject(value) && Object.entries(value).every(isNamedAgent),
  'agents.idleTimeout': (value) => typeof value === 'number' || typeof value === 'string',
  'agents.maxTurns': isCount,
  'agents.budget': isObject,
  'agents.budget.tokens': (value) => isBound('tokens', value),
  'agents.budget.cost': (value) => isBound('cost', value),
  'agents.budget.calls': (value) => isBound('calls', value),
  'agents.prices': (value) => isObject(value) && Object.values(value).every(isPrice),
  'agents.structuredOutputs': (value) => typeof value === 'boolean',
  'agents.tools': isObject,
  'agents.tools.allow': areNames,
  'agents.tools.ask': areNames,
  'agents.tools.deny': areNames,
  'agents.tools.missing': (value) => value === 'fail' || value === 'skip',
  hooks: (value) => Array.isArray(value) && value.every(isPath),
  store: isPath,
  recipes: (value) => Array.isArray(value) && value.every(isPath),
};

const EXPECTED: Record<string, string> = {
  background: 'an object',
  'background.enabled': 'true or false',
  'background.maxConcurrentTasks': 'a whole number above 0',
  'background.taskTimeout': 'seconds, or a text such as "30m"',
  'background.yieldMs': 'milliseconds, 0 or more',
  'background.cleanupDelaySec': 'seconds, 0 or more',
  'background.keepFailedSec': 'seconds, 0 or more',
  'background.keepKeyedSec': 'seconds, 0 or more',
  'background.defaultDeliverTo': 'an array of addresses',
  channels: 'an object',
  codec: 'a path of a module',
  agents: 'an object',
  'agents.baseUrl': 'an address such as "http://127.0.0.1:11434/v1"',
  'agents.apiKeyEnv': 'the name of an environment variable',
  'agents.model': 'the name of a model',
  'agents.models': 'names of models by what recipes call them',
  'agents.python': 'a path, or the name of a program',
  'agents.named': 'agents by their names, each { instructions, model, tools }',
  'agents.idleTimeout': 'seconds, or a text such as "10m"',
  'agents.maxTurns': 'a whole number above 0',
  'agents.budget': 'an object',
  'agents.budget.tokens': BUDGET_FORMS.tokens,
  'agents.budget.cost': BUDGET_FORMS.cost,
  'agents.budget.calls': BUDGET_FORMS.calls,
  'agents.prices': 'by model { input, cached_input, output }, each US dollars for a million tokens',
  'agents.structuredOutputs': 'true or false',
  'agents.tools': 'an object',
  'agents.tools.allow': 'an array of names of tools',
  'agents.tools.ask': 'an array of names of tools',
  'agents.tools.deny': 'an array of names of tools',
  'agents.tools.missing': "'fail' or 'skip'",
  hooks: 'an array of paths of modules',
  store: 'a path',
  recipes: 'an array of paths',
};

/**
 * Reads the nearest configuration above `cwd`. `InvalidArgumentError` names the file and the key that is wrong;
 * `RecipePolicyError` when it lies in a folder that does not count. Where the store is named (`storeIsNamed`), such a one
 * is passed over with a warning: naming the store is a way out.
 */
export async function readConfig(cwd: string, home?: string, storeIsNamed = false): Promise<Config> {
  return (await findConfig(cwd, home, storeIsNamed))?.config ?? {};
}

/** The configuration that the folder of a store leads to, whichever process asks; the folder may not be there yet. */
export async function readConfigOfStore(path: string): Promise<Config> {
  return (await findConfigOfStore(path)) ?? {};
}

/** The same; undefined when there is none. */
export async function findConfigOfStore(path: string): Promise<Config | undefined> {
  let folder = dirname(path);
  while (!existsSync(folder) && dirname(folder) !== folder) folder = dirname(folder);
  return (await findConfig(folder))?.config;
}

/** The nearest one above `cwd` with the file that it was read from; undefined when there is none. */
export async function findConfig(
  cwd: string,
  home?: string,
  storeIsNamed = false,
): Promise<{ config: Config; file: string } | undefined> {
  for (const folder of upward(cwd, home)) {
    const found = readFolder(folder);
    if (found === undefined || (storeIsNamed && isPassedOver(folder, found))) continue;
    for (const path of [folder, found.path]) refuseUncounted(path, 'a configuration');
    await check(found.value, found.file);
    return { config: absolute(found.value as Config, folder), file: found.file };
  }
  return undefined;
}

function isPassedOver(folder: string, { path, file }: Found): boolean {
  const reason = distrust(folder) ?? distrust(path);
  if (reason === undefined) return false;
  process.emitWarning(`${file} is not read: ${reason}`, { code: 'OFFSTAGE_CONFIG_NOT_READ' });
  return true;
}

interface Found {
  path: string;
  /** As a person would call it. */
  file: string;
  value: unknown;
}

function readFolder(folder: string): Found | undefined {
  const own = join(folder, 'offstage.config.json');
  if (existsSync(own)) return { path: own, file: own, value: parse(own) };
  const manifest = join(folder, 'package.json');
  if (!existsSync(manifest)) return undefined;
  const value = (parse(manifest) as { offstage?: unknown } | null)?.offstage;
  return value === undefined ? undefined : { path: manifest, file: `${manifest}#offstage`, value };
}

function parse(file: string): unknown {
  const text = textOf(readFileSync(file), file);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InvalidArgumentError(`${file} is not JSON: ${(cause as Error).message}`);
  }
}

async function check(value: unknown, file: string, prefix = ''): Promise<void> {
  if (!isObject(value)) throw new InvalidArgumentError(`${file}: got ${JSON.stringify(value)}, expected an object`);
  for (const [name, part] of Object.entries(value)) {
    const key = prefix + name;
    const rule = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
    if (rule === undefined) throw unknownKey(file, key);
    if (!rule(part)) {
      throw new InvalidArgumentError(`${file}: ${key}: got ${JSON.stringify(part)}, expected ${EXPECTED[key]}`);
    }
    if (key === 'channels') checkChannels(part, file);
    if (GROUPS.includes(key)) await check(part, file, `${key}.`);
  }
}

/** Keys whose value has keys of its own. */
const GROUPS = ['background', 'agents', 'agents.tools', 'agents.budget'];

const unknownKey = (file: string, key: string): InvalidArgumentError =>
  new InvalidArgumentError(`${file}: unknown key '${key}'; ${hintFor(key, Object.keys(KEYS))}`);

function isPath(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && isText(value);
}

/** A name as recipes have one, and no key but those that count. */
function isNamedAgent([name, agent]: [string, unknown]): boolean {
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(name) || !isObject(agent)) return false;
  const { instructions, model, tools, ...others } = agent;
  const isRight = [instructions, model].every((text) => text === undefined || isName(text));
  return isRight && (tools === undefined || areNames(tools)) && Object.keys(others).length === 0;
}

function areNames(value: unknown): boolean {
  return Array.isArray(value) && value.every(isName);
}

/** A text that is not empty, as paths are. */
function isName(value: unknown): boolean {
  return isPath(value);
}

function absolute(config: Config, folder: string): Config {
  return {
    ...config,
    ...(config.store === undefined || isAddress(config.store) ? {} : { store: resolve(folder, config.store) }),
    ...(config.codec === undefined ? {} : { codec: resolve(folder, config.codec) }),
    ...(config.hooks === undefined ? {} : { hooks: config.hooks.map((path) => resolve(folder, path)) }),
    ...(config.recipes === undefined ? {} : { recipes: config.recipes.map((path) => resolve(folder, path)) }),
  };
}
