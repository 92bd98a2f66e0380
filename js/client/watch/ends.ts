/**
 * Who waits in this process for the end of a task: one watch, and one look, for all of them.
 *
 * 1. What a commit of this process has ended comes with the commit: its waiters are told, and nobody else.
 * 2. Of a commit of another process nothing is known. Few waiters look each for himself; for many the feed is read once, from
 *    where it was read last, so that it costs what has changed. What is due is decided for all of them once a second; a
 *    worker that they lack, and what keeps them waiting, they see to themselves, the more rarely the more they are.
 * 3. Whoever registers looks once afterwards: what came before was not told.
 */
import type { Commit } from '../../ports/backend.ts';
import type { EventPlace, Store } from '../../store/types.ts';
import type { VerbContext } from '../verb-context.ts';
import { DECIDE_EVERY } from './bell.ts';

/** So many look each for himself. */
const FEW = 16;
/** So many may look once a second. */
const LOOKS = 500;

const all = new WeakMap<VerbContext, Ends>();

export function endsOf(context: VerbContext): Ends {
  let ends = all.get(context);
  if (ends === undefined) {
    ends = new Ends(() => context.due());
    all.set(context, ends);
  }
  return ends;
}

export class Ends {
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #decide: () => Promise<unknown>;
  #store: Store | undefined;
  /** Up to where the feed was read. */
  #at: EventPlace | null = null;
  #clock: NodeJS.Timeout | undefined;
  #unwatch: () => void = () => {};
  #looking = false;
  #again = false;

  /** `decide` decides what is due. */
  constructor(decide: () => Promise<unknown> = async () => {}) {
    this.#decide = decide;
  }

  /** Whether somebody waits: then a commit from now on is told. */
  get isWatching(): boolean {
    return this.#store !== undefined;
  }

  /** Milliseconds after which one of them looks although nothing has rung. */
  get patience(): number {
    return DECIDE_EVERY * Math.max(1, this.#waiting.size / LOOKS);
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
    this.#at = null;
    this.#clock ??= setInterval(() => this.#tick(), DECIDE_EVERY).unref(); // who waits keeps the process alive
    this.#unwatch = store.watch((commit) => this.#hear(commit));
  }

  #leave(): void {
    this.#unwatch();
    this.#unwatch = () => {};
    this.#store = undefined;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  #hear(commit: Commit | undefined): void {
    if (commit !== undefined && !commit.topics.includes('outcome')) return;
    if (commit?.ended !== undefined) this.#ring(commit.ended);
    else if (this.#waiting.size <= FEW) this.#ring([...this.#waiting.keys()]);
    else void this.#look();
  }

  /** The safety net of many: few have one each. */
  #tick(): void {
    if (this.#waiting.size <= FEW) return;
    this.#decide().catch(() => {}); // the next look tells what is wrong
    void this.#look();
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
    const store = this.#store;
    if (store === undefined) return;
    try {
      const { at, ids: ended } = await store.run('endedSince', { after: this.#at });
      if (this.#store === store) this.#at = at;
      if (ended !== null) return this.#ring(ended);
      const live = new Set(await store.run('live', { ids }));
      this.#ring(ids.filter((id) => !live.has(id)));
    } catch {
      this.#ring(ids); // each asks, and is told what is wrong
    }
  }
}
