/** What the tools of a recipe's agents may do: settled at the submit, so that nobody finds out in the middle of the work. */
import { RecipePolicyError } from '../../errors/recipe.ts';
import type { AgentsConfig } from '../../wire/config.ts';
import { hintFor } from '../../wire/nearest.ts';
import type { AgentOptions } from '../../wire/requests.ts';
import { BUILT_IN_NAMES, builtIn, type Policy } from './tool-names.ts';

/** A tool as an agent names it. */
export interface NamedTool {
  /** As it is written. */
  name: string;
  from: 'built-in' | 'python' | 'unknown';
  policy: Policy;
}

/** What is known of a name: built in, else a function that `defined` has. */
export function namedTool(
  name: string,
  defined: readonly string[],
  asked: AgentOptions,
  config: AgentsConfig,
): NamedTool {
  const own = builtIn(name);
  if (own !== undefined) {
    const names = [own.name, ...own.aliases];
    return { name, from: 'built-in', policy: policyOf(names, own.policy, asked, config) };
  }
  const isDefined = defined.includes(name);
  return {
    name,
    from: isDefined ? 'python' : 'unknown',
    policy: isDefined ? policyOf([name], 'deny', asked, config) : 'deny',
  };
}

/** A denial of the configuration counts first; then what was asked for now; then what the configuration allows. */
function policyOf(
  names: readonly string[],
  otherwise: Policy,
  { allowTools = [], askTools = [] }: AgentOptions,
  { tools = {} }: AgentsConfig,
): Policy {
  const { deny = [], ask = [], allow = [] } = tools;
  const has = (list: readonly string[]): boolean => list.some((name) => names.includes(name));
  if (has(deny)) return 'deny';
  if (has(askTools)) return 'ask';
  if (has(allowTools)) return 'allow';
  if (has(ask)) return 'ask';
  return has(allow) ? 'allow' : otherwise;
}

/** The tools that are needed and denied. */
export const deniedOf = (uses: readonly NamedTool[]): string[] =>
  uses.filter(({ policy, from }) => policy === 'deny' && from !== 'unknown').map(({ name }) => name);

/** Throws for what is denied; names each way out. */
export function refuseDenied(recipe: string, names: readonly string[], { tools = {} }: AgentsConfig): void {
  if (names.length === 0) return;
  const byConfig = names.filter((name) => tools.deny?.includes(name));
  const ways = names.map((name) => `--allow-tool ${name}`).join(' ');
  const help =
    byConfig.length > 0
      ? `agents.tools.deny of the configuration says so of ${byConfig.join(', ')}`
      : `allow by ${ways} (or --ask-tool, to be asked at each use), or by agents.tools of the configuration`;
  throw new RecipePolicyError(`Recipe '${recipe}' needs tools that are denied: ${names.join(', ')}; ${help}`, {
    details: { recipe, tools: names },
  });
}

/** What to say of a name that is no tool. */
export const unknownTool = (name: string, defined: readonly string[]): string =>
  `no tool '${name}'; ${hintFor(name, [...BUILT_IN_NAMES, ...defined])}`;
