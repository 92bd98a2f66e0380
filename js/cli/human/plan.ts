/** What an agents recipe would do, for people. */
import { escaped } from './escape.ts';

interface Plan {
  inputs: { required: string[]; defaults: Record<string, unknown> };
  agents: { name: string; model: string | null; tools: string[] }[];
  steps: { step: string; agent?: string; include?: string; loop?: string; agents?: string[] }[];
  tools: { name: string; from: string; policy: string }[];
  endpoint: string | null;
  limits: { max_turns: number; budget: Record<string, number> };
  includes: { name: string; path: string }[];
  warnings: string[];
}

/** A line each: inputs, agents, steps, tools, endpoint, includes, warnings. */
export function planText(plan: Record<string, unknown>): string {
  const { inputs, agents, steps, tools, endpoint, limits, includes, warnings } = plan as unknown as Plan;
  const rows: [string, string][] = [
    ['Inputs', [...inputs.required.map((name) => `${name} (required)`), ...Object.keys(inputs.defaults)].join(', ')],
    ...agents.map(({ name, model }): [string, string] => ['Agent', `${name}: ${model ?? 'no model yet'}`]),
    ...steps.map((step): [string, string] => ['Step', stepText(step)]),
    ...tools.map(({ name, from, policy }): [string, string] => ['Tool', `${name} (${from}): ${policy}`]),
    ['Endpoint', endpoint ?? 'none: set OPENAI_API_KEY or OPENAI_BASE_URL'],
    ['Limits', limitsText(limits)],
    ...includes.map(({ name, path }): [string, string] => ['Include', `${name}: ${path}`]),
    ...warnings.map((text): [string, string] => ['Warning', text]),
  ];
  return rows.flatMap(([what, text]) => (text === '' ? [] : [`${what}: ${escaped(text)}`])).join('\n');
}

function limitsText({ max_turns: turns, budget }: Plan['limits']): string {
  const bounds = Object.entries(budget).map(([key, most]) => `budget.${key} ${most}`);
  return [`${turns} model calls a step`, ...bounds].join(', ');
}

function stepText({ step, agent, include, loop, agents = [] }: Plan['steps'][number]): string {
  if (include !== undefined) return `${step} includes ${include}`;
  if (loop !== undefined) return `${step} for each of ${loop}: ${agents.join(', ')}`;
  return `${step} by ${agent}`;
}
