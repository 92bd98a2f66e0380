/**
 * What this process has for the store of its worker: gathered during one commit, it goes with the next one as one turn, and with
 * the worker's room to start.
 *
 * 1. Each set of changes and each submit is answered by itself. What comes while a turn is under way is the next.
 * 2. That goes once the one is answered; what is many goes behind it where two may be under way: while the store commits the one, what
 *    follows of the other is made here. Then many that are there at once, and nothing is under way, are halved. What one of two turns
 *    brings is told before anything more is sent, so that ends and what is submitted in their place go together.
 * 3. What was submitted is heard of before it starts here, and whoever has submitted it goes on first: its code may block.
 * 4. Starts take turns with what an attempt commits that waits for a person: while that has the turn nothing is started.
 */
import { errorFrom } from '../errors/index.ts';
import { atEndOfTurn, settledTurn } from '../store/turn.ts';
import type { Change, Changed, Claimed, Judged, Ops, Store, Submit, Submitted, Turned } from '../store/types.ts';
import type { ChildPool } from './children/pool.ts';
import { type Outcome, outcomesOf } from './outcomes.ts';
import { isPassing, isStoreLost } from './trouble.ts';
import type { Turns } from './turns.ts';

export interface BatcherOptions {
  store: Store;
  worker: string;
  /** What starts takes turns with. */
  turns: Turns;
  /** Whether anything may be started now. */
  mayStart(): boolean;
  /** Tasks that it does not start for now. */
  leftAlone(): string[];
  /** The child processes that stand ready. */
  children: Pick<ChildPool, 'offer' | 'claimed'>;
  /** So many turns that start may be under way at once, 1 or 2: a child that stands ready can be offered to one alone. */
  mostTurns: number;
  /** How often what runs here was looked at. */
  looks(): number;
  /** Told how a task of here has ended, before whoever has asked for the change is answered. */
  onOutcome?: ((outcome: Outcome) => void) | undefined;
  /** Told what the store has started and given back, and when it is to be looked at again; `looks` was so before it was asked. */
  onTurned(turned: Turned, looks: number): void;
}

/** A turn behind another one has so many parts at least, changes and submits: a commit costs as much as some of them. */
const MANY = 16;

/** Submits; `hear` is told of the answer at once, before anything of it begins here. */
export type SubmitAlong = (asked: Submit, hear: (submitted: Submitted) => void) => Promise<Submitted>;

interface Asked<Question, Answer> {
  question: Question;
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

type AskedChange = Asked<readonly Change[], (Changed | null)[]>;
type AskedSubmit = Asked<Submit, Submitted>;

/** What goes as one turn. */
interface Part {
  changes: AskedChange[];
  submits: AskedSubmit[];
}

/**
 * What a task submits comes before its end, which may be in the other half. By itself code ends only when that is answered: here
 * it is for ends by a cancel or a timeout.
 */
const isOfKin = ({ question: { tasks } }: AskedSubmit): boolean => tasks.some(({ spec }) => spec.parent_id != null);

export class Batcher {
  /** The store as attempts use it: their changes go with the next turn. */
  readonly store: Store;
  readonly #options: BatcherOptions;
  #changes: AskedChange[] = [];
  #submits: AskedSubmit[] = [];
  #isScheduled = false;
  /** Turns that are asked for, and not answered. */
  #underWay = 0;
  /** Those whose answer is being told. */
  #telling = 0;

  constructor(options: BatcherOptions) {
    const { store } = options;
    this.#options = options;
    this.store = {
      path: store.path,
      folder: store.folder,
      run: (op, args) => this.#run(op, args),
      watch: (listener) => store.watch(listener),
      keepLease: (worker) => store.keepLease(worker),
      dropLease: (worker) => store.dropLease(worker),
      close: () => store.close(),
    };
  }

  change(question: readonly Change[]): Promise<(Changed | null)[]> {
    return new Promise((resolve, reject) => {
      this.#changes.push({ question, resolve, reject });
      this.#schedule();
    });
  }

  readonly submit: SubmitAlong = (question, hear) =>
    new Promise((resolve, reject) => {
      const heard = (submitted: Submitted): void => {
        hear(submitted);
        resolve(submitted);
      };
      this.#submits.push({ question, resolve: heard, reject });
      this.#schedule();
    });

  /** Starts what may start, with all that is there to go along. Only for who has the turn of `turns`, alone or with others. */
  start(): Promise<void> {
    return this.#send(this.#take(), true);
  }

  #run<K extends keyof Ops>(op: K, args: Parameters<Ops[K]>[0]): Promise<ReturnType<Ops[K]>> {
    if (op !== 'change') return this.#options.store.run(op, args);
    return this.change((args as Parameters<Ops['change']>[0]).changes) as Promise<ReturnType<Ops[K]>>;
  }

