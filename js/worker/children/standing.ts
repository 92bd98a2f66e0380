/**
 * The children of a worker that run nothing and can.
 *
 * 1. What is offered to a claim is given to nobody until that is answered. A child that the claim has noted for a run is for
 *    that one, or is given back.
 * 2. One that ended cleanly is kept for the same key. One that has run nothing, the spare, is for whatever is started as it was.
 * 3. One whose run is over is offered while that end is being stored: a claim may come with the same commit. The claim notes it
 *    only where the end is stored, and the run that it is noted for waits until the run before has let go of it.
 */
import type { Claimed, ReadyChild } from '../../store/types.ts';
import type { Child } from './child.ts';

/** A child whose last run is over while its end is being stored. */
interface Ending {
  standing: Standing;
  /** A claim has noted it for its next run. */
  isNoted: boolean;
  /** Whether it can be used again, once that is known. */
  isFree?: boolean;
  /** Resolves when that is known. */
  settled: Promise<void>;
  settle(): void;
}

/** What a claim has noted. */
interface Noted {
  standing: Standing;
  ending?: Ending;
}

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
  /** Those whose last run is over while its end is being stored. */
  readonly #ending = new Map<Child, Ending>();
  /** Those that a claim has noted, by what it has started. */
  readonly #noted = new Map<Claimed, Noted>();

  /** Keeps so many that have run something. `retire` is handed those that are too many, or have ended. */
  constructor(keep: number, retire: (child: Child) => unknown) {
    this.#keep = keep;
    this.#retire = retire;
  }

  /** Whether a spare stands there, offered or not. */
  get hasSpare(): boolean {
    return this.#standing.some(({ ran }) => ran === undefined);
  }

  /** The same of one that was started so. */
  hasSpareOf(start: string): boolean {
    return this.#standing.some((one) => one.ran === undefined && one.start === start);
  }

  has(child: Child): boolean {
    return this.#standing.some((one) => one.child === child);
  }

  /** Its run is over, and that is about to be stored: `add` or `remove` follows. */
  announce(standing: Standing): void {
    let settle = (): void => {};
    const settled = new Promise<void>((resolve) => {
      settle = resolve;
    });
    this.#ending.set(standing.child, { standing, isNoted: false, settled, settle });
  }

  /** The oldest goes when there are too many. */
  add(standing: Standing): void {
    if (!standing.child.alive) return void this.#retire(standing.child);
    if (this.#settle(standing.child, true)) return;
    this.#standing.push(standing);
    this.#evict();
  }

  remove(child: Child): void {
    this.#settle(child, false);
    this.#standing = this.#standing.filter((one) => one.child !== child);
  }

  /** Answers whether it is noted for a run, which has it now. */
  #settle(child: Child, isFree: boolean): boolean {
    const ending = this.#ending.get(child);
    if (ending === undefined) return false;
    this.#ending.delete(child);
    ending.isFree = isFree;
    ending.settle();
    return ending.isNoted;
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

  /**
   * Those that stand ready, for a claim, those used last first, and then those that are about to. To be followed by `claimed`,
   * whatever becomes of it.
   */
  offer(): ReadyChild[] {
    const ready = this.#standing.filter(({ child }) => child.alive).reverse();
    for (const { child } of ready) this.#offered.add(child);
    const soon = [...this.#ending.values()].filter(({ isNoted }) => !isNoted).map(({ standing }) => standing);
    return [...ready, ...soon].map(({ child, ran }) => ({ pgid: child.group.pgid, fit: ran?.fit ?? null }));
  }

  /** The claim is answered and has started these: what it has noted for them is theirs, the rest is free again. */
  claimed(started: readonly Claimed[]): void {
    this.#offered.clear();
    for (const claimed of started) {
      const noted = claimed.pgid === null ? undefined : this.#note(claimed.pgid);
      if (noted !== undefined) this.#noted.set(claimed, noted); // else that has ended meanwhile
    }
    this.#evict();
  }

  #note(pgid: number): Noted | undefined {
    const isIt = ({ child }: Standing): boolean => child.group.pgid === pgid;
    const standing = this.#standing.find(isIt);
    if (standing !== undefined) {
      this.remove(standing.child);
      return { standing };
    }
    const ending = [...this.#ending.values()].find((one) => isIt(one.standing));
    if (ending === undefined) return undefined;
    ending.isNoted = true;
    return { standing: ending.standing, ending };
  }

  /**
   * The child that was noted for a run with its claim, if it is alive and right for it; else it is given back. Waits until the
   * run before has let go of it.
   */
  async takeNoted(claimed: Claimed, key: string, start: string): Promise<Child | undefined> {
    const noted = this.#noted.get(claimed);
    if (noted === undefined) return undefined;
    const { child, ran, start: its } = noted.standing;
    const isRight = ran === undefined ? its === start : ran.key === key;
    if (isRight && noted.ending?.isFree === undefined) await noted.ending?.settled;
    if (!isRight || noted.ending?.isFree === false || !child.alive) return this.giveBack(claimed);
    return this.#noted.delete(claimed) ? child : undefined;
  }

  /** The run for which a child was noted does not need it, if it has not taken it. */
  giveBack(claimed: Claimed): undefined {
    const noted = this.#noted.get(claimed);
    this.#noted.delete(claimed);
    if (noted === undefined) return;
    const { standing, ending } = noted;
    if (ending === undefined || ending.isFree === true) this.add(standing);
    else ending.isNoted = false; // whoever uses it now gives it back
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
