import type { Duration, HandleWaitOptions } from '../wire/task-handle.ts';
import { type Entry, type Execution, LIVE } from './entry.ts';
import type { Inner } from './inner.ts';
import { asParent } from './lend.ts';
import { RunnerTaskHandle } from './runner-handle.ts';
import { looksOnce } from './wait.ts';

/** How somebody came to a handle. */
interface Origin {
  /** The execution whose child the task is. */
  readonly parent: Execution | undefined;
  readonly deduplicated: boolean;
}

/** A handle that is not the entry: its parent's, or that of a submit that has added nothing. */
export class OtherHandle<Result = unknown> extends RunnerTaskHandle<Result> {
  readonly #inner: Inner;
  readonly #task: Entry;
  readonly #origin: Origin;

  constructor(inner: Inner, task: Entry, origin: Origin) {
    super(inner, task.slot, task.order, task.name, undefined, undefined);
    this.#inner = inner;
    this.#task = task;
    this.#origin = origin;
  }

  override get task(): Entry {
    return this.#task;
  }

  override get deduplicated(): boolean {
    return this.#origin.deduplicated;
  }

  /** The parent's slot is lent meanwhile; who only looks once keeps it, as it would have to wait for it. */
  override wait(timeout?: Duration | HandleWaitOptions): Promise<Result> {
    const { parent } = this.#origin;
    if (parent === undefined || this.#task.ended !== LIVE || looksOnce(timeout)) return super.wait(timeout);
    return asParent(this.#inner, parent, this.#task, () => super.wait(timeout));
  }
}
