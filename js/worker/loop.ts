/**
 * The worker's loop: looks at the store after every wake, ends what must end, claims what it can run.
 *
 * 1. One look at a time; a wake during a look makes another one follow.
 * 2. What is claimed stays in the roster until its last commit is durable. What has a slot only the store knows.
 * 3. What runs is looked at when somebody may have ended it: after a commit of another process, or one of here that may; and once a second.
 *    Nobody looks after a turn of its own, which has started what there was to start.
 * 4. Only a stop, idleness, a lost store, and a worker that can run nothing more end the loop.
 */

import type { Commit } from '../ports/backend.ts';
import { settledTurn } from '../store/turn.ts';
import type { Claimed, Attempt as Key, Ops, Turned } from '../store/types.ts';
import { isTerminal } from '../wire/task.ts';
import { Attempt } from './attempt.ts';
import type { AttemptOptions } from './attempt-options.ts';
import { Batcher } from './batcher.ts';
import { Countdowns } from './countdown.ts';
import { DueSweep } from './due-sweep.ts';
import { drained, endAttempt, touchesWhatRuns } from './ends-elsewhere.ts';
import { Idleness } from './idleness.ts';
import { type LoopEnd, type LoopOptions, SAFETY_NET } from './loop-options.ts';
import { Roster } from './roster.ts';
import { isStoreLost } from './trouble.ts';
import { Turns } from './turns.ts';

export class Loop {
  readonly #options: LoopOptions;
  readonly #roster = new Roster();
  readonly #turns = new Turns();
  /** How often what runs here was looked at. */
  #looks = 0;
  /** What goes to the store together. */
  readonly batcher: Batcher;
  readonly #attemptOptions: AttemptOptions;
  readonly #ended: Promise<LoopEnd>;
  #end!: (end: LoopEnd) => void;
  #over = false;
  #stopping = false;
  #looking: Promise<void> | undefined;
  #again = false;
  /** Something that runs here may have to end. */
  #doubts = true;
  readonly #sweep: DueSweep;
  readonly #idleness: Idleness;
  #cancelTimer: () => void = () => {};
  /** When the timer rings, by the monotonic clock. */
  #nextLook = Number.POSITIVE_INFINITY;

