/** The tools of a run that are let, by the names that agents use. */
import { builtIn } from '../tool-names.ts';
import { listFiles, readFile, writeFile } from './file-tools.ts';
import { shell } from './shell-tool.ts';
import type { Tool, ToolPlace } from './tool.ts';

const MADE: Readonly<Record<string, (place: ToolPlace) => Omit<Tool, 'name'>>> = {
  read_file: readFile,
  list_files: listFiles,
  write_file: writeFile,
  shell_tool: shell,
};

/** Whether this version runs the built-in tool of that name. */
export const isRunnable = (name: string): boolean => Object.hasOwn(MADE, builtIn(name)?.name ?? '');

/** A tool under the name that an agent uses; undefined for what is not built in. */
export function toolNamed(name: string, place: ToolPlace): Tool | undefined {
  const make = MADE[builtIn(name)?.name ?? ''];
  return make === undefined ? undefined : { name, ...make(place) };
}
