/** What this process alone knows of tasks: it cannot be stored, and is forgotten when there is too much of it. */
import type { Scope } from '../platform/scope.ts';
import type { Store, Submit } from '../store/types.ts';
import type { SubmitAlong } from '../worker/index.ts';
import { KnownTasks } from './known-tasks.ts';

/** So many tasks are remembered, those that came last. */
const MOST_THROWN = 500;
const MOST_LIVE = 10_000;

/** By task id. */
export class Here {
  /** What a recipe in code threw last: the cause of the error that its waiters get. */
  readonly thrown = new Recent<unknown>(MOST_THROWN);
  /** The reason of the signal that cancelled it: the cause of what its code and its waiters get. */
  readonly abortedWith = new Recent<unknown>(MOST_THROWN);
  /** The async context of its submit, while it lives and where something was set. */
  readonly scopes = new Recent<Scope>(MOST_LIVE);
  /** The workers here. */
  readonly staff = new Set<Working>();
  #known: KnownTasks | undefined;

  /** How tasks stand that were submitted here and run here. */
  get known(): KnownTasks {
    this.#known ??= new KnownTasks();
    return this.#known;
  }

  /** A worker of that store which may run what is submitted: it goes along with what that has for the store. */
  workerFor(store: Store, { tasks }: Submit): Working | undefined {
    for (const one of this.staff) if (one.store === store && tasks.some(({ code }) => one.runs(code))) return one;
    return undefined;
  }
}

/** A worker in this process. */
export interface Working {
  store: Store;
  /** Whether it runs that recipe in code; null: recipes that are folders. */
  runs(code: string | null): boolean;
  submit: SubmitAlong;
}

class Recent<Value> {
  readonly #all = new Map<string, Value>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  /** In an object, as what was thrown may be undefined. */
  get(task: string): { value: Value } | undefined {
    return this.#all.has(task) ? { value: this.#all.get(task) as Value } : undefined;
  }

  set(task: string, value: Value): void {
    this.#all.delete(task);
    this.#all.set(task, value);
    const [oldest] = this.#all.keys();
    if (oldest !== undefined && this.#all.size > this.#most) this.#all.delete(oldest);
  }

  delete(task: string): void {
    this.#all.delete(task);
  }
}
