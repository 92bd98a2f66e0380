/** Reads what the agents do: `steps`, else the tasks of the roles, else each agent once. */
import { hintFor } from '../../wire/nearest.ts';
import { type Checker, type Fields, isFields, type Slot } from '../fields.ts';
import { CONDITION_FORM, type Condition, conditionOf } from './condition.ts';
import { isPath } from './placeholders.ts';
import type { AgentStep, LoopStep, Step } from './plan.ts';
import { type Agents, NOT_HERE as NOT_OF_AGENTS, numberOf, refuseUnknown } from './read-agents.ts';

const OF_AGENT = [
  'name',
  'agent',
  'action',
  'description',
  'expected_output',
  'output_variable',
  'output_json',
  'output_file',
  'condition',
];
const OF_INCLUDE = ['include', 'name', 'condition'];
const OF_LOOP = ['loop', 'steps', ...OF_AGENT];

/** What other systems' steps have. */
const NOT_HERE: Readonly<Record<string, string>> = {
  ...NOT_OF_AGENTS,
  route: 'steps run one after the other here: there are no routes',
  parallel: 'steps run one after the other here; a loop runs items in parallel',
  repeat: 'nothing is repeated here; a loop goes through a list',
  if: 'write condition: instead of if:',
};

const MOST_WORKERS = 8;
const DEFAULT_WORKERS = 4;
const LONGEST_LABEL = 40;

/** Reads all steps. `includes` come last. */
export function readSteps(check: Checker, fields: Fields, agents: Agents): Step[] {
  const { value } = check.slot(fields, [], 'steps');
  const own = value === undefined ? withoutSteps(check, agents) : readList(check, { keys: ['steps'], value }, agents);
  return [...own, ...readIncludes(check, fields, own.length)];
}

function readList(check: Checker, { keys, value }: Slot, agents: Agents): Step[] {
  if (!Array.isArray(value) || value.length === 0) {
    check.expected({ keys, value }, 'a list of steps');
    return [];
  }
  return value.flatMap((one, index) => {
    const at = [...keys, String(index)];
    if (isFields(one)) return readStep(check, { keys: at, fields: one, place: `${index + 1}` }, agents) ?? [];
    check.expected({ keys: at, value: one }, 'a step: agent and action, include, or loop');
    return [];
  });
}

interface Written {
  keys: readonly string[];
  fields: Fields;
  /** Its place among the others. */
  place: string;
}

function readStep(check: Checker, written: Written, agents: Agents): Step | undefined {
  const { fields, keys, place } = written;
  if (fields.loop !== undefined) return readLoop(check, written, agents);
  if (fields.include === undefined) return readAgentStep(check, written, agents, OF_AGENT);
  refuseUnknown(check, fields, keys, OF_INCLUDE, NOT_HERE);
  const recipe = check.text(check.slot(fields, keys, 'include'), '');
  return { kind: 'include', recipe, ...factsOf(check, written, recipe), key: keyOf(place, recipe) };
}

function factsOf(check: Checker, { keys, fields, place }: Written, otherwise: string) {
  const name = check.text(check.slot(fields, keys, 'name'), '');
  return {
    key: keyOf(place, name === '' ? otherwise : name),
    name: name === '' ? undefined : name,
    condition: readCondition(check, check.slot(fields, keys, 'condition')),
  };
}

const keyOf = (place: string, label: string): string =>
  `${place}.${label.slice(0, LONGEST_LABEL).replace(/[^\w.-]/g, '_')}`;

function readCondition(check: Checker, slot: Slot): Condition | undefined {
  if (slot.value === undefined) return undefined;
  const found = typeof slot.value === 'string' ? conditionOf(slot.value) : undefined;
  return found ?? check.expected(slot, CONDITION_FORM);
}

function readAgentStep(
  check: Checker,
  written: Written,
  agents: Agents,
  known: readonly string[],
): AgentStep | undefined {
  const { keys, fields } = written;
  refuseUnknown(check, fields, keys, known, NOT_HERE);
  const at = (key: string): Slot => check.slot(fields, keys, key);
  const agent = agentOf(check, at('agent'), agents, keys);
  const action = actionOf(check, at, keys);
  if (agent === undefined || action === undefined) return undefined;
  const output = at('output_json');
  if (output.value !== undefined && !isFields(output.value)) check.expected(output, 'a JSON Schema (a mapping)');
  return {
    kind: 'agent',
    ...factsOf(check, written, agent),
    agent,
    action,
    expectedOutput: check.text(at('expected_output'), ''),
    outputVariable: variableOf(check, at('output_variable')),
    outputJson: output.value,
    outputFile: fileOf(check, at('output_file')),
  };
}

function agentOf(check: Checker, slot: Slot, { agents }: Agents, keys: readonly string[]): string | undefined {
  const only = agents.size === 1 ? [...agents.keys()][0] : undefined;
  if (slot.value === undefined && only !== undefined) return only;
  if (slot.value === undefined) {
    check.report(keys, 'agent: missing, and there are several');
    return undefined;
  }
  const name = check.text(slot, '');
  if (agents.has(name)) return name;
  if (typeof slot.value === 'string')
    check.report(slot.keys, `no agent '${name}'; ${hintFor(name, [...agents.keys()])}`);
  return undefined;
}

