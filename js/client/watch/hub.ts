/**
 * Who waits in this process for what happens in the store: one watch, and after a commit of others one look, for all of them.
 *
 * 1. One waits for the end of a task, for whatever happens to a task, or for any commit.
 * 2. What a commit of this process has ended comes with the commit: its waiters are told when who made it is, and nobody else.
 *    Of what else has happened nothing is known. Few look each for himself; for many the feed is read once, from where it was
 *    read last, so that it costs what has changed.
 * 3. Once a second, whatever was heard, what is due is decided for all of them, and one look follows. Then also some look each for
 *    himself, of few all, of many those whose turn it is: to a worker that they lack, and what else keeps them waiting, they see
 *    themselves. Nobody has a timer of his own for that: the looks of one turn share a snapshot.
 * 4. Whoever registers looks once afterwards, unless it is known how his task stands (`KnownTasks`, `LiveElsewhere`): what came before was not
 *    told. When all is closed everybody is rung.
 */
import type { Commit } from '../../ports/backend.ts';
import type { DueOptions } from '../../reap/index.ts';
import { settledTurn } from '../../store/turn.ts';
import type { EventPlace, Store } from '../../store/types.ts';
import type { VerbContext } from '../verb-context.ts';
import { eachTime } from './bell.ts';
import { LiveElsewhere } from './live-elsewhere.ts';
import { Rings } from './rings.ts';

/** So many look each for himself. */
const FEW = 16;
/** The tasks of so many are looked at once a second though nothing was heard of them. */
const SOME = 200;

/** Those who wait for any commit. */
const ANY = 'any';

type Leave = () => void;

const all = new WeakMap<VerbContext, Hub>();

export function hubOf(context: VerbContext): Hub {
  let hub = all.get(context);
  if (hub === undefined) {
    const made = new Hub((how) => context.due(how), context.lookEvery);
    all.set(context, made);
    context.onClosed(() => made.close());
    hub = made;
  }
  return hub;
}

/** Whether this process hears of commits anyhow: then who registers before his first look needs no second one. */
export const hears = (context: VerbContext): boolean =>
  context.exists && (hubOf(context).isExpected || context.recipes.size > 0);

export class Hub {
  readonly #ends = new Rings();
  readonly #told = new Rings();
  readonly #any = new Rings();
  readonly #live = new LiveElsewhere();
  readonly #decide: (how: DueOptions) => Promise<unknown>;
  readonly #every: number;
  /** How many look before they wait. */
  #early = 0;
  /** How many of them do not mind that records go. */
  #careless = 0;
  #store: Store | undefined;
  /** Up to where the feed was read. */
  #at: EventPlace | null = null;
  #clock: NodeJS.Timeout | undefined;
  #unwatch: Leave = () => {};
  #looking = false;
  #again = false;

  /** `decide` decides what is due, each time that so many milliseconds are over. */
  constructor(decide: (how: DueOptions) => Promise<unknown>, every: number) {
    this.#decide = decide;
    this.#every = every;
  }

  /** Whether somebody waits: then a commit from now on is told. */
  get isWatching(): boolean {
    return this.#store !== undefined;
  }

  /** Whether somebody waits, or is about to. */
  get isExpected(): boolean {
    return this.isWatching || this.#early > 0;
  }

  /** Runs a first look that may end a wait before it has begun. */
  async early<T>(look: () => Promise<T>): Promise<T> {
    this.#early += 1;
    try {
      return await look();
    } finally {
      this.#early -= 1;
    }
  }

  /** How many wait. */
  get size(): number {
    return this.#ends.size + this.#told.size + this.#any.size;
  }

  /**
   * A submit is about to be asked for, while the feed is read: what this answers is to be told which tasks it has made that some
   * worker runs, none when it failed.
   */
  submits(): ((ids: readonly string[]) => void) | undefined {
    return this.#at === null ? undefined : this.#live.begin();
  }

  /** Whether the task is known to live: then who waits for its end, and is rung from now on, needs no look. */
  livesElsewhere(id: string): boolean {
    return this.#live.has(id);
  }

  /** Calls `ring` when the task may have ended, and now and then. Returns what ends that. */
  ended(store: Store, id: string, ring: () => void): Leave {
    return this.#add(store, this.#ends, id, ring, false);
  }

