/** Reads `agents` (or `roles`): who they are, and the tasks that roles bring along. */
import { hintFor } from '../../wire/nearest.ts';
import { type Checker, type Fields, isFields, type Slot } from '../fields.ts';
import type { AgentSpec } from './plan.ts';

const KEYS = [
  'role',
  'goal',
  'backstory',
  'instructions',
  'llm',
  'model',
  'tools',
  'tool_choice',
  'max_tokens',
  'temperature',
  'name',
  'verbose',
  'tasks',
  'agent',
];

/** What a file may say of an agent, and this version does not have. */
export const NOT_HERE: Readonly<Record<string, string>> = {
  memory: 'agents have no memory here',
  knowledge: 'agents have no knowledge base here',
  base_url: 'where models are is said by the environment or the configuration, not by a recipe',
  api_key: 'a key stands in the environment, never in a recipe',
  guardrail: 'there are no guardrails here',
  guardrails: 'there are no guardrails here',
  handoff: 'agents hand nothing over here: write steps',
  handoffs: 'agents hand nothing over here: write steps',
};

/** Agents of other media; what they do is not text. */
const OF_MEDIA = ['AudioAgent', 'ImageAgent', 'VideoAgent', 'OCRAgent'];

const NAME = /^[A-Za-z_][\w-]*$/;
const CHOICES = ['auto', 'required', 'none'] as const;

/** A task of a role, in the order of the file. */
export interface RoleTask {
  name: string;
  agent: string;
  /** Where it stands. */
  keys: readonly string[];
  fields: Fields;
}

export interface Agents {
  agents: Map<string, AgentSpec>;
  tasks: RoleTask[];
}

/** Reads all of them; what is wrong goes to the checker. */
export function readAgents(check: Checker, { keys, value }: Slot): Agents {
  const found: Agents = { agents: new Map(), tasks: [] };
  if (!isFields(value) || Object.keys(value).length === 0) {
    check.expected({ keys, value }, 'a mapping of agents by their names');
    return found;
  }
  for (const [name, one] of Object.entries(value)) {
    const at = [...keys, name];
    if (!NAME.test(name)) check.report(at, 'the name of an agent begins with a letter or _, and has no spaces', 'key');
    if (!isFields(one)) check.expected({ keys: at, value: one }, 'a mapping: role, goal, tools…');
    else addAgent(check, found, { name, keys: at, fields: one });
  }
  return found;
}

interface Written {
  name: string;
  keys: string[];
  fields: Fields;
}

function addAgent(check: Checker, found: Agents, { name, keys, fields }: Written): void {
  refuseUnknown(check, fields, keys, KEYS);
  const at = (key: string): Slot => check.slot(fields, keys, key);
  refuseMedia(check, at('agent'));
  if (fields.llm !== undefined && fields.model !== undefined)
    check.report([...keys, 'model'], 'given beside llm', 'key');
  const llm = check.text(at(fields.llm === undefined ? 'model' : 'llm'), '');
  found.agents.set(name, {
    name,
    role: check.text(at('role'), ''),
    goal: check.text(at('goal'), ''),
    backstory: check.text(at('backstory'), ''),
    instructions: check.text(at('instructions'), ''),
    llm: llm === '' ? undefined : llm,
    tools: [...new Set(check.texts(orNone(at('tools')), 'the name of a tool'))],
    toolChoice: choiceOf(check, at('tool_choice')),
    maxTokens: numberOf(check, at('max_tokens'), 'a whole number from 1', (n) => Number.isSafeInteger(n) && n > 0),
    temperature: numberOf(check, at('temperature'), 'a number from 0 to 2', (n) => n >= 0 && n <= 2),
  });
  addTasks(check, found, name, at('tasks'));
}

/** A key without a value is an empty list. */
const orNone = (slot: Slot): Slot => (slot.value === null ? { ...slot, value: [] } : slot);

function refuseMedia(check: Checker, slot: Slot): void {
  if (slot.value === undefined || slot.value === 'Agent') return;
  const isMedia = OF_MEDIA.includes(String(slot.value));
  if (isMedia) check.report(slot.keys, `${slot.value} works on other media than text, which this version does not`);
  else check.expected(slot, "'Agent', or no such key");
}

function choiceOf(check: Checker, slot: Slot): AgentSpec['toolChoice'] {
  const found = CHOICES.find((one) => one === slot.value);
  if (slot.value !== undefined && found === undefined) check.expected(slot, `one of ${CHOICES.join(', ')}`);
  return found;
}

export function numberOf(check: Checker, slot: Slot, form: string, fits: (n: number) => boolean): number | undefined {
  const { value } = slot;
  if (value === undefined) return undefined;
  if (typeof value === 'number' && fits(value)) return value;
  return check.expected(slot, form);
}

function addTasks(check: Checker, found: Agents, agent: string, slot: Slot): void {
  for (const [name, fields] of Object.entries(check.mapping(slot))) {
    const keys = [...slot.keys, name];
    if (isFields(fields)) found.tasks.push({ name, agent, keys, fields });
    else check.expected({ keys, value: fields }, 'a mapping: description, expected_output…');
  }
}

/** Reports keys that are not known, and says of those that other systems have why they are not. */
export function refuseUnknown(
  check: Checker,
  fields: Fields,
  keys: readonly string[],
  known: readonly string[],
  notHere: Readonly<Record<string, string>> = NOT_HERE,
): void {
  for (const key of Object.keys(fields)) {
    if (known.includes(key)) continue;
    const why = Object.hasOwn(notHere, key) ? notHere[key] : undefined;
    check.report([...keys, key], why ?? `unknown key; ${hintFor(key, known)}`, 'key');
  }
}
