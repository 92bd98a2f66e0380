/** Runs the operations of a store on whatever keeps it. */
import type { Backend, Commit, LeaveUndone, Moment, Program } from '../ports/backend.ts';
import { ClockWatch, RENEW_EVERY } from './clock-watch.ts';
import { Live } from './live.ts';
import type { Notes } from './notes.ts';
import type { Context } from './operation-context.ts';
import { followUp, operationOf } from './ops/index.ts';
import type { Answer, Arguments, Operation, Writing } from './ops/operation.ts';
import { sight } from './sight.ts';
import { Tally } from './tally.ts';
import { EVERYBODY, endedOf, looksFor, sparesOf, wakesOf } from './topics.ts';
import type { Ops } from './types.ts';

/** Operations decide what may start, so that none may do so beside another one. */
const LOCKS: readonly string[] = ['store'];

/** Writes that decide of tasks which a turn may end. */
const BEHIND_TURNS: ReadonlySet<keyof Ops> = new Set(['cancel', 'change']);

const nothing = (): void => {};

export class Host {
  readonly #backend: Backend;
  readonly #clock = new ClockWatch();
  /** Made when something can be held. */
  #live: Live | undefined;
  readonly #leases = new Map<string, NodeJS.Timeout>();
  /** What is not answered yet. */
  readonly #asked = new Set<Promise<unknown>>();
  /** The turn of each worker that was asked for last. */
  readonly #turns = new Map<string, Promise<unknown>>();
  /** Of the moment that was met last: programs of one moment share what they have learnt. */
  #met: { moment: Moment; notes: Notes } | undefined;

  constructor(backend: Backend) {
    this.#backend = backend;
  }

  /** Runs one operation; the answer is durable when it arrives. */
  run<K extends keyof Ops>(name: K, args: Arguments<K>): Promise<Answer<K>> {
    const answer = name === 'turn' ? this.#next(args as Arguments<'turn'>) : this.#inOrder(name, args);
    const forget = () => this.#asked.delete(answer);
    this.#asked.add(answer);
    answer.then(forget, forget);
    return answer as Promise<Answer<K>>;
  }

  /** Each turn of a worker is a commit of its own: its answer is not to wait for that of the next one. */
  #next(args: Arguments<'turn'>): Promise<Answer<'turn'>> {
    const { worker } = args;
    const before = this.#turns.get(worker);
    const run = () => this.#run('turn', args);
    const answer = (before === undefined ? run() : before.then(run)).finally(() => {
      if (this.#turns.get(worker) === over) this.#turns.delete(worker);
    });
    const over: Promise<void> = answer.then(nothing, nothing);
    this.#turns.set(worker, over);
    return answer;
  }

  /** What was asked behind the end of a task finds it ended, also while the turn of that end waits for the one before. */
  #inOrder<K extends keyof Ops>(name: K, args: Arguments<K>): Promise<Answer<K>> {
    if (!BEHIND_TURNS.has(name) || this.#turns.size === 0) return this.#run(name, args);
    return Promise.all(this.#turns.values()).then(() => this.#run(name, args));
  }

  async #run<K extends keyof Ops>(name: K, args: Arguments<K>): Promise<Answer<K>> {
    const operation = await operationOf(name);
    if (operation.kind === 'read' || operation.isLook?.(args)) return this.#read(operation, args);
    const { prepare } = operation;
    const looks = operation.mayBeIdle?.(args) ?? true;
    if (prepare && looks && !(await this.#backend.read((moment) => prepare(this.#context(moment), args)))) {
      return operation.idle as Answer<K>;
    }
    const leaveUndone = leaving(operation);
    const wakes = operation.silent ? [] : wakesOf(name, args);
    const program = (context: Context) => operation.run(context, args);
    return this.#backend.write(LOCKS, (moment) => counted(this.#context(moment), program), {
      wakes,
      spares: sparesOf(name),
      ended: endedOf(name, wakes),
      looksFor: looksFor(name, args),
      isLate: operation.isLate?.(args) ?? false,
      ...(leaveUndone === undefined ? {} : { leaveUndone }),
    });
  }

  #read<K extends keyof Ops>(operation: Operation<K>, args: Arguments<K>): Promise<Answer<K>> {
    return this.#backend.read((moment) => operation.run(this.#context(moment), args));
  }

  watch(listener: (commit?: Commit) => void): () => void {
    return this.#backend.watch(EVERYBODY, listener);
  }

  keepLease(worker: string): void {
    const renew = () => this.run('renew', { worker }).catch(() => {}); // the next verb of the worker tells it
    this.dropLease(worker);
    this.#leases.set(worker, setInterval(renew, RENEW_EVERY).unref());
  }

  dropLease(worker: string): void {
    clearInterval(this.#leases.get(worker));
    this.#leases.delete(worker);
  }

  /** Waits for what was asked, then closes the store. */
  async close(): Promise<void> {
    for (const lease of this.#leases.values()) clearInterval(lease);
    this.#backend.flush();
    while (this.#asked.size > 0) await Promise.allSettled(this.#asked);
    await this.#backend.close();
  }

  #liveAt(moment: Moment): Live | undefined {
    if (moment.since !== undefined) this.#live ??= new Live();
    return this.#live?.at(moment);
  }

  /** Of one program. */
  #context(moment: Moment): Context {
    if (this.#met?.moment !== moment) this.#met = { moment, notes: new Map() };
    const { notes } = this.#met;
    return {
      ...moment,
      store: this.#backend.place,
      clock: this.#clock,
      sight,
      tally: new Tally(),
      notes,
      live: this.#liveAt(moment),
      sequels: new Map(),
      told: [],
    };
  }
}

/** With what it has changed of the counts, and what follows of the ends that it has decided: no program writes them itself. */
function* counted<T>(context: Context, run: (context: Context) => Program<T>): Program<T> {
  const answer = yield* run(context);
  yield* followUp(context);
  yield* context.tally.write();
  return answer;
}

function leaving<K extends keyof Ops>({ bestEffort, idle, isOwed }: Writing<K>): LeaveUndone<Answer<K>> | undefined {
  if (bestEffort === undefined) return undefined;
  return { answer: idle as Answer<K>, upgrades: bestEffort === 'upgrade', isOwed: isOwed === true };
}