function actionOf(check: Checker, at: (key: string) => Slot, keys: readonly string[]): string | undefined {
  const [action, description] = [at('action'), at('description')];
  if (action.value !== undefined && description.value !== undefined) {
    check.report(description.keys, 'given beside action, which is the same', 'key');
  }
  const text = check.text(action.value === undefined ? description : action, '');
  if (text.trim() !== '') return text;
  check.report(keys, 'action: missing: what the agent is to do');
  return undefined;
}

function variableOf(check: Checker, slot: Slot): string | undefined {
  const name = check.text(slot, '');
  if (name === '') return undefined;
  if (!isPath(name) || name.includes('.')) check.expected(slot, 'a name: letters, digits, _ and -');
  return name;
}

function fileOf(check: Checker, slot: Slot): string | undefined {
  const path = check.text(slot, '');
  if (path === '') return undefined;
  if (path.startsWith('/') || path.split(/[\\/]/).includes('..')) {
    check.expected(slot, "a path in the working folder, without '..'");
  }
  return path;
}

function readLoop(check: Checker, written: Written, agents: Agents): LoopStep | undefined {
  const { keys, fields, place } = written;
  const loop = check.mapping(check.slot(fields, keys, 'loop'));
  const at = [...keys, 'loop'];
  refuseUnknown(check, loop, at, ['over', 'parallel', 'max_workers'], NOT_HERE);
  const over = overOf(check, check.slot(loop, at, 'over'));
  const steps = fields.steps === undefined ? [ownStep(check, written, agents)] : innerSteps(check, written, agents);
  const facts = factsOf(check, written, 'loop');
  return {
    kind: 'loop',
    ...facts,
    key: keyOf(place, facts.name ?? `loop ${over}`),
    over,
    workers: workersOf(check, loop, at),
    outputVariable: variableOf(check, check.slot(fields, keys, 'output_variable')),
    steps: steps.filter((step) => step !== undefined),
  };
}

/** A path, with braces or without. */
function overOf(check: Checker, slot: Slot): string {
  const text = check.text(slot, '');
  const path = /^\s*\{\{\s*(.*?)\s*\}\}\s*$/.exec(text)?.[1] ?? text;
  if (!isPath(path)) check.expected(slot, 'the name of a list');
  return path;
}

function workersOf(check: Checker, loop: Fields, keys: readonly string[]): number {
  const parallel = check.slot(loop, keys, 'parallel');
  if (parallel.value !== undefined && typeof parallel.value !== 'boolean') check.expected(parallel, 'true or false');
  const form = `a whole number from 1 to ${MOST_WORKERS}`;
  const fits = (n: number) => Number.isSafeInteger(n) && n >= 1 && n <= MOST_WORKERS;
  const most = numberOf(check, check.slot(loop, keys, 'max_workers'), form, fits) ?? DEFAULT_WORKERS;
  return parallel.value === true ? most : 1;
}

function ownStep(check: Checker, written: Written, agents: Agents): AgentStep | undefined {
  const { condition: _, ...fields } = written.fields; // that of the loop
  return readAgentStep(check, { ...written, fields }, agents, OF_LOOP);
}

/** Steps of each item. */
function innerSteps(check: Checker, { keys, fields, place }: Written, agents: Agents): AgentStep[] {
  refuseUnknown(check, fields, keys, ['loop', 'steps', 'name', 'condition', 'output_variable'], NOT_HERE);
  const { value } = check.slot(fields, keys, 'steps');
  if (!Array.isArray(value) || value.length === 0) {
    check.expected({ keys: [...keys, 'steps'], value }, 'a list of steps');
    return [];
  }
  return value.flatMap((one, index) => {
    const at = [...keys, 'steps', String(index)];
    const written = { keys: at, fields: isFields(one) ? one : {}, place: `${place}.${index + 1}` };
    return readAgentStep(check, written, agents, OF_AGENT) ?? [];
  });
}

/** The tasks of the roles in the order of the file; without these each agent once, one fed by the other. */
function withoutSteps(check: Checker, agents: Agents): Step[] {
  if (agents.tasks.length > 0) {
    return agents.tasks.flatMap(({ name, agent, keys, fields }, index) => {
      const whole = { ...fields, agent, name };
      return readAgentStep(check, { keys, fields: whole, place: `${index + 1}` }, agents, OF_AGENT) ?? [];
    });
  }
  return [...agents.agents.keys()].map((agent, index) => ({
    ...EMPTY,
    key: keyOf(`${index + 1}`, agent),
    agent,
    action: index === 0 ? '{{input}}' : '{{previous_output}}',
  }));
}

const EMPTY = {
  kind: 'agent',
  name: undefined,
  condition: undefined,
  expectedOutput: '',
  outputVariable: undefined,
  outputJson: undefined,
  outputFile: undefined,
} as const;

function readIncludes(check: Checker, fields: Fields, before: number): Step[] {
  const names = check.texts(check.slot(fields, [], 'includes'), 'the name of a recipe');
  return names.map((recipe, index) => ({
    kind: 'include',
    recipe,
    key: keyOf(`${before + index + 1}`, recipe),
    name: undefined,
    condition: undefined,
  }));
}
