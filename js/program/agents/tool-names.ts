/** The tools that agents have without a file of their own, and what a submit lets them do. */

export type Policy = 'allow' | 'ask' | 'deny';

/** One tool that is built in. */
export interface BuiltIn {
  /** What a model is told that it is called. */
  name: string;
  /** Further names, as recipes of other systems write them. */
  aliases: readonly string[];
  /** Where nothing else is said. */
  policy: Policy;
  /** The environment variable that it needs. */
  key?: string;
}

/** What opens Tavily's search. */
export const TAVILY_KEY = 'TAVILY_API_KEY';

// biome-ignore format: a tool a line
export const BUILT_IN: readonly BuiltIn[] = [
  { name: 'read_file', aliases: ['file_read_tool'], policy: 'allow' },
  { name: 'list_files', aliases: [], policy: 'allow' },
  { name: 'write_file', aliases: [], policy: 'deny' },
  { name: 'shell_tool', aliases: ['execute_command'], policy: 'deny' },
  { name: 'web_crawl', aliases: ['crawl_web'], policy: 'ask' },
  { name: 'search_web', aliases: ['tavily_search'], policy: 'allow', key: TAVILY_KEY },
  { name: 'tavily_extract', aliases: [], policy: 'ask', key: TAVILY_KEY },
];

/** The tool of that name. */
export const builtIn = (name: string): BuiltIn | undefined =>
  BUILT_IN.find((tool) => tool.name === name || tool.aliases.includes(name));

/** The environment variable that a tool needs; undefined: none. */
export const keyOfTool = (name: string): string | undefined => builtIn(name)?.key;

/** Every name that one of them has. */
export const BUILT_IN_NAMES: readonly string[] = BUILT_IN.flatMap(({ name, aliases }) => [name, ...aliases]);
