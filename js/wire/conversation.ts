/** What was said in a session: prompts and answers, in order. */

/** One thing that was said. */
export interface SessionMessage {
  /** The task that was asked, and that has answered. */
  task_id: string;
  /** Who said it; `tool`: what one gave that the assistant has used. */
  role: 'user' | 'assistant' | 'tool';
  /** A text; of an answer that is none, its JSON. */
  content: string;
  /** Tools that the assistant used, as OpenAI's chat API has them; absent: none. */
  tool_calls?: readonly SaidCall[];
  /** Which call this is of; of a tool only. */
  tool_call_id?: string;
  /** When the task had ended: ISO-8601, UTC. */
  at: string;
}

/** A use of a tool as it was asked for. */
export interface SaidCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** Uses of tools between a prompt and its answer, as they are stored. */
export type Said = { role: 'assistant' | 'tool'; content: string | null } & Pick<
  SessionMessage,
  'tool_calls' | 'tool_call_id'
>;

/** The step of a task in which its uses of tools are kept for those who go on with its session. */
export const SAID_STEP = 'conversation:said';

/** A prompt with its answer, as JSON texts. */
export interface Exchanged {
  task_id: string;
  /** Milliseconds since the epoch. */
  at: number;
  input: string;
  /** What stands between them. */
  said?: string;
  result: string;
}

/** So many are told at most, the last ones. */
export const MOST_EXCHANGES = 100;

export function messagesOf(exchanges: readonly Exchanged[]): SessionMessage[] {
  return exchanges.flatMap(({ task_id, at: ms, input, said = '[]', result }) => {
    const at = new Date(ms).toISOString();
    const between = (JSON.parse(said) as Said[]).map((one) => ({ task_id, ...one, content: one.content ?? '', at }));
    return [
      { task_id, role: 'user', content: promptOf(JSON.parse(input)), at },
      ...between,
      { task_id, role: 'assistant', content: textOf(JSON.parse(result)), at },
    ];
  });
}

/** What a task of a prompt was asked: its text, and behind it the ends of tasks that it is told of. */
export function promptOf(input: unknown): string {
  const { prompt, ended } = (input ?? {}) as { prompt?: unknown; ended?: unknown };
  const text = textOf(prompt ?? input);
  return ended === undefined ? text : `${text}\n\nTasks that you have started have ended:\n${JSON.stringify(ended)}`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
