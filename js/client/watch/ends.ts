/**
 * Who waits in this process for the end of a task: one watch, and one look, for all of them.
 *
 * 1. What a commit of this process has ended comes with the commit: its waiters are told, and nobody else.
 * 2. Of a commit of another process nothing is known. Few waiters look each for himself; of many it is asked once who has ended,
 *    and the others go on waiting: a worker that they lack, and what keeps them waiting, they see to once a second.
 * 3. Whoever registers looks once afterwards: what came before was not told.
 */
import type { Commit } from '../../ports/backend.ts';
import type { Store } from '../../store/types.ts';
import type { VerbContext } from '../verb-context.ts';

/** Whether one of these tasks may have ended by a commit. */
export function mayEnd(commit: Commit | undefined, tasks: { has(id: string): boolean }): boolean {
  if (commit === undefined) return true;
  return commit.topics.includes('outcome') && (commit.ended?.some((id) => tasks.has(id)) ?? true);
}

/** So many look each for himself. */
const FEW = 16;

const all = new WeakMap<VerbContext, Ends>();

export function endsOf(context: VerbContext): Ends {
  let ends = all.get(context);
  if (ends === undefined) {
    ends = new Ends();
    all.set(context, ends);
  }
  return ends;
}

export class Ends {
  readonly #waiting = new Map<string, Set<() => void>>();
  #store: Store | undefined;
  #unwatch: () => void = () => {};
  #looking = false;
  #again = false;

  /** Whether somebody waits: then a commit from now on is told. */
  get isWatching(): boolean {
    return this.#store !== undefined;
  }

  /** Calls `ring` when the task may have ended. Returns what ends it. */
  watch(store: Store, id: string, ring: () => void): () => void {
    this.#use(store);
    const waiters = this.#waiting.get(id) ?? new Set();
    this.#waiting.set(id, waiters.add(ring));
    return () => {
      waiters.delete(ring);
      if (waiters.size === 0 && this.#waiting.get(id) === waiters) this.#waiting.delete(id);
      if (this.#waiting.size === 0) this.#leave();
    };
  }

  /** The file may have been replaced since, and another one be watched. */
  #use(store: Store): void {
    if (this.#store === store) return;
    this.#unwatch();
    this.#store = store;
    this.#unwatch = store.watch((commit) => this.#hear(commit));
  }

  #leave(): void {
    this.#unwatch();
    this.#unwatch = () => {};
    this.#store = undefined;
  }

  #hear(commit: Commit | undefined): void {
    if (commit !== undefined && !commit.topics.includes('outcome')) return;
    if (commit?.ended !== undefined) this.#ring(commit.ended);
    else if (this.#waiting.size <= FEW) this.#ring([...this.#waiting.keys()]);
    else void this.#look();
  }

  #ring(ids: Iterable<string>): void {
    for (const id of ids) for (const ring of this.#waiting.get(id) ?? []) ring();
  }

  /** One look at a time; what is heard meanwhile makes another one follow. */
  async #look(): Promise<void> {
    this.#again = true;
    if (this.#looking) return;
    this.#looking = true;
    while (this.#again) {
      this.#again = false;
      await this.#lookOnce();
    }
    this.#looking = false;
  }

  async #lookOnce(): Promise<void> {
    const ids = [...this.#waiting.keys()]; // one that comes meanwhile looks for himself
    try {
      const live = new Set(await this.#store?.run('live', { ids }));
      this.#ring(ids.filter((id) => !live.has(id)));
    } catch {
      this.#ring(ids); // each asks, and is told what is wrong
    }
  }
}
