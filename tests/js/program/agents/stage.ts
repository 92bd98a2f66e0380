/** Runs a recipe of agents in the test's own process, on a context that remembers its steps as a task does. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { runProgram } from '#offstage/program/agents/run-agents.js';
import type { AgentsSettled } from '#offstage/program/agents/settle.js';
import { settleFolder } from '#offstage/program/agents/settle.js';
import { programFolder } from '#offstage/program/contain.js';
import type { AgentLimits } from '#offstage/wire/budget.js';
import type { AgentsConfig } from '#offstage/wire/config.js';
import { NOTE, type Note } from '#offstage/wire/note.js';
import type { AgentOptions } from '#offstage/wire/requests.js';
import type { StoredUsage, UsageFact } from '#offstage/wire/usage.js';
import { fakeContext, tempFolder, write } from '../../recipe/helpers.js';
import type { Models } from './models.js';

export interface Staged {
  /** The submitter's working folder, and that of the recipe. */
  folder: string;
  root: string;
  /** Results of steps by their keys; kept for a further run. */
  steps: Map<string, unknown>;
  /** Text that was put out, and lines of the log. */
  output: string[];
  log: string[];
  usage: UsageFact[];
  /** Uses of tools, and warnings. */
  notes: Note[];
  /** What was asked of people, and how they answer. */
  questions: { key: string; message: string }[];
  answer: { action: 'accept' | 'decline'; content?: unknown };
  abort: AbortController;
  run(input?: unknown): Promise<unknown>;
}

export interface Setting {
  env?: Record<string, string>;
  config?: AgentsConfig;
  asked?: AgentOptions;
  /** What the recipe says of its agents, and what other attempts have used. */
  limits?: AgentLimits;
  used?: StoredUsage;
  /** Further files of the recipe, and of the submitter's folder. */
  files?: Record<string, string>;
  here?: Record<string, string>;
  /** Further recipes beside it: their files by name. */
  others?: Record<string, string>;
}

/** A recipe with this `agents.yaml`, settled for that server. */
export function stage(t: TestContext, models: Pick<Models, 'url'>, yaml: string, setting: Setting = {}): Staged {
  const temp = tempFolder(t);
  const [root, folder] = [join(temp, 'recipes', 'sample'), join(temp, 'here')];
  write(root, { 'agents.yaml': yaml, ...setting.files });
  write(folder, { 'package.json': '{}', ...setting.here });
  for (const [name, text] of Object.entries(setting.others ?? {})) {
    write(join(temp, 'recipes', name), { 'agents.yaml': text });
  }
  const staged: Staged = {
    folder,
    root,
    steps: new Map(),
    output: [],
    log: [],
    usage: [],
    notes: [],
    questions: [],
    answer: { action: 'accept' },
    abort: new AbortController(),
    run: (input) => perform(staged, models, setting, input),
  };
  return staged;
}

async function perform(staged: Staged, models: Pick<Models, 'url'>, setting: Setting, input: unknown) {
  const { env = {}, config = {}, asked = {} } = setting;
  const folder = programFolder(staged.root, 'sample');
  const { settled, input: given } = await settleFolder(folder, 'agents.yaml', {
    env: { OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'test-model', ...env },
    cwd: staged.folder,
    config,
    asked,
    limits: setting.limits,
    input: { given: input },
    needs: [],
    now: Date.UTC(2026, 0, 2),
    seconds: (value) => (typeof value === 'number' ? value : 600),
    find: (name) => Promise.reject(new Error(`no recipe '${name}'`)),
  });
  const program = { kind: 'agents', root: staged.root, file: 'agents.yaml', name: 'sample' } as const;
  const tools = {
    used: setting.used,
    begun: () => {},
    log: (lines: string[]) => void staged.log.push(...lines),
    version: async () => '1',
    conversation: async () => [],
    cannotBegin(error: unknown): never {
      throw error;
    },
  };
  return runProgram({ ...program, settled: settled as AgentsSettled }, contextOf(staged, given), tools);
}

function contextOf(staged: Staged, input: unknown) {
  const { context } = fakeContext(staged.abort);
  return {
    ...context,
    input,
    log: (line: string) => void staged.log.push(line),
    usage: (used: UsageFact) => void staged.usage.push(used),
    [NOTE]: (note: Note) => void staged.notes.push(note),
    output: (chunk: unknown) => void staged.output.push(String(chunk)),
    async step<T>(key: string, fn: () => T | PromiseLike<T>) {
      if (!staged.steps.has(key)) staged.steps.set(key, JSON.parse(JSON.stringify((await fn()) ?? null)));
      return staged.steps.get(key) as never;
    },
    requestInput: async ({ key, message }: { key: string; message: string }) => {
      staged.questions.push({ key, message });
      return staged.answer as never;
    },
  };
}
