/** The tools of a run that are let, by the names that agents use. */
import { builtIn } from '../tool-names.ts';
import { listFiles, readFile, writeFile } from './file-tools.ts';
import { shell } from './shell-tool.ts';
import type { Tool, ToolPlace } from './tool.ts';
import { extractPages, searchWeb, webCrawl } from './web-tools.ts';

const MADE: Readonly<Record<string, (place: ToolPlace) => Omit<Tool, 'name'>>> = {
  read_file: readFile,
  list_files: listFiles,
  write_file: writeFile,
  shell_tool: shell,
  web_crawl: () => webCrawl(),
  search_web: () => searchWeb(),
  tavily_extract: () => extractPages(),
};

/** A tool under the name that an agent uses; undefined for what is not built in. */
export function toolNamed(name: string, place: ToolPlace): Tool | undefined {
  const make = MADE[builtIn(name)?.name ?? ''];
  return make === undefined ? undefined : { name, ...make(place) };
}
