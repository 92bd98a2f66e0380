/** Which inputs a recipe needs: what its texts name and nothing else gives. */
import { headOf, pathsIn } from './placeholders.ts';
import type { AgentSpec, AgentStep, AgentsPlan, Step } from './plan.ts';
import type { PlanTree } from './plan-tree.ts';

type Tree = Pick<PlanTree, 'plan' | 'includes'>;

/** Names of inputs that must be given, in the order in which they are met. */
export function requiredInputs(tree: Tree): string[] {
  const found = new Set<string>();
  addRequired(tree, new Set(), found);
  return [...found];
}

/** `known` grows by what the steps give. */
function addRequired({ plan, includes }: Tree, known: Set<string>, found: Set<string>): void {
  for (const name of Object.keys(plan.variables)) known.add(name);
  known.add('today');
  if (plan.input !== undefined) for (const name of ['input', 'topic']) known.add(name);
  for (const name of plan.about.variables) need(name, known, found);
  for (const step of plan.steps) addStep({ plan, includes }, step, known, found);
}

function need(name: string, known: ReadonlySet<string>, found: Set<string>): void {
  if (known.has(name)) return;
  // what came before the first step is what was given
  found.add(name === 'previous_output' ? 'input' : name);
}

function addStep(tree: Tree, step: Step, known: Set<string>, found: Set<string>): void {
  if (step.kind === 'include') {
    const included = tree.includes.get(step.recipe);
    if (included !== undefined) addRequired(included, known, found);
    return;
  }
  if (step.kind === 'agent') {
    for (const name of namesOf(step, tree.plan)) need(name, known, found);
    addOutputs(step, known);
    return;
  }
  need(headOf(step.over), known, found);
  const inside = new Set([...known, 'item']);
  for (const one of step.steps) {
    for (const name of namesOf(one, tree.plan)) need(name, inside, found);
    addOutputs(one, inside);
  }
  for (const one of step.steps) addOutputs(one, known);
  for (const name of [step.outputVariable, outputOf(step.name)]) if (name !== undefined) known.add(name);
}

const outputOf = (name: string | undefined): string | undefined => (name === undefined ? undefined : `${name}_output`);

/** The names under which others find what a step gave. */
export const outputNames = ({ name, agent, outputVariable }: AgentStep): string[] =>
  ['previous_output', outputOf(name), outputOf(agent), outputVariable].filter((one) => one !== undefined);

function addOutputs(step: AgentStep, known: Set<string>): void {
  for (const name of outputNames(step)) known.add(name);
}

function namesOf(step: AgentStep, { agents, singleBraces }: AgentsPlan): string[] {
  const agent = agents.get(step.agent);
  const texts = [...textsOf(agent), step.action, step.expectedOutput, step.outputFile ?? ''];
  return [...new Set(texts.flatMap((text) => pathsIn(text, singleBraces)).map(headOf))];
}

const textsOf = (agent: AgentSpec | undefined): string[] =>
  agent === undefined ? [] : [agent.role, agent.goal, agent.backstory, agent.instructions];
