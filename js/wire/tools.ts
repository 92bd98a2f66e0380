/** What the agents of a task may do with the tools that they name: as its submit has settled it. */

/** `allow`: as they like; `ask`: a person is asked at each use; `missing`: there is no such tool, and they do without it. */
export type ToolPolicy = 'allow' | 'ask' | 'missing';

/** The part of a record that says so. */
export interface SettledTools {
  settled?: {
    tools?: Readonly<Record<string, 'allow' | 'ask'>>;
    missing_tools?: readonly string[];
  };
}

/** By the names that the agents use; undefined where no agents were settled. */
export function toolsOf(source: SettledTools | null | undefined): Record<string, ToolPolicy> | undefined {
  const { tools, missing_tools: missing = [] } = source?.settled ?? {};
  if (tools === undefined) return undefined;
  return { ...tools, ...Object.fromEntries(missing.map((name) => [name, 'missing'])) };
}

/** Whether they may use fewer of them, or less freely, than they are written for. */
export const isNarrowed = (tools: Readonly<Record<string, ToolPolicy>> = {}): boolean =>
  Object.values(tools).some((policy) => policy !== 'allow');