  /** Calls `ring` when something may have happened to the task, its end or that it has gone too, and now and then. Returns what ends that. */
  told(store: Store, id: string, ring: () => void): Leave {
    return this.#add(store, this.#told, id, ring, false);
  }

  /** Calls `ring` after any commit, and once a second. Returns what ends that. */
  committed(store: Store, ring: () => void, { dropNothing = false }: DueOptions = {}): Leave {
    return this.#add(store, this.#any, ANY, ring, dropNothing);
  }

  /** Each looks, and is told that it is closed. */
  close(): void {
    this.#ringAll();
    this.#leave();
  }

  #add(store: Store, rings: Rings, id: string, ring: () => void, dropNothing: boolean): Leave {
    this.#use(store);
    const take = rings.add(id, ring);
    const weight = dropNothing ? 0 : 1;
    this.#careless += weight;
    let isHere = true;
    return () => {
      if (!isHere) return;
      isHere = false;
      take();
      this.#careless -= weight;
      if (this.size === 0) this.#leave();
    };
  }

  /** The file may have been replaced since, and another one be watched. */
  #use(store: Store): void {
    if (this.#store === store) return;
    this.#unwatch();
    this.#store = store;
    this.#forget();
    this.#unwatch = store.watch((commit) => this.#hear(commit));
    this.#clock ??= eachTime(this.#every, () => this.#tick());
  }

  #leave(): void {
    this.#unwatch();
    this.#unwatch = () => {};
    this.#store = undefined;
    this.#forget();
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  /** Of what happens from now on it is not known where it begins. */
  #forget(): void {
    this.#at = null;
    this.#live.forget();
  }

  #hear(commit: Commit | undefined): void {
    this.#any.ring();
    if (commit?.ended !== undefined) this.#ringEnded(commit.ended);
    const ends = (this.#ends.size > 0 || !this.#live.isEmpty) && mayEnd(commit);
    const told = this.#told.size > 0 && (commit === undefined || commit.topics.includes('told'));
    if (this.size > FEW || !this.#live.isEmpty) {
      if (ends || told) void this.#look();
      return;
    }
    if (ends) this.#ends.ring();
    if (told) this.#told.ring();
  }

  /** Once whoever has made the commit is answered: how they have ended is known then, and few have to look. */
  #ringEnded(ids: readonly string[]): void {
    this.#live.end(ids);
    if (ids.length > 0 && this.#ends.size > 0) void settledTurn().then(() => this.#ends.ring(ids));
  }

  /** The safety net. */
  #tick(): void {
    this.#decide({ dropNothing: this.#careless === 0 }).catch(() => {}); // the look tells what is wrong
    this.#any.ring();
    if (this.size > FEW) void this.#look();
    this.#ends.ring(this.#ends.next(SOME));
    this.#told.ring(this.#told.next(SOME));
  }

  #ringAll(): void {
    for (const rings of [this.#any, this.#ends, this.#told]) rings.ring();
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
    const store = this.#store;
    if (store === undefined) return;
    try {
      const { at, changed } = await store.run('changedSince', { after: this.#at, endsOnly: this.#told.size === 0 });
      if (this.#store === store) this.#at = at;
      if (changed === null) return await this.#ringUnknown(store);
      const ended = changed.flatMap((one) => (one.ended ? [one.id] : []));
      this.#live.end(ended);
      this.#ends.ring(ended);
      this.#told.ring(changed.map(({ id }) => id));
    } catch {
      this.#live.forget();
      this.#ringAll(); // each asks, and is told what is wrong
    }
  }

  /** It is not known what has changed, or it is too much. */
  async #ringUnknown(store: Store): Promise<void> {
    // Also those who came while the feed was read: their own look may have been before it. Who comes from now on looks behind it.
    const { ids } = this.#ends;
    this.#live.forget();
    this.#told.ring();
    if (ids.length === 0) return;
    const live = new Set(await store.run('live', { ids }));
    this.#ends.ring(ids.filter((id) => !live.has(id)));
  }
}

/** Whether it may have ended tasks that it does not tell of. */
const mayEnd = (commit: Commit | undefined): boolean =>
  commit === undefined || (commit.ended === undefined && commit.topics.includes('outcome'));
