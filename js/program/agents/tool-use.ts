/**
 * A model wants a tool used. The arguments are checked before the tool runs; whatever goes wrong is told to the model, which
 * may do better. A result is stored before anybody gets it: no tool runs twice.
 */
import type { RecipeContext } from '../../ports/recipe.ts';
import { beginning, ending } from '../../wire/cut-words.ts';
import { checkJson } from '../../wire/json-schema.ts';
import { NOTE } from '../../wire/note.ts';
import { AgentError } from './failure.ts';
import type { ToolCall } from './model/types.ts';
import type { ToolLimits } from './plan.ts';
import type { TalkRun } from './run-facts.ts';
import type { Tool } from './tools/tool.ts';

/** Characters of a result that a model is told. */
const MOST_TOLD = 32 * 1024;
/** Characters of a token, about. */
const TOKEN = 4;

export interface ToolUse {
  run: TalkRun;
  tools: readonly Tool[];
  limits: ToolLimits;
  /** Tools that a person has allowed for the rest of the task. */
  remembered: Set<string>;
}

/** What is stored of a use. */
interface Used {
  ok: boolean;
  text: string;
  ms: number;
  /** A person has allowed the tool for the rest of the task. */
  remember?: boolean;
}

/** Which use of a tool it is. */
export interface UsePlace {
  /** The step that wants it. */
  step: string;
  /** Which call of the step. */
  call: string;
}

/** Uses a tool once in the life of the task. Answers with what the model is told. */
export async function useTool(call: ToolCall, place: UsePlace, use: ToolUse): Promise<string> {
  const { context } = use.run;
  const key = `${place.step}:${place.call}`;
  const used = await context.step(key, async (): Promise<Used> => {
    const done = await useOnce(call, key, use);
    tellUse(context, call, place, done);
    return done;
  });
  if (used.remember) use.remembered.add(call.name);
  return told(used.text, limitOf(call.name, use.limits));
}

async function useOnce(call: ToolCall, key: string, use: ToolUse): Promise<Used> {
  const tool = use.tools.find(({ name }) => name === call.name);
  const args = tool === undefined ? noTool(call, use.tools) : await argumentsOf(call, tool);
  if (tool === undefined || 'problem' in args) return { ok: false, text: `Error: ${problemOf(args)}`, ms: 0 };
  const permit = await permitFor(call, key, use);
  if (!permit.given) return { ok: false, text: permit.why ?? 'denied by a person', ms: 0 };
  const { signal } = use.run.context;
  return { ...(await perform(tool, args.value, signal)), ...(permit.remember ? { remember: true } : {}) };
}

/** In the commit of what came of it: it is told once, as it is done once. What failed is in the log, too. */
function tellUse(context: RecipeContext, { name }: ToolCall, { step, call }: UsePlace, { ok, ms, text }: Used): void {
  const shortName = name.toWellFormed().slice(0, MOST_NAME) || 'tool';
  context[NOTE]?.({ kind: 'tool', tool: { step, call, name: shortName, ok, ms } });
  if (!ok) context.log(`${step}:${call}: ${shortName} failed: ${beginning(text, MOST_LOGGED)} (${ms} ms)`);
}

/** Characters of a tool's name, which a model may have made up, and of what a failure says in the log. */
const MOST_NAME = 200;
const MOST_LOGGED = 200;

type Args = { value: Record<string, unknown> } | { problem: string };

const problemOf = (args: Args): string => ('problem' in args ? args.problem : '');

const noTool = ({ name }: ToolCall, tools: readonly Tool[]): Args => ({
  problem: `there is no tool '${name}'; there are ${tools.map((tool) => tool.name).join(', ') || 'none'}`,
});

async function argumentsOf({ arguments: text }: ToolCall, { parameters }: Tool): Promise<Args> {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    const problems = await checkJson(parameters, value, 'arguments');
    if (problems.length === 0) return { value: value as Record<string, unknown> };
    return { problem: problems.map(({ path, message }) => `${path}: ${message}`).join('; ') };
  } catch (error) {
    return { problem: `the arguments are no JSON: ${(error as Error).message}` };
  }
}

interface Permit {
  given: boolean;
  remember?: boolean;
  /** Of one that is not given, where no person said so. */
  why?: string;
}

/** Asked for inside of what is stored: what is known to be done is not asked about again. */
async function permitFor(call: ToolCall, key: string, { run, remembered }: ToolUse): Promise<Permit> {
  const policy = run.settled.tools[call.name];
  if (policy === 'deny') return { given: false, why: 'denied: nobody is asked here' };
  if (policy !== 'ask' || remembered.has(call.name)) return { given: true };
  const { action, content } = await run.context.requestInput({
    key: `tool:${key}`,
    message: `May ${call.name} be used with ${shown(call.arguments)}?`,
    schema: REMEMBER,
  });
  const remember = (content as { remember?: unknown } | null | undefined)?.remember === true;
  return { given: action === 'accept', remember };
}

const REMEMBER = {
  type: ['object', 'null'],
  properties: { remember: { type: 'boolean', description: 'Ask no more about this tool in this task' } },
};

const MOST_SHOWN = 500;

const shown = (text: string): string => (text.length > MOST_SHOWN ? `${beginning(text, MOST_SHOWN)}…` : text);

async function perform(tool: Tool, args: Record<string, unknown>, signal: AbortSignal): Promise<Used> {
  const since = performance.now();
  const ms = (): number => Math.round(performance.now() - since);
  try {
    return { ok: true, text: told(await tool.run(args, signal), MOST_TOLD), ms: ms() };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof AgentError) throw error; // not the tool's own
    return { ok: false, text: told(`Error: ${(error as Error).message}`, MOST_TOLD), ms: ms() };
  }
}

const limitOf = (name: string, { all, byTool }: ToolLimits): number => {
  const tokens = Object.hasOwn(byTool, name) ? byTool[name] : all;
  return tokens === undefined ? MOST_TOLD : Math.min(MOST_TOLD, tokens * TOKEN);
};

/** Cut in the middle, and the model is told so. */
export function told(text: string, most: number): string {
  const whole = text.toWellFormed();
  if (whole.length <= most) return whole;
  const half = Math.floor(most / 2);
  const head = beginning(whole, half);
  const tail = ending(whole, half);
  const left = `\n… (${whole.length - head.length - tail.length} characters left out) …\n`;
  return (head + left + tail).toWellFormed();
}
