/** What an agents recipe runs: the agents of a YAML file, one step after the other. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { FieldCheck, FieldSlot, OwnFacts, ProgramReading } from '../../ports/program.ts';
import type { FolderFacts } from '../../ports/recipe-folder.ts';
import { leadsOut, programFolder } from '../contain.ts';
import { AGENTS_FILE, TOOLS_FILE } from './agents-files.ts';
import type { AgentsPlan } from './plan.ts';
import { planIn } from './plan-tree.ts';
import type { PromptAgent } from './prompt.ts';
import { type AgentsSettled, settleFolder } from './settle.ts';

/** What a process runs: a file of a folder, or agents that were given as they are. */
export interface AgentsProgram {
  kind: 'agents';
  /** The folder's real path, and the name of the file in it; of a prompt the folder of its submit. */
  root: string;
  file: string;
  /** The recipe's name. */
  name: string;
  /** The agent that a prompt is for: there is no file then. */
  agent?: PromptAgent;
  settled: AgentsSettled;
}

/** A recipe folder whose agents are told what to do, one step after the other. */
export interface AgentsFolder extends FolderFacts {
  /** Its agents are those of a YAML file. */
  kind: 'agents';
  /** The file, a path in `root`. */
  agents: string;
}

export const reading: ProgramReading<string, string, AgentsProgram, AgentsFolder> = {
  field: readField,
  folder: (facts, agents) => ({ ...facts, kind: 'agents', agents }),
  read(folder, field) {
    if (field === undefined && !existsSync(join(folder.root, AGENTS_FILE))) return undefined;
    const file = field ?? AGENTS_FILE;
    planIn(folder, file); // says what is wrong
    return file;
  },
  program(folder, file, settled) {
    const { includes, ...rest } = settled as AgentsSettled;
    if (folder.inside(file) === undefined) return undefined;
    folder.inside(TOOLS_FILE); // refuses one that leads out
    for (const root of Object.values(includes)) {
      if (programFolder(root, folder.name).inside(AGENTS_FILE) === undefined) return undefined;
    }
    return { kind: 'agents', root: folder.root, file, name: folder.name, settled: { ...rest, includes } };
  },
  beside: (settled) => Object.values((settled as AgentsSettled).includes),
  paths: (_, file) => [file, TOOLS_FILE],
  external: () => [],
  alone: (folder) => factsOf(planIn(folder, AGENTS_FILE)),
  settle: settleFolder,
  // it loads nothing of the recipe: changes there do not matter to the process
  processKey: (_, __, root) => `agents\n${root}`,
};

function readField(check: FieldCheck, slot: FieldSlot): string | undefined {
  const path = check.text(slot, '');
  if (path === '') {
    if (slot.value === '') check.expected(slot, `the path of a file in this folder, as ${AGENTS_FILE}`);
    return undefined;
  }
  if (leadsOut(path) || path.includes('\0')) check.expected(slot, "a path inside this folder, without '..'");
  return path;
}

function factsOf({ about }: AgentsPlan): OwnFacts {
  const { variables: _, ...facts } = about;
  return facts;
}
