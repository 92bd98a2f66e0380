/**
 * The children of a worker that run nothing and can.
 *
 * 1. What is offered to a claim is given to nobody until that is answered. A child that the claim has noted for a run is for
 *    that one, or is given back.
 * 2. One that ended cleanly is kept for the same key. One that has run nothing, the spare, is for whatever is started as it was.
 */
import type { Claimed, ReadyChild } from '../../store/types.ts';
import type { Child } from './child.ts';

/** A child that stands ready. */
export interface Standing {
  child: Child;
  /** Of its start; see `Start.id`. */
  start: string;
  /** What it has run; undefined for a spare. */
  ran?: {
    key: string;
    /** What the store calls its kind. */
    fit: string | null;
  };
}

export class StandingChildren {
  readonly #keep: number;
  readonly #retire: (child: Child) => unknown;
  /** Oldest first. */
  #standing: Standing[] = [];
  /** Those that a claim may note, while it is on its way. */
  readonly #offered = new Set<Child>();
  /** Those that one has noted, by what it has started. */
  readonly #noted = new Map<Claimed, Standing>();

  /** Keeps so many that have run something. `retire` is handed those that are too many, or have ended. */
  constructor(keep: number, retire: (child: Child) => unknown) {
    this.#keep = keep;
    this.#retire = retire;
  }

  /** Whether a spare stands there, offered or not. */
  get hasSpare(): boolean {
    return this.#standing.some(({ ran }) => ran === undefined);
  }

  has(child: Child): boolean {
    return this.#standing.some((one) => one.child === child);
  }

  /** The oldest goes when there are too many. */
  add(standing: Standing): void {
    if (!standing.child.alive) return void this.#retire(standing.child);
    this.#standing.push(standing);
    this.#evict();
  }

  remove(child: Child): void {
    this.#standing = this.#standing.filter((one) => one.child !== child);
  }

  /** The one that was used last for that key. */
  takeUsed(key: string): Child | undefined {
    return this.#take(({ ran }) => ran?.key === key);
  }

  /** One that was started so and has run nothing. */
  takeSpare(start: string): Child | undefined {
    return this.#take((one) => one.ran === undefined && one.start === start);
  }

  /** Retires spares that were started in another way. */
  dropSpares(start: string): void {
    for (const { child, ran, start: its } of this.#standing) {
      if (ran === undefined && its !== start && !this.#offered.has(child)) this.#retire(child);
    }
  }

  /** Those that stand ready, for a claim: those used last first. To be followed by `claimed`, whatever becomes of it. */
  offer(): ReadyChild[] {
    const alive = this.#standing.filter(({ child }) => child.alive).reverse();
    for (const { child } of alive) this.#offered.add(child);
    return alive.map(({ child, ran }) => ({ pgid: child.group.pgid, fit: ran?.fit ?? null }));
  }

  /** The claim is answered and has started these: what it has noted for them is theirs, the rest is free again. */
  claimed(started: readonly Claimed[]): void {
    this.#offered.clear();
    for (const claimed of started) {
      const noted = this.#standing.find(({ child }) => child.group.pgid === claimed.pgid);
      if (noted === undefined) continue; // it was offered none, or that has ended meanwhile
      this.#noted.set(claimed, noted);
      this.remove(noted.child);
    }
    this.#evict();
  }

  /** The child that was noted for a run with its claim, if it is alive and right for it; else it is given back. */
  takeNoted(claimed: Claimed, key: string, start: string): Child | undefined {
    const noted = this.#noted.get(claimed);
    const isRight = noted?.ran === undefined ? noted?.start === start : noted.ran.key === key;
    if (!isRight || !noted?.child.alive) return this.giveBack(claimed);
    this.#noted.delete(claimed);
    return noted.child;
  }

  /** The run for which a child was noted does not need it, if it has not taken it. */
  giveBack(claimed: Claimed): undefined {
    const noted = this.#noted.get(claimed);
    this.#noted.delete(claimed);
    if (noted !== undefined) this.add(noted);
  }

  #take(isRight: (standing: Standing) => boolean): Child | undefined {
    const found = this.#standing.findLast((one) => isRight(one) && one.child.alive && !this.#offered.has(one.child));
    if (found !== undefined) this.remove(found.child);
    return found?.child;
  }

  #evict(): void {
    for (const isOfKind of [isSpare, isUsed]) {
      const all = this.#standing.filter(isOfKind);
      const free = all.filter(({ child }) => !this.#offered.has(child));
      const most = isOfKind === isSpare ? 1 : this.#keep;
      for (const { child } of free.slice(0, Math.max(0, all.length - most))) this.#retire(child);
    }
  }
}

const isSpare = ({ ran }: Standing): boolean => ran === undefined;
const isUsed = ({ ran }: Standing): boolean => ran !== undefined;
