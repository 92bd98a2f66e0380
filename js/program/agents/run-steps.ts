/** Runs the steps of a plan one after the other: what each gives is there for those behind it. */
import { createHash } from 'node:crypto';
import { holds } from './condition.ts';
import { converse } from './converse.ts';
import { AgentError } from './failure.ts';
import type { Message } from './model/types.ts';
import { filled, headOf, pathsIn, textOf } from './placeholders.ts';
import type { AgentSpec, AgentStep, LoopStep, Step } from './plan.ts';
import type { PlanTree } from './plan-tree.ts';
import { outputNames } from './required.ts';
import { type AgentsRun, keyFrom } from './run-facts.ts';
import { keepSaid } from './said.ts';
import { Scope } from './scope.ts';
import { jsonForm, type OutputForm } from './structured.ts';
import { builtIn } from './tool-names.ts';
import { readContained, writeContained } from './tools/contained-file.ts';
import { pythonTools } from './tools/python-tools.ts';
import type { Tool } from './tools/tool.ts';
import { toolNamed } from './tools/toolbox.ts';

/** Where a plan runs. */
export interface Stage {
  run: AgentsRun;
  tree: PlanTree;
  scope: Scope;
  /** Keys of the steps that lead here. */
  way: readonly string[];
  /** Names under which something was given by a step of this task. */
  given: Set<string>;
  /** Tools that a person has allowed for the rest of the task. */
  remembered: Set<string>;
  /** Steps that may be under way beside each other. */
  atOnce: number;
}

/** Items of a loop. */
const MOST_ITEMS = 1000;

/** Answers with what the last step that ran has given; undefined when none did. */
export async function runSteps(stage: Stage): Promise<unknown> {
  let last: unknown;
  for (const step of stage.tree.plan.steps) {
    if (step.condition !== undefined && !holds(step.condition, stage.scope)) continue;
    last = await runStep(stage, step);
  }
  return last;
}

function runStep(stage: Stage, step: Step): Promise<unknown> {
  if (step.kind === 'agent') return runAgent(stage, step);
  return step.kind === 'loop' ? runLoop(stage, step) : runIncluded(stage, step.recipe, step.key);
}

async function runAgent(stage: Stage, step: AgentStep): Promise<unknown> {
  const output = await agentOutput(stage, step);
  give(stage, outputNames(step), output);
  return output;
}

function give({ scope, given }: Stage, names: readonly string[], value: unknown): void {
  for (const name of names) {
    scope.set(name, value);
    given.add(name);
  }
}

/** Asks the agent of a step, and writes the file that it is to write. */
async function agentOutput(stage: Stage, step: AgentStep): Promise<unknown> {
  const { run, tree, way } = stage;
  const agent = tree.plan.agents.get(step.agent) as AgentSpec;
  const key = keyFrom([...way, step.key], markOf(agent, step));
  const messages = messagesFor(stage, step, agent);
  const before = messages.length;
  const output = await converse({
    run,
    key,
    agent,
    messages,
    form: formOf(step),
    tools: await toolsFor(stage, agent),
    limits: tree.plan.limits,
    remembered: stage.remembered,
    atOnce: stage.atOnce,
  });
  if (isWholeTalk(stage)) await keepSaid(run.context, messages.slice(before));
  if (step.outputFile !== undefined) await writeOutput(stage, step.outputFile, output, key);
  return output;
}

/** The one step of a prompt in a session. */
const isWholeTalk = ({ run, tree, way }: Stage): boolean =>
  run.settled.conversation === true && way.length === 0 && tree.plan.steps.length === 1;

/** Another text of a step is another step: what it gave before does not count for it. */
const markOf = (agent: AgentSpec, step: AgentStep): string =>
  createHash('sha256')
    .update(JSON.stringify([agent, step]))
    .digest('hex')
    .slice(0, 8);

/** Those that are let. */
async function toolsFor({ run, tree }: Stage, agent: AgentSpec): Promise<Tool[]> {
  const place = { folder: run.settled.folder, recipe: tree.root === '' ? undefined : tree.root };
  const names = agent.tools.filter((name) => Object.hasOwn(run.settled.tools, name));
  const own = names.filter((name) => builtIn(name) === undefined && tree.defined.includes(name));
  const python = await pythonTools(run, tree.root, own);
  return names.flatMap((name) => toolNamed(name, place) ?? python.find((tool) => tool.name === name) ?? []);
}

function messagesFor(stage: Stage, step: AgentStep, agent: AgentSpec): Message[] {
  const system = systemText(stage, step, agent);
  const user: Message = { role: 'user', content: userText(stage, step) };
  const before = stage.given.size === 0 && stage.way.length === 0 ? beforeOf(stage.run, agent) : [];
  return [...(system === '' ? [] : [{ role: 'system', content: system } as const]), ...before, user];
}

/** Who has no tools is told of none: not every server takes that. */
function beforeOf({ before, settled }: AgentsRun, { tools }: AgentSpec): readonly Message[] {
  if (tools.some((name) => Object.hasOwn(settled.tools, name))) return before;
  return before.filter((one) => one.role !== 'tool' && !('tool_calls' in one));
}

function systemText(stage: Stage, step: AgentStep, { role, goal, backstory, instructions }: AgentSpec): string {
  const lines = [role === '' ? '' : `You are ${role}.`, goal === '' ? '' : `Goal: ${goal}`, backstory, instructions];
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => fill(stage, step, line).trim())
    .join('\n');
}

