/** Which framework an agent is of. */
import { aiSdk } from './ai-sdk.ts';
import { claude } from './claude.ts';
import { type Framework, isShape } from './framework.ts';
import { langchain } from './langchain.ts';
import { mastra } from './mastra.ts';
import { openaiAgents } from './openai-agents.ts';

/** The first that knows it is meant. */
const ALL: readonly Framework[] = [aiSdk, langchain, mastra, openaiAgents, claude];

/** Undefined for what is of none: an object with a method that takes a prompt, or a function. */
export const frameworkOf = (agent: unknown): Framework | undefined =>
  isShape(agent) ? ALL.find((framework) => framework.is(agent)) : undefined;

export type { AgentMessage, AgentPrompt, AgentTask, OpenAIAgentsRun } from './framework.ts';
export { needRun, openaiAgents } from './openai-agents.ts';
