/** Reads an `agents.yaml`. Nothing is run, and nothing but this file is looked at. */
import { readFileSync, statSync } from 'node:fs';
import { RecipeValidationError } from '../../errors/recipe.ts';
import { readText } from '../../wire/text.ts';
import { Checker, type Fields, type Slot } from '../fields.ts';
import { readYaml } from '../yaml.ts';
import type { AgentsAbout, AgentsPlan, ToolLimits } from './plan.ts';
import { numberOf, readAgents, refuseUnknown } from './read-agents.ts';
import { readSteps } from './read-steps.ts';

const KEYS = [
  'agents',
  'roles',
  'steps',
  'variables',
  'input',
  'topic',
  'includes',
  'context',
  'metadata',
  'name',
  'description',
  'framework',
  'process',
];

const LIMIT = 256 * 1024;

/** The text of the file at `path`; `file` is what people know it by. `RecipeValidationError` for what is none. */
export function readAgentsText(path: string, file: string, recipe: string): string {
  const { size } = statSync(path);
  const wrong = (message: string) => new RecipeValidationError(recipe, [{ path: file, message }]);
  if (!statSync(path).isFile()) throw wrong('is not a file');
  if (size > LIMIT) throw wrong(`has ${size} bytes, the limit is ${LIMIT}`);
  const { text, problem } = readText(readFileSync(path));
  if (text === undefined) throw wrong(`expected text in UTF-8, but it ${problem}`);
  return text;
}

/** Reads and checks its text. `RecipeValidationError` with everything that is wrong, each with line and column. */
export function readPlan(text: string, file: string, recipe: string): AgentsPlan {
  const yaml = readYaml(file, text);
  const check = new Checker(yaml);
  if (yaml.problems.length > 0) throw new RecipeValidationError(recipe, check.problems);
  const plan = planOf(check, check.mapping({ keys: [], value: yaml.value }));
  if (check.problems.length > 0) throw new RecipeValidationError(recipe, inOrder(check.problems));
  return plan;
}

const inOrder = (problems: RecipeValidationError['errors']) =>
  [...problems].sort((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));

function planOf(check: Checker, fields: Fields): AgentsPlan {
  refuseUnknown(check, fields, [], KEYS);
  const at = (key: string): Slot => check.slot(fields, [], key);
  const process = at('process');
  if (process.value !== undefined && process.value !== 'sequential') check.expected(process, "'sequential'");
  const slot = oneOf(check, at('agents'), at('roles'));
  const agents = readAgents(check, slot);
  const about = readAbout(check, fields);
  const variables = check.mapping(at('variables'));
  const { limits, warnings } = readContext(check, at('context'));
  const isCrew = check.text(at('framework'), '') === 'crewai';
  return {
    agents: agents.agents,
    steps: readSteps(check, fields, agents),
    variables,
    input: readInput(check, oneOf(check, at('input'), at('topic'))),
    about,
    limits,
    singleBraces: isCrew ? [...new Set([...Object.keys(variables), ...about.variables, 'input', 'topic'])] : [],
    warnings,
    places: (agent) => check.place([...slot.keys, agent, 'tools']),
  };
}

/** Of two names of one key the one that is there. */
function oneOf(check: Checker, first: Slot, second: Slot): Slot {
  if (first.value !== undefined && second.value !== undefined) {
    check.report(second.keys, `given beside ${first.keys.join('.')}, which is the same`, 'key');
  }
  return first.value === undefined && second.value !== undefined ? second : first;
}

function readInput(check: Checker, slot: Slot): string | undefined {
  return slot.value === undefined ? undefined : check.text(slot, '');
}

const OF_METADATA = ['name', 'version', 'description', 'author', 'license', 'tags', 'requires'];
const OF_REQUIRES = ['env', 'variables', 'packages', 'external'];

function readAbout(check: Checker, fields: Fields): AgentsAbout {
  const metadata = check.mapping(check.slot(fields, [], 'metadata'));
  refuseUnknown(check, metadata, ['metadata'], OF_METADATA);
  const requires = check.mapping(check.slot(metadata, ['metadata'], 'requires'));
  refuseUnknown(check, requires, ['metadata', 'requires'], OF_REQUIRES);
  const text = (key: string): string => check.text(check.slot(metadata, ['metadata'], key), '');
  const list = (key: string, form: string, fits: RegExp): string[] => {
    const slot = check.slot(requires, ['metadata', 'requires'], key);
    return check.texts(slot.value === null ? { ...slot, value: [] } : slot, form, (one) => fits.test(one));
  };
  const version = text('version');
  return {
    version: version === '' ? undefined : version,
    description: text('description') || check.text(check.slot(fields, [], 'description'), ''),
    author: text('author'),
    license: text('license'),
    tags: check.texts(check.slot(metadata, ['metadata'], 'tags')),
    env: list('env', 'the name of an environment variable', /^[A-Za-z_][A-Za-z0-9_]*$/),
    variables: list('variables', 'a name: letters, digits, _ and -', /^[A-Za-z_][\w-]*$/),
    external: list('external', 'the name of a program, without a path', /^[^/\\\0]+$/),
  };
}

/** Bounds of what tools tell; the rest is about keeping a conversation short, which nothing here does by itself. */
function readContext(check: Checker, slot: Slot): { limits: ToolLimits; warnings: string[] } {
  const fields = check.mapping(slot);
  const isCount = (n: number): boolean => Number.isSafeInteger(n) && n > 0;
  const form = 'tokens: a whole number from 1';
  const limits = check.slot(fields, slot.keys, 'tool_summarize_limits');
  const byTool = Object.entries(check.mapping(limits)).flatMap(([tool, value]): [string, number][] => {
    const most = numberOf(check, { keys: [...limits.keys, tool], value }, form, isCount);
    return most === undefined ? [] : [[tool, most]];
  });
  const all = numberOf(check, check.slot(fields, slot.keys, 'max_tool_output_tokens'), form, isCount);
  const others = Object.keys(fields).filter(
    (key) => !['tool_summarize_limits', 'max_tool_output_tokens'].includes(key),
  );
  const warnings = others.length === 0 ? [] : [`context: ignored: ${others.join(', ')}`];
  return { limits: { all, byTool: Object.fromEntries(byTool) }, warnings };
}
