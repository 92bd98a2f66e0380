/** An agent without a recipe: it is given a prompt, and what it answers is the result. */
import type { AgentsPlan } from './plan.ts';
import type { PlanTree } from './plan-tree.ts';

/** The recipe that a prompt is a task of, where no agent is named. */
export const PROMPT = 'prompt';

/** What a record keeps of it. */
export interface PromptAgent {
  name: string;
  instructions: string;
  /** The model that the configuration gives it. */
  llm?: string;
  tools: readonly string[];
}

/** It is asked once, by its prompt; there is no folder. */
export function planOfPrompt({ name, instructions, llm, tools }: PromptAgent): PlanTree {
  const spec = { name, role: '', goal: '', backstory: '', instructions, llm, tools };
  const step = { key: `1.${name}`, name: undefined, agent: name, action: '{{prompt}}', expectedOutput: '' };
  const plan: AgentsPlan = {
    agents: new Map([[name, { ...spec, toolChoice: undefined, maxTokens: undefined, temperature: undefined }]]),
    steps: [{ ...step, ...NOTHING_MORE }],
    variables: {},
    input: undefined,
    about: {
      version: undefined,
      description: '',
      author: '',
      license: '',
      tags: [],
      env: [],
      variables: [],
      external: [],
    },
    limits: { all: undefined, byTool: {} },
    singleBraces: [],
    warnings: [],
    places: () => undefined,
  };
  return { plan, root: '', defined: [], includes: new Map() };
}

const NOTHING_MORE = {
  kind: 'agent',
  condition: undefined,
  outputVariable: undefined,
  outputJson: undefined,
  outputFile: undefined,
} as const;
