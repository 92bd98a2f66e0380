/**
 * One step of an agent: it is asked, uses tools, is asked again, until it answers.
 *
 * 1. A model call is one stored step, and so is the use of a tool: a run that begins anew repeats neither.
 * 2. So many calls and no more: a model that never stops using tools fails the task.
 */
import { askOnce } from './ask-once.ts';
import { AgentError } from './failure.ts';
import type { Message, ModelAnswer, Question } from './model/types.ts';
import type { AgentSpec } from './plan.ts';
import type { TalkRun } from './run-facts.ts';
import { type OutputForm, readStructured, repairText } from './structured.ts';
import { type ToolUse, useTool } from './tool-use.ts';

export interface Conversation extends ToolUse {
  /** Begins the keys of what is stored. */
  key: string;
  agent: AgentSpec;
  messages: Message[];
  /** Conversations that may be under way beside each other, this one counted. */
  atOnce: number;
  /** What the outcome has to be; undefined: a text. */
  form: OutputForm | undefined;
}

/** Answers with the text, or with what fits the schema. */
export async function converse(talk: Conversation): Promise<unknown> {
  const { run, messages, form, key } = talk;
  let repaired = false;
  for (let turn = 1; turn <= run.settled.max_turns; turn += 1) {
    const answer = await ask(talk, turn);
    if (answer.tool_calls.length > 0) {
      messages.push(saidWith(answer));
      await useTools(talk, answer, turn);
      continue;
    }
    if (answer.finish_reason === 'length' && form !== undefined)
      throw failure(talk, 'output_invalid', 'the output was cut: the model had no tokens left');
    if (form === undefined) return answer.text;
    const read = await readStructured(form, answer.text);
    if ('value' in read) return read.value;
    if (repaired) throw failure(talk, 'output_invalid', `the output does not fit its schema: ${read.problem}`);
    repaired = true;
    messages.push({ role: 'assistant', content: answer.text }, { role: 'user', content: repairText(read.problem) });
  }
  const calls = run.settled.max_turns;
  throw failure(talk, 'max_turns', `${key}: ${calls} model calls and no answer (max_turns: ${calls})`, {
    limit: calls,
  });
}

const ask = (talk: Conversation, turn: number): Promise<ModelAnswer> => {
  const { run, key, atOnce } = talk;
  return askOnce({ run, step: key, key: `${key}:${turn}`, question: questionOf(talk, turn), atOnce });
};

function questionOf({ run, agent, messages, tools, form }: Conversation, turn: number): Question {
  return {
    model: modelOf(run, agent),
    messages,
    tools: tools.map(({ name, description, parameters }) => ({ name, description, parameters })),
    // 'required' at every call would never end
    toolChoice: agent.toolChoice === 'required' && turn > 1 ? undefined : agent.toolChoice,
    maxTokens: agent.maxTokens,
    temperature: agent.temperature,
    schema: run.settled.structured ? form?.asked : undefined,
  };
}

/** As it was settled at the submit. */
const modelOf = ({ settled: { models } }: TalkRun, { llm = '' }: AgentSpec): string =>
  (Object.hasOwn(models, llm) ? models[llm] : undefined) ?? llm;

const saidWith = ({ text, tool_calls }: ModelAnswer): Message => ({
  role: 'assistant',
  content: text === '' ? null : text,
  tool_calls: tool_calls.map((call, index) => ({
    id: idOf(call.id, index),
    type: 'function',
    function: { name: call.name, arguments: call.arguments },
  })),
});

/** Some servers give their calls no ids. */
const idOf = (id: string, index: number): string => (id === '' ? `call_${index}` : id);

/** One after the other: what one does another may need. */
async function useTools(talk: Conversation, { tool_calls }: ModelAnswer, turn: number): Promise<void> {
  for (const [index, call] of tool_calls.entries()) {
    const content = await useTool(call, { step: talk.key, call: `${turn}.${index + 1}` }, talk);
    talk.messages.push({ role: 'tool', tool_call_id: idOf(call.id, index), content });
  }
}

function failure(
  { run, agent, key }: Conversation,
  reason: AgentError['facts']['reason'],
  message: string,
  more: object = {},
): AgentError {
  return new AgentError(message, { reason, model: modelOf(run, agent), endpoint: run.endpoint, step: key, ...more });
}
