/** Runs the agents of a recipe: in a child process, with what the submit has settled. */
import type { ProgramFolder, ProgramTools } from '../../ports/program.ts';
import type { RecipeContext } from '../../ports/recipe.ts';
import { promptOf, type SessionMessage } from '../../wire/conversation.ts';
import { loadJsonSchema } from '../../wire/json-schema.ts';
import { programFolder } from '../contain.ts';
import { loadYaml } from '../yaml.ts';
import { askModel, type ModelServer } from './model/ask-model.ts';
import type { Message } from './model/types.ts';
import { type PlanTree, plansOf, planTree } from './plan-tree.ts';
import { planOfPrompt } from './prompt.ts';
import { PythonHosts } from './python/hosts.ts';
import type { AgentsProgram } from './reading-agents.ts';
import { type AgentsRun, warn } from './run-facts.ts';
import { runSteps, startValues } from './run-steps.ts';
import { Scope } from './scope.ts';
import type { AgentsSettled } from './settle.ts';
import { NOTHING, Spending, spentOf, sumOf } from './spending.ts';

/** Answers with what the last step gave. */
export async function runProgram(
  program: AgentsProgram,
  context: RecipeContext,
  tools: ProgramTools,
): Promise<unknown> {
  await loadAhead().catch(tools.cannotBegin);
  tools.begun();
  const tree = await treeOf(program);
  const hosts = new PythonHosts(context, program.settled);
  const python = (root: string) => hosts.of(root);
  const { settled } = program;
  const server = serverOf(settled);
  const run: AgentsRun = {
    context,
    settled,
    endpoint: server.url,
    ask: (question, asking) => askModel(server, question, asking),
    spending: spendingOf(settled, tools),
    before: await messagesBefore(program, context, tools),
    python,
  };
  await warnOnce(run, tree);
  try {
    return await outputOf(run, tree);
  } finally {
    await hosts.close();
  }
}

/** Of what is written and has no effect, and of tools that are left out: once in the life of a task. */
async function warnOnce({ context, settled }: AgentsRun, tree: PlanTree): Promise<void> {
  const ignored = [...plansOf(tree)].flatMap(({ plan }) => plan.warnings.map((text) => ['ignored', text] as const));
  const missing = (settled.missing_tools ?? []).map((name) => ['unknown_tool', withoutTool(name)] as const);
  if (ignored.length + missing.length === 0) return;
  await context.step('warnings', () => {
    for (const [reason, message] of [...ignored, ...missing]) warn(context, reason, message);
  });
}

const withoutTool = (name: string): string =>
  `no tool '${name}': its agents do without it (agents.tools.missing is skip)`;

/** Of a further attempt it is the same. */
async function messagesBefore(
  { settled }: AgentsProgram,
  context: RecipeContext,
  tools: ProgramTools,
): Promise<readonly Message[]> {
  if (!settled.conversation) return [];
  const said = await context.step('conversation', () => tools.conversation());
  return said.map(asMessage);
}

function asMessage({ role, content, tool_calls, tool_call_id: id = '' }: SessionMessage): Message {
  if (role === 'user') return { role, content };
  if (role === 'tool') return { role, content, tool_call_id: id };
  return tool_calls === undefined ? { role, content } : { role, content: content || null, tool_calls };
}

async function outputOf(run: AgentsRun, tree: PlanTree): Promise<unknown> {
  const { input } = run.context;
  const output = await runSteps({
    run,
    tree,
    scope: scopeOf(tree, tree.root === '' ? { ...(input as Given), prompt: promptOf(input) } : input, run.settled),
    way: [],
    given: new Set(),
    remembered: new Set(),
    atOnce: 1,
  });
  return output ?? null;
}

/** What is needed in the middle of a run must not be missing then. */
async function loadAhead(): Promise<void> {
  await loadYaml();
  await loadJsonSchema();
}

/** The plan and those that it includes, each from the folder that the submit found. */
async function treeOf({ root, file, name, agent, settled }: AgentsProgram): Promise<PlanTree> {
  if (agent !== undefined) return planOfPrompt(agent);
  const folder: ProgramFolder = programFolder(root, name);
  return planTree(folder, file, async (included, way) => {
    const found = settled.includes[way.join('/')];
    if (found === undefined) throw new Error(`include: '${included}' was not there at the submit`);
    return programFolder(found, included);
  });
}

function serverOf({ endpoint, idle_ms: idleMs, structured }: AgentsSettled): ModelServer {
  const { url, key } = endpoint;
  const value = key === undefined ? undefined : process.env[key];
  return { url, key: value, idleMs, omitted: { schema: !structured, usage: false } };
}

/** What was used before counts: by other attempts, and by a task whose steps this one has kept. */
function spendingOf({ budget, spent = NOTHING, prices }: AgentsSettled, { used }: ProgramTools): Spending {
  return new Spending(budget, sumOf(spent, spentOf(used, prices)));
}

/** What was given goes over what the file says; `input` and `topic` are two names of one. */
function scopeOf(tree: PlanTree, input: unknown, { today }: AgentsSettled): Scope {
  const given = typeof input === 'object' && input !== null && !Array.isArray(input) ? (input as Given) : { input };
  const { input: one, topic = one } = given;
  const both = { ...(topic === undefined ? {} : { input: topic, topic }), ...given };
  const defined = Object.fromEntries(Object.entries(both).filter(([, value]) => value !== undefined));
  const values: Given = { today, ...startValues(tree), ...defined };
  return new Scope({ previous_output: values.input, ...values });
}

type Given = Record<string, unknown>;