  constructor(options: LoopOptions) {
    this.#options = options;
    this.batcher = new Batcher({
      ...options,
      turns: this.#turns,
      mayStart: () => this.#mayStart,
      looks: () => this.#looks,
      onTurned: (turned, looks) => this.#take(turned, looks),
    });
    this.#attemptOptions = {
      ...options,
      store: this.batcher.store,
      countdowns: new Countdowns(options.clock),
      turn: (work) => this.#turns.take(work),
      onAwaiting: (lending, some) => this.#roster.awaiting(lending, some),
      isAwaited: (id) => this.#roster.isAwaited(id),
      reclaim: (id) => this.#roster.reclaim(id),
      wake: () => this.#wake(),
      onAsking: () => this.#park(),
      onTrouble: (error) => this.#trouble(error),
    };
    this.#sweep = new DueSweep(
      options,
      () => this.#wake(),
      (error) => this.#trouble(error),
    );
    this.#idleness = new Idleness(options);
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  /** Runs until it is over; then it asks the store nothing more. Never rejects. */
  async run(): Promise<LoopEnd> {
    const unwatch = this.#options.store.watch((commit) => this.#hear(commit));
    this.#wake();
    const end = await this.#ended;
    unwatch();
    this.#cancelTimer();
    // Without its store nobody can say what becomes of them; their code must not go on by itself.
    if (end.because === 'lost') for (const attempt of this.#roster.attempts) attempt.shutDown();
    else await Promise.all([this.#looking, this.#sweep.settled]);
    return end;
  }

  /** Claims nothing more, gives what runs `drain` ms (`skip` ends that), then kills it; the loop is over after that. */
  async stop(drain: number, skip?: AbortSignal): Promise<void> {
    await this.#claimNoMore();
    await drained(this.#roster, this.#options.clock, drain, skip);
    await this.#started();
    for (const attempt of this.#roster.attempts) attempt.shutDown();
    await this.#roster.empty();
    this.#finish({ because: 'stop' });
  }

  /** Claims nothing more; the loop is over when what runs has ended by itself. */
  async retire(end: LoopEnd): Promise<void> {
    if (this.#stopping) return;
    await this.#claimNoMore();
    await this.#started();
    await this.#roster.empty();
    this.#finish(end);
  }

  async #claimNoMore(): Promise<void> {
    this.#stopping = true;
    await this.#options.store.run('stopping', { worker: this.#options.worker }).catch((error) => this.#trouble(error));
    this.#park();
  }

  /** Resolves when nothing that is to start is on its way any more. */
  async #started(): Promise<void> {
    await this.#looking;
    await this.#turns.take(async () => {});
  }

  /** A stopping worker lets go of what waits for a person: it loses nothing, and another worker can go on with it. */
  #park(): void {
    if (!this.#stopping) return;
    const park = async (): Promise<void> => {
      for (const attempt of this.#roster.attempts) if (attempt.isAsking) attempt.shutDown();
    };
    void this.#turns.take(park); // not while a claim, which may make one of them go on, is on its way
  }

  /** A commit of here by which nothing may start, and nothing of here has to end, is none to look after. */
  #hear(commit?: Commit): void {
    const doubts = touchesWhatRuns(commit);
    this.#doubts ||= doubts;
    const mayStart = commit?.topics.includes('work') && commit.looked?.includes(this.#options.worker) !== true;
    if (doubts || mayStart) this.#wake();
  }

  /** Whose child has ended elsewhere asks for his slot before anything starts: that a look sees to. */
  get #mayStart(): boolean {
    return !this.#stopping && !this.#over && this.#roster.awaited().length === 0;
  }

  /** What a turn has brought. */
  #take({ started, returned, nextAt }: Turned, looks: number): void {
    for (const key of returned) this.#roster.find(key)?.lending.given();
    const begun = started.flatMap((claimed) => this.#admit(claimed) ?? []);
    for (const attempt of begun) void this.#run(attempt); // its code may begin at once, when all of them are known
    if (started.length > 0 && looks !== this.#looks) this.#hear(); // that look did not see them
    if (nextAt !== null) this.#lookIn(Math.max(1, nextAt - this.#options.clock.now()));
  }

  /** Looks again in so many milliseconds, unless that is to be sooner. */
  #lookIn(ms: number): void {
    const { clock } = this.#options;
    if (this.#over || this.#looking !== undefined || clock.mono() + ms >= this.#nextLook) return;
    this.#cancelTimer();
    this.#nextLook = clock.mono() + ms;
    this.#cancelTimer = clock.after(ms, () => this.#hear());
  }

  #wake(): void {
    this.#again = true;
    if (this.#looking !== undefined || this.#over) return;
    // A commit that ends an attempt wakes it, and so does the attempt, in the same turn: one look serves both.
    this.#looking = settledTurn().then(() => this.#lookWhileWoken());
  }

  async #lookWhileWoken(): Promise<void> {
    this.#cancelTimer();
    this.#nextLook = Number.POSITIVE_INFINITY;
    let next = SAFETY_NET;
    try {
      while (this.#again && !this.#over) {
        this.#again = false;
        next = await this.#look();
      }
    } catch (error) {
      this.#doubts = true; // what was to be looked at may not have been
      this.#trouble(error);
    }
    this.#looking = undefined;
    if (this.#again) this.#wake();
    else this.#lookIn(next);
  }

  /** Looks once; answers in how many milliseconds to look again. */
  async #look(): Promise<number> {
    const { clock } = this.#options;
    this.#sweep.begin(this.#stopping);
    const running = this.#doubts ? this.#roster.attempts.map(({ key }) => ({ ...key })) : [];
    if (this.#doubts) this.#looks += 1;
    this.#doubts = false;
    // Where there is nothing to end first it asks and claims in one turn of messages.
    const claimed = running.length === 0 ? this.#claims() : undefined;
    claimed?.catch(() => {}); // told below
    const found = await this.#poll(running).finally(() => claimed);
    if (claimed === undefined) await this.#claims(found.claimable);
    if (!found.registered && !this.#stopping) await this.#register(); // nobody shall count on one that is stopping
    const untilNext = found.nextAt === null ? SAFETY_NET : Math.max(1, found.nextAt - clock.now());
    return Math.min(SAFETY_NET, untilNext, await this.#idle(found.pending));
  }

  /** Ends what must end. */
  async #poll(running: Key[]): Promise<ReturnType<Ops['poll']>> {
    const { store, worker, leftAlone } = this.#options;
    const found = await store.run('poll', { worker, running, without: leftAlone() });
    for (const ended of found.ended) {
      const attempt = this.#roster.find(ended);
      if (attempt !== undefined) await endAttempt(attempt, ended, store);
    }
    return found;
  }

  async #register(): Promise<void> {
    await this.#options.registerAgain();
    this.#again = true; // now it can claim
  }

  /** Beside turns that share, but for a worker whose claims must not meet. */
  #claims(isClaimable = true): Promise<void> {
    const claim = (): Promise<void> => this.#claim(isClaimable);
    return this.#options.mostTurns === 1 ? this.#turns.take(claim) : this.#turns.share(claim);
  }

  async #claim(isClaimable: boolean): Promise<void> {
    const wanted = await this.#reclaim();
    if (isClaimable || wanted) await this.batcher.start();
  }

  /** Whose child has ended asks for his slot before anything is started; answers whether somebody did. */
  async #reclaim(): Promise<boolean> {
    let wanted = false;
    for (const id of this.#roster.awaited()) {
      const task = await this.#options.store.run('get', { id, payloads: [] });
      if (task !== null && !isTerminal(task.status)) continue;
      await this.#roster.reclaim(id);
      wanted = true;
    }
    return wanted;
  }

  /** Undefined for the next execution of one that is here. */
  #admit(claimed: Claimed): Attempt | undefined {
    const known = this.#roster.find({ id: claimed.id, epoch: claimed.epoch - 1 });
    if (claimed.goesOn && known !== undefined) {
      this.#roster.rekey(known, () => known.goOn(claimed));
      return undefined;
    }
    const attempt = new Attempt(claimed, this.#attemptOptions);
    this.#idleness.interrupt();
    this.#options.onBusy(true);
    this.#roster.add(attempt);
    return attempt;
  }

  async #run(attempt: Attempt): Promise<void> {
    const { claimed, recipe } = attempt;
    const about = { task_id: claimed.id, recipe, attempt: claimed.attempt };
    this.#options.tell('started', about);
    try {
      const changed = await attempt.run();
      this.#options.tell('finished', { ...about, status: changed?.status ?? 'removed' });
    } catch (error) {
      this.#trouble(error);
      this.#again = true; // nobody else has looked what may start now
    }
    this.#roster.remove(attempt);
    this.#options.children.giveBack(claimed);
    if (this.#roster.size === 0) this.#options.onBusy(false);
    if (this.#again || this.#mayBeIdle) this.#wake();
  }

  /** Whether it is to be asked how long there has been nothing to do. */
  get #mayBeIdle(): boolean {
    return this.#roster.size === 0 && this.#idleness.ends;
  }

  /** Leaves when there was nothing to do for long enough; answers in how many milliseconds that may be. */
  async #idle(pending: boolean): Promise<number> {
    const isIdle = !pending && this.#roster.size === 0 && !this.#stopping;
    const next = isIdle ? await this.#idleness.look() : this.#idleness.interrupt();
    if (next === 'left') this.#finish({ because: 'idle' });
    return next === 'left' ? SAFETY_NET : next;
  }

  #finish(end: LoopEnd): void {
    this.#over = true;
    this.#end(end);
  }

  #trouble(error: unknown): void {
    if (isStoreLost(error)) this.#finish({ because: 'lost', error });
    else this.#options.onTrouble(error);
  }
}
