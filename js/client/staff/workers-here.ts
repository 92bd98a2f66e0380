/** Workers in this process: for recipes in code, which nobody else has, and in an app that is its own worker. */
import { invalid } from '../../errors/index.ts';
import type { Recipe } from '../../ports/recipe.ts';
import type { AppWorkOptions, Worker } from '../../ports/worker.ts';
import { checkObject } from '../../wire/check.ts';
import type { Soon } from '../../wire/soon.ts';
import { knowRecipe } from '../known-recipes.ts';
import type { StaffHere, VerbContext, WantedHere } from '../verb-context.ts';
import { startWork } from './work.ts';
import { warnNoWorker } from './workers.ts';

/** What a worker that starts runs. */
interface Given {
  concurrency?: number | undefined;
  folders: boolean;
  recipes: readonly Recipe[];
}

interface Running {
  worker: Worker;
  folders: boolean;
  recipes: ReadonlySet<string>;
}

const all = new WeakMap<VerbContext, WorkersHere>();

/** The workers in this process that belong to a client. */
export function workersHere(context: VerbContext): WorkersHere {
  let here = all.get(context);
  if (here === undefined) {
    here = new WorkersHere(context);
    all.set(context, here);
    context.onClose(() => (here as WorkersHere).close());
  }
  return here;
}

const WORK_KEYS: Record<keyof AppWorkOptions, true> = { concurrency: true, recipes: true, folders: true };

/** Starts a worker in this process. By default it runs folders only when it is given no recipes in code. */
export async function startWorker(context: VerbContext, options: AppWorkOptions = {}): Promise<Worker> {
  checkObject('options', options, WORK_KEYS);
  const { recipes = [], folders = options.recipes === undefined } = options;
  if (!Array.isArray(recipes)) throw invalid('recipes', recipes, 'an array of recipes');
  for (const recipe of recipes) knowRecipe(context, recipe);
  return workersHere(context).start({ concurrency: options.concurrency, recipes, folders });
}

export class WorkersHere implements StaffHere {
  readonly #context: VerbContext;
  readonly #running = new Set<Running>();
  /** Starts come one after the other, so that none is started twice. */
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(context: VerbContext) {
    this.#context = context;
  }

  /** Starts a worker for what none of those here runs. What cannot be started is a warning: the tasks are stored. */
  ensure(wanted: WantedHere): Soon<void> {
    if (this.#isMet(wanted)) return undefined;
    return this.#next(async () => {
      if (this.#closed || this.#isMet(wanted)) return;
      const folders = wanted.folders && !this.#has((one) => one.folders);
      const names = this.#unserved(wanted.recipes);
      const recipes = names.flatMap((name) => this.#context.recipes.get(name) ?? []);
      await this.#start({ folders, recipes }).catch((error) => warnNoWorker(this.#context, error));
    });
  }

  #isMet({ folders, recipes }: WantedHere): boolean {
    return (!folders || this.#has((one) => one.folders)) && this.#unserved(recipes).length === 0;
  }

  #unserved(recipes: readonly string[]): string[] {
    return [...new Set(recipes)].filter((name) => !this.#has((one) => one.recipes.has(name)));
  }

  #has(is: (one: Running) => boolean): boolean {
    for (const one of this.#running) if (is(one)) return true;
    return false;
  }

  start(options: Given): Promise<Worker> {
    return this.#next(() => this.#start(options));
  }

  async #start(options: Given): Promise<Worker> {
    const worker = await startWork(this.#context, options);
    const running = { worker, folders: options.folders, recipes: new Set(options.recipes.map(({ name }) => name)) };
    this.#running.add(running);
    const forget = (): void => void this.#running.delete(running);
    worker.done.then(forget, (error: unknown) => {
      forget();
      process.emitWarning(`the worker in this process ended: ${(error as Error).message}`, {
        code: 'OFFSTAGE_WORKER_ENDED',
      });
    });
    return worker;
  }

  #next<T>(start: () => Promise<T>): Promise<T> {
    const next = this.#last.then(start);
    this.#last = next.catch(() => {});
    return next;
  }

  /** Stops them in order; what runs gets no further time. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#last;
    await Promise.allSettled([...this.#running].map(({ worker }) => worker.stop(0)));
  }
}
