/**
 * The sessions of a task's queries, in which the Claude Agent SDK keeps on its machine what was said. The n-th query that
 * has begun has the n-th session; one whose result has come has told what it used.
 */
import type { AgentTask } from './framework.ts';

/** The last query that has begun in this task. */
export interface LastQuery {
  number: number;
  session: string;
  /** It ended without a result, so nobody says what it has used. */
  isLost: boolean;
}

/** Undefined where none has begun. */
export async function lastQuery(task: AgentTask): Promise<LastQuery | undefined> {
  let last: { number: number; session: string } | undefined;
  for (let number = 1; ; number += 1) {
    const session = await stored(task, sessionKey(task, number));
    if (session === undefined) break;
    last = { number, session };
  }
  return last && { ...last, isLost: (await stored(task, toldKey(task, last.number))) === undefined };
}

export const keepSession = (task: AgentTask, number: number, session: string): Promise<string> =>
  task.step(sessionKey(task, number), async () => session);

export const keepTold = (task: AgentTask, number: number): Promise<string> =>
  task.step(toldKey(task, number), async () => 'told');

/** Of this very task: one whose steps another has kept is not that one's to resume. */
const sessionKey = ({ taskId }: AgentTask, number: number): string =>
  number === 1 ? `agent:session:${taskId}` : `agent:session:${taskId}:${number}`;

const toldKey = ({ taskId }: AgentTask, number: number): string => `agent:told:${taskId}:${number}`;

const NONE = new Error('no such step is stored');

const stored = (task: AgentTask, key: string): Promise<string | undefined> =>
  task
    .step<string>(key, () => Promise.reject(NONE))
    .catch((error: unknown) => {
      if (error === NONE) return undefined;
      throw error;
    });
