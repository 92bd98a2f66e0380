/** Tells whoever waits for a task that a worker had it, and could not begin it. */
import type { TaskJson } from '../../wire/task.ts';
import type { VerbContext } from '../verb-context.ts';

export class GivenBack {
  readonly #context: VerbContext;
  #updated: string | undefined;

  constructor(context: VerbContext) {
    this.#context = context;
  }

  /** Looks at a task that waits; one that has not changed since the last look has nothing new to tell. */
  async tell({ task_id: id, status, updated_at, created_at }: TaskJson): Promise<void> {
    if (status !== 'pending' || updated_at === created_at || updated_at === this.#updated) return;
    this.#updated = updated_at;
    const last = await this.#lastEvent(id);
    if (last?.kind !== 'retry_scheduled') return;
    const { begun, error } = JSON.parse(last.data) as { begun?: boolean; error: { message: string } };
    if (begun === false) this.#context.warn(`a worker gave ${id} back without having begun it: ${error.message}`);
  }

  async #lastEvent(id: string) {
    const first = await this.#context.run('events', { id, after: 0, limit: 1 });
    if (first === null || first.lastSeq <= 1) return undefined;
    const page = await this.#context.run('events', { id, after: first.lastSeq - 1, limit: 1 });
    return page?.events[0];
  }
}
