/** Tells who waits for a task that nobody has the values for. */

import { shownName } from '../../store/environment.ts';
import type { StoredTask } from '../../store/types.ts';
import type { RecordJson } from '../../wire/convert.ts';
import type { TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';

/** Why no living worker can run a task, as far as variables are the reason. */
export function missingText({ missing, bound }: Pick<StoredTask, 'missing' | 'bound'>): string | undefined {
  if (missing.length === 0) return undefined;
  const names = missing.map(shownName).join(', ');
  if (!bound) return `no living worker has ${names}: start one where that is set`;
  return `no living worker has ${names} as submitted: retry it from where that is set, or run a worker with --any-env`;
}

/** Why a task that is held since its code has changed is not started, and what would help. */
export function changedText({ recipe, version, held }: RecordJson): string | undefined {
  if (held == null) return undefined;
  const began = version == null ? '' : ` and the task is of version ${version}`;
  return `recipe '${recipe}' is version ${held.version} now${began}: retry it from the top, or update it to go on with the code that is there (--code current)`;
}

/** Milliseconds that a task must have stood so: its submitter may be about to hand them over. */
const MISSING_PATIENCE = 500;

export class MissingValues {
  readonly #context: VerbContext;
  #since: number | undefined;

  constructor(context: VerbContext) {
    this.#context = context;
  }

  /** Warns, the same thing once. Answers in how many milliseconds to look again; `Infinity` when nothing is missing. */
  tell({ task_id, warnings = [] }: TaskJson): number {
    if (warnings.length === 0) {
      this.#since = undefined;
      return Number.POSITIVE_INFINITY;
    }
    this.#since ??= performance.now();
    const left = this.#since + MISSING_PATIENCE - performance.now();
    if (left > 0) return left;
    for (const text of warnings) this.#context.warn(`${task_id}: ${text}`);
    return Number.POSITIVE_INFINITY;
  }
}
