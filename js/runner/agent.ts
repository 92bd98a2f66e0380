import { InvalidArgumentError } from '../errors/index.ts';
import type { AbortSignal } from '../wire/globals.ts';
import type { Work } from './entry.ts';
import type { TaskContext } from './task-context.ts';

const METHODS = ['start', 'chat', 'run', 'execute'] as const;

/** Something that answers a prompt: a function, or an object with one of these methods; the first one it has is called. */
export type Agent =
  | ((prompt: string, options: { signal: AbortSignal }) => unknown)
  | {
      [method in (typeof METHODS)[number]]?:
        | ((prompt: string, options: { signal: AbortSignal }) => unknown)
        | undefined;
    };

/** The work of asking an agent; it is given the task's signal. */
export function agentWork(agent: Agent, prompt: string): Work {
  if (typeof agent === 'function') return ({ signal }: TaskContext) => agent(prompt, { signal });
  const method = METHODS.find((name) => typeof agent?.[name] === 'function');
  if (method === undefined) {
    throw new InvalidArgumentError('Agent must have start(), chat(), or run() method', { option: 'agent' });
  }
  return ({ signal }: TaskContext) => agent[method]?.(prompt, { signal });
}