  get #size(): number {
    return this.#changes.length + this.#submits.length;
  }

  get #mayFlush(): boolean {
    if (this.#size === 0 || this.#telling > 0) return false;
    return this.#underWay === 0 || (this.#underWay < this.#options.mostTurns && this.#size >= MANY);
  }

  #schedule(): void {
    if (this.#isScheduled || !this.#mayFlush) return;
    this.#isScheduled = true;
    atEndOfTurn(() => {
      this.#isScheduled = false;
      if (this.#mayFlush) this.#flush();
    });
  }

  #flush(): void {
    const { turns, mayStart, mostTurns } = this.#options;
    const isHalved = mostTurns - this.#underWay > 1 && this.#size >= 2 * MANY && !this.#submits.some(isOfKin);
    const send = (part: Part): void => {
      const isStart = turns.isShared && mayStart();
      const sent = isStart ? turns.share(() => this.#send(part, true)) : this.#send(part, false);
      sent.catch(() => {}); // whoever has a part in it is told
    };
    if (isHalved) send(this.#take(0.5));
    send(this.#take());
  }

  /** What is there, or that part of it which came first. */
  #take(share = 1): Part {
    const some = <T>(asked: T[]): T[] => asked.splice(0, Math.ceil(asked.length * share));
    return { changes: some(this.#changes), submits: some(this.#submits) };
  }

  async #send(part: Part, isStart: boolean): Promise<void> {
    const { changes, submits } = part;
    const looks = this.#options.looks();
    const turned = await this.#counted(part, isStart);
    this.#telling += 1;
    try {
      this.#tellOutcomes(changes, turned.changed);
      answer(changes, turned.changed);
      answer(submits, turned.submitted);
      if (turned.started.some(({ newcomer }) => newcomer !== undefined)) await settledTurn();
      const started = turned.started.map((claimed) => whole(claimed, submits));
      this.#options.onTurned({ ...turned, started }, looks);
    } finally {
      this.#telling -= 1;
      this.#schedule();
    }
  }

  async #counted(part: Part, isStart: boolean): Promise<Turned> {
    this.#underWay += 1;
    try {
      return await this.#ask(part, isStart);
    } catch (error) {
      this.#refuse(part, error);
      throw error;
    } finally {
      this.#underWay -= 1;
      this.#schedule();
    }
  }

  #tellOutcomes(changes: readonly AskedChange[], changed: Turned['changed']): void {
    const { onOutcome } = this.#options;
    if (onOutcome === undefined) return;
    changes.forEach(({ question }, index) => {
      const judged = changed[index] as Turned['changed'][number];
      if ('answer' in judged) for (const outcome of outcomesOf(question, judged.answer)) onOutcome(outcome);
    });
  }

  async #ask({ changes, submits }: Part, isStart: boolean): Promise<Turned> {
    const { store, worker, leftAlone, children } = this.#options;
    let started: Claimed[] = [];
    try {
      const turned = await store.run('turn', {
        worker,
        changes: changes.map(({ question }) => question),
        submits: submits.map(({ question }) => question),
        running: [],
        room: isStart ? Number.POSITIVE_INFINITY : 0,
        without: leftAlone(),
        children: isStart ? children.offer() : [],
      });
      started = turned.started;
      return turned;
    } finally {
      if (isStart) children.claimed(started);
    }
  }

  /** What cannot be asked together is asked one by one: then one that cannot be sent, or encoded, is refused alone. */
  #refuse({ changes, submits }: Part, error: unknown): void {
    const { store } = this.#options;
    const isAlone = changes.length + submits.length === 1;
    if (isAlone || isStoreLost(error) || isPassing(error)) {
      for (const { reject } of [...changes, ...submits]) reject(error);
      return;
    }
    for (const { question, resolve, reject } of changes)
      store.run('change', { changes: question }).then(resolve, reject);
    for (const { question, resolve, reject } of submits) store.run('submit', question).then(resolve, reject);
  }
}

/** With the payloads that it was submitted with, where that was here and now. */
function whole(claimed: Claimed, submits: readonly AskedSubmit[]): Claimed {
  if (claimed.newcomer === undefined) return claimed;
  const { submit, task } = claimed.newcomer;
  const { payloads, refs = {} } = submits[submit]?.question.tasks[task] ?? { payloads: {} };
  return { ...claimed, payloads, refs };
}

function answer<Answer>(asked: readonly Asked<unknown, Answer>[], judged: readonly Judged<Answer>[]): void {
  judged.forEach((one, index) => {
    const { resolve, reject } = asked[index] as Asked<unknown, Answer>;
    if ('error' in one) reject(errorFrom(one.error));
    else resolve(one.answer);
  });
}