function userText(stage: Stage, step: AgentStep): string {
  const { action, expectedOutput } = step;
  const parts = [fill(stage, step, action)];
  const before = stage.scope.get('previous_output');
  if (stage.given.size > 0 && !namesOutput(stage, action) && before !== undefined) {
    parts.push(`Context from the previous step:\n${textOf(before)}`);
  }
  if (expectedOutput !== '') parts.push(`Expected output:\n${fill(stage, step, expectedOutput)}`);
  const form = formOf(step);
  if (form !== undefined) parts.push(form.text);
  return parts.join('\n\n');
}

const formOf = ({ outputJson }: AgentStep): OutputForm | undefined =>
  outputJson === undefined ? undefined : jsonForm(outputJson);

/** Whether a text already has what an earlier step gave. */
const namesOutput = ({ given, tree }: Stage, text: string): boolean =>
  pathsIn(text, tree.plan.singleBraces).some((path) => headOf(path) === 'item' || given.has(headOf(path)));

function fill({ scope, tree }: Stage, { key }: AgentStep, text: string): string {
  const unset = (path: string) =>
    new AgentError(`${key}: {{${path}}} was never set: no input and no step that ran gives it`, {
      reason: 'placeholder_unset',
      step: key,
      placeholder: path,
    });
  return filled(text, scope, unset, tree.plan.singleBraces);
}

/** Never over a file that is there, but for one that this very step has written before. */
async function writeOutput(stage: Stage, path: string, output: unknown, key: string): Promise<void> {
  const { context, settled } = stage.run;
  const text = typeof output === 'string' ? output : `${JSON.stringify(output, null, 2)}\n`;
  const name = filled(
    path,
    stage.scope,
    (unset) => new Error(`{{${unset}}} was never set`),
    stage.tree.plan.singleBraces,
  );
  await context.step(`${key}:file`, async () => {
    await writeContained(name, text, settled.folder, true).catch(async (error: Error) => {
      if (await isWritten(name, text, settled.folder)) return; // by this step, whose run was lost before it could say so
      throw new Error(`output_file ${name}: ${error.message}`);
    });
    return name;
  });
  context.log(`${key}: written: ${name}`);
}

async function isWritten(path: string, text: string, folder: string): Promise<boolean> {
  const there = await readContained(path, [folder]).catch(() => undefined);
  return there?.toString('utf8') === text;
}

async function runLoop(stage: Stage, step: LoopStep): Promise<unknown[]> {
  const items = itemsOf(stage, step);
  const outputs = new Array<unknown>(items.length);
  /** What each inner step gave, item by item. */
  const inner = step.steps.map(() => new Array<unknown>(items.length));
  await inParallel(items, step.workers, async (item, index) => {
    const atOnce = stage.atOnce * Math.min(step.workers, items.length);
    const own = { ...stage, scope: stage.scope.fork({ item }), given: new Set(stage.given), atOnce };
    const way = [...stage.way, `${step.key}[${index + 1}]`];
    for (const [at, one] of step.steps.entries()) {
      if (one.condition !== undefined && !holds(one.condition, own.scope)) continue;
      outputs[index] = await runAgent({ ...own, way }, one);
      (inner[at] as unknown[])[index] = outputs[index];
    }
  });
  const whole = outputs.map((output) => output ?? null);
  for (const [at, one] of step.steps.entries()) {
    give(
      stage,
      outputNames(one),
      (inner[at] as unknown[]).map((output) => output ?? null),
    );
  }
  const names = [step.outputVariable, step.name === undefined ? undefined : `${step.name}_output`];
  give(stage, ['previous_output', ...names.filter((name) => name !== undefined)], whole);
  return whole;
}

/** A list, or a text that is JSON of one. */
function itemsOf({ scope }: Stage, { over, key }: LoopStep): unknown[] {
  const value = scope.get(over);
  const found = typeof value === 'string' ? listIn(value) : value;
  const wrong = (message: string): AgentError =>
    new AgentError(`${key}: loop.over ${over}: ${message}`, { reason: 'loop_invalid', step: key });
  if (value === undefined) throw wrong('was never set');
  if (!Array.isArray(found)) throw wrong('is no list');
  if (found.length > MOST_ITEMS) throw wrong(`has ${found.length} items, the limit is ${MOST_ITEMS}`);
  return found;
}

function listIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** After the first failure nothing new begins; what runs is waited for, so that what it has paid for is kept. */
async function inParallel<T>(
  items: readonly T[],
  workers: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const waiting = [...items.entries()];
  const failed: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && failed.length === 0; next = waiting.shift()) {
      await work(next[1], next[0]).catch((error) => failed.push(error));
    }
  };
  await Promise.all(Array.from({ length: Math.min(workers, items.length) }, worker));
  if (failed.length > 0) throw failed[0];
}

/** The values that stand here go over its own; what its steps give comes back. */
async function runIncluded(stage: Stage, recipe: string, key: string): Promise<unknown> {
  const tree = stage.tree.includes.get(recipe) as PlanTree;
  const scope = new Scope({ ...startValues(tree), ...stage.scope.all() });
  const given = new Set(stage.given);
  const output = await runSteps({ ...stage, tree, scope, given, way: [...stage.way, key] });
  const own = [...given].filter((name) => !stage.given.has(name) || name === 'previous_output');
  for (const name of own) give(stage, [name], scope.get(name));
  return output;
}

/** What a plan gives by itself. */
export function startValues({ plan }: Pick<PlanTree, 'plan'>): Record<string, unknown> {
  const input = plan.input === undefined ? {} : { input: plan.input, topic: plan.input };
  return { ...input, ...plan.variables };
}
