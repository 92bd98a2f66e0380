/** What was said in a session: prompts and answers, in order. */

/** One thing that was said. */
export interface SessionMessage {
  /** The task that was asked, and that has answered. */
  task_id: string;
  /** Who said it. */
  role: 'user' | 'assistant';
  /** A text; of an answer that is none, its JSON. */
  content: string;
  /** When the task had ended: ISO-8601, UTC. */
  at: string;
}

/** A prompt with its answer, as JSON texts. */
export interface Exchanged {
  task_id: string;
  /** Milliseconds since the epoch. */
  at: number;
  input: string;
  result: string;
}

/** So many are told at most, the last ones. */
export const MOST_EXCHANGES = 100;

export function messagesOf(exchanges: readonly Exchanged[]): SessionMessage[] {
  return exchanges.flatMap(({ task_id, at: ms, input, result }) => {
    const at = new Date(ms).toISOString();
    return [
      { task_id, role: 'user', content: promptOf(JSON.parse(input)), at },
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
