/** The exit codes, all of them, and which error has which. */
import { isTaskError, TaskError } from '../errors/base.ts';
import type { TaskJson, TaskStatus } from '../wire/task.ts';

/** Every exit code with what it means; the root's help prints this table. */
export const EXIT = {
  ok: { code: 0, means: 'ok' },
  unexpected: { code: 1, means: 'an unexpected error, or a store that cannot be used' },
  usage: { code: 2, means: 'wrong usage, or a value or recipe that is not valid' },
  failed: { code: 3, means: 'the task failed' },
  refused: { code: 4, means: 'refused: policy, conflict, or the task has not finished' },
  timeout: { code: 5, means: 'the wait timed out; the task runs on' },
  dependency: { code: 6, means: 'a dependency is missing' },
  notFound: { code: 7, means: 'no such task, recipe or schedule' },
  cancelled: { code: 8, means: 'the task was cancelled' },
  interrupted: { code: 130, means: 'ended by Ctrl-C (SIGINT)' },
  terminated: { code: 143, means: 'ended by SIGTERM' },
} as const;

export type ExitName = keyof typeof EXIT;

/** Errors by code. A task's own failure codes are absent: only commands that exit by the task know whose error it is. */
const BY_CODE: Readonly<Record<string, ExitName>> = {
  invalid_argument: 'usage',
  recipe_invalid: 'usage',
  unserializable: 'usage',
  queue_full: 'refused',
  policy_denied: 'refused',
  conflict: 'refused',
  feed_reset: 'refused',
  not_finished: 'refused',
  wait_timeout: 'timeout',
  missing_dependency: 'dependency',
  codec: 'dependency',
  task_not_found: 'notFound',
  not_found: 'notFound',
  recipe_not_found: 'notFound',
  cancelled: 'cancelled',
  interrupted: 'interrupted',
  terminated: 'terminated',
};

/** The task that a command exits by did not complete. A failed one keeps its own code, `cancelled` is the other. */
export class TaskEndedError extends TaskError {
  override readonly name = 'TaskEndedError';
  readonly exit: number;
  constructor({ task_id, status, error }: TaskJson) {
    const message =
      status === 'cancelled' ? `task ${task_id} was cancelled` : (error?.message ?? `task ${task_id} failed`);
    super(status === 'cancelled' ? 'cancelled' : (error?.code ?? 'failed'), message, {
      taskId: task_id,
      details: { ...error, task_id, status },
    });
    this.exit = exitOfTask(status);
  }
}

/** The exit code of a command that ended with this error. */
export function exitOfError(error: unknown): number {
  if (error instanceof TaskEndedError) return error.exit;
  return isTaskError(error) ? exitOfCode(error.code) : EXIT.unexpected.code;
}

/** The exit code of a command that tells of an error with this code beside what it has done. */
export function exitOfCode(code: string): number {
  const known = Object.hasOwn(BY_CODE, code) ? BY_CODE[code] : undefined;
  return EXIT[known ?? 'unexpected'].code;
}

/** The exit code of a command that exits by its task; a task that is still live counts as a wait that timed out. */
export function exitOfTask(status: TaskStatus): number {
  if (status === 'completed') return EXIT.ok.code;
  if (status === 'failed') return EXIT.failed.code;
  return status === 'cancelled' ? EXIT.cancelled.code : EXIT.timeout.code;
}

/** From bad to good: whoever waits for several is told the worst that became of one. */
const WORST_FIRST = [EXIT.failed, EXIT.cancelled, EXIT.timeout];

/** The exit code of a command that exits by several tasks. */
export function exitOfTasks(statuses: readonly TaskStatus[]): number {
  const codes = statuses.map(exitOfTask);
  return WORST_FIRST.find(({ code }) => codes.includes(code))?.code ?? EXIT.ok.code;
}
