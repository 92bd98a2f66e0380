import type { TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';
import { GivenBack } from './given-back.ts';
import { MissingValues } from './missing.ts';
import { ensureStandby } from './standby.ts';
import { ensureWorker } from './workers.ts';

/** Sees to the tasks that somebody waits for and that wait for a worker: has one started, and tells what is in the way. */
export class Provider {
  readonly #context: VerbContext;
  readonly #told = new Map<string, { givenBack: GivenBack; missing: MissingValues }>();
  #turn = 0;

  constructor(context: VerbContext) {
    this.#context = context;
  }

  /** Of each recipe one task, in turn, has a worker started. Answers in how many milliseconds to call it again. */
  async provide(tasks: readonly TaskJson[]): Promise<number> {
    let again = Number.POSITIVE_INFINITY;
    await ensureStandby(this.#context);
    for (const task of tasks) again = Math.min(again, await this.#tell(task));
    for (const waiting of byRecipe(tasks.filter(({ status }) => status === 'pending')).values()) {
      await ensureWorker(this.#context, waiting[this.#turn % waiting.length] as TaskJson);
    }
    this.#turn += 1;
    return again;
  }

  async #tell(task: TaskJson): Promise<number> {
    let told = this.#told.get(task.task_id);
    if (told === undefined) {
      told = { givenBack: new GivenBack(this.#context), missing: new MissingValues(this.#context) };
      this.#told.set(task.task_id, told);
    }
    await told.givenBack.tell(task);
    return told.missing.tell(task);
  }
}

function byRecipe(tasks: readonly TaskJson[]): Map<string, TaskJson[]> {
  const groups = new Map<string, TaskJson[]>();
  for (const task of tasks) {
    const group = groups.get(task.recipe);
    if (group === undefined) groups.set(task.recipe, [task]);
    else group.push(task);
  }
  return groups;
}
