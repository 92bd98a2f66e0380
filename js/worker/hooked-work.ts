/**
 * An attempt's work, with hooks around it.
 *
 * 1. An attempt ends as its code does: hooks are told how, later than whoever stores it, and cannot change it.
 * 2. Code begins when the innermost hook asks for it, once; not after the attempt was given up.
 */
import type { AttemptEvent, AttemptGiven, AttemptOutcome } from '../ports/hooks.ts';
import type { Changed, Payloads } from '../store/types.ts';
import type { TaskTrace } from '../wire/carried.ts';
import { type EventKind, isSaid } from '../wire/event.ts';
import { dataJson } from '../wire/event-data.ts';
import type { Soon } from '../wire/soon.ts';
import type { TaskStatus } from '../wire/task.ts';
import type { Clock } from './clock.ts';
import type { Ending } from './conclude.ts';
import type { Mask } from './mask/mask.ts';
import type { AbortCause } from './protocol.ts';
import { oneLine } from './trouble.ts';
import type { Reply, Work, WorkListener } from './work.ts';

/** Milliseconds that hooks get to begin an attempt. */
const BEGIN_PATIENCE = 30_000;

interface HookedOptions {
  /** What the attempt keeps out of the store, as it is by now. */
  mask(): Mask;
  clock: Clock;
  /** Keeps the span of the attempt. */
  keepTrace(trace: TaskTrace): void;
  /** Calls the hooks, the innermost of which may call `run`. */
  through(run: (given: AttemptGiven) => Promise<AttemptOutcome>): Promise<unknown>;
  onTrouble(error: unknown): void;
}

/** What hooks threw; its message says which. */
export class HookError extends Error {
  override readonly name = 'HookError';

  constructor(hook: string, cause: unknown) {
    super(`hooks '${hook}': ${oneLine(cause)}`, { cause });
  }
}

/** The work of an attempt with hooks around it. */
export class HookedWork implements Work {
  readonly #work: Work;
  readonly #options: HookedOptions;
  #given: AttemptGiven = {};
  #state: 'waiting' | 'begun' | 'over' = 'waiting';
  #told: AbortCause | undefined;
  /** The arguments of its open questions, by their calls. */
  readonly #asking = new Map<number, string>();
  #tell: (outcome: AttemptOutcome) => void = () => {};
  readonly #outcome = new Promise<AttemptOutcome>((resolve) => {
    this.#tell = resolve;
  });

  constructor(work: Work, options: HookedOptions) {
    this.#work = work;
    this.#options = options;
  }

  get secrets() {
    return this.#work.secrets;
  }

  get notes() {
    return this.#work.notes;
  }

  get trace() {
    return this.#given.trace;
  }

  get killable() {
    return this.#work.killable;
  }

  get lineage() {
    return this.#work.lineage;
  }

  valueOf(variable: string): string | undefined {
    return this.#work.valueOf(variable);
  }

  begin(listener: WorkListener, given: Payloads): Promise<void> {
    const { clock, onTrouble, through } = this.#options;
    return new Promise((resolve, reject) => {
      const giveUp = (error: Error): void => {
        if (this.#state !== 'waiting') {
          onTrouble(error);
          return;
        }
        this.#end({ kind: 'not_begun' });
        reject(error);
      };
      const late = new HookError('around', `they have not begun the attempt within ${BEGIN_PATIENCE / 1000} s`);
      const stop = clock.after(BEGIN_PATIENCE, () => this.#state === 'waiting' && giveUp(late));
      const run = async (by: AttemptGiven): Promise<AttemptOutcome> => {
        if (this.#state === 'waiting') {
          this.#state = 'begun';
          stop();
          this.#takes(by);
          this.#begin(listener, given, by).then(resolve, (error) => {
            this.#end({ kind: 'not_begun' });
            reject(error);
          });
        }
        return this.#outcome;
      };
      const unasked = new HookError('around', 'they have ended without running the attempt');
      void through(run).then(() => this.#state === 'waiting' && giveUp(unasked), giveUp);
    });
  }

  async #begin(listener: WorkListener, given: Payloads, by: AttemptGiven): Promise<void> {
    await this.#work.begin(this.#hearing(listener), given, by);
  }

  async versionFor(serves: boolean): Promise<string | null> {
    return (await this.#work.versionFor?.(serves)) ?? null;
  }

  abort(cause: AbortCause, message: string): void {
    this.#told ??= cause;
    this.#work.abort(cause, message);
  }

  reply(reply: Reply): void {
    this.#work.reply(reply);
    if (this.#asking.size > 0) this.#answered(reply);
  }

  told(events: Changed['events']): void {
    for (const { kind, data } of events) {
      if (!isSaid(kind)) this.#tellOf({ kind: kind as EventKind, data: dataJson(kind, JSON.parse(data || '{}')) });
    }
  }

  decided(status: TaskStatus | undefined): void {
    this.#safely(() => this.#given.onDecided?.(status));
  }

  /** Whatever was killed has said nothing more. */
  async hush(): Promise<void> {
    await this.#work.hush();
    this.#end({ kind: this.#state === 'waiting' ? 'not_begun' : (this.#toldAs() ?? 'lost') });
  }

  finish(trusted: boolean): Soon<boolean> {
    return this.#work.finish(trusted);
  }

  release(trusted: boolean): void {
    this.#work.release(trusted);
  }

  async late() {
    return (await this.#work.late?.()) ?? ({ kind: 'aborted' } as const);
  }

  #hearing(listener: WorkListener): WorkListener {
    return {
      begins: () => listener.begins(),
      fact: (fact) => listener.fact(fact),
      call: (call) => {
        if (call.method === 'ask' && this.#given.onEvent !== undefined) this.#asking.set(call.call, call.args);
        listener.call(call);
      },
      end: (ending) => {
        listener.end(ending);
        this.#end(this.#outcomeOf(ending));
      },
    };
  }

  #takes(given: AttemptGiven): void {
    this.#given = given;
    if (given.trace !== undefined) this.#options.keepTrace(given.trace);
  }

  /** The answer is somebody else's act: what the code is told of it is what hooks are told. */
  #answered(reply: Reply): void {
    const args = this.#asking.get(reply.call);
    if (args === undefined) return;
    this.#asking.delete(reply.call);
    if (!('value' in reply)) return;
    const key = this.#options.mask().name((JSON.parse(args) as { key: string }).key);
    const { action } = JSON.parse(reply.value) as { action: string };
    this.#tellOf({ kind: 'input_answered', data: { key, action } });
  }

  #tellOf(event: AttemptEvent): void {
    this.#safely(() => this.#given.onEvent?.(event));
  }

  /** A listener that throws is the hooks' own trouble. */
  #safely(tell: () => void): void {
    try {
      tell();
    } catch (error) {
      this.#options.onTrouble(error);
    }
  }

  /** The first one counts. */
  #end(outcome: AttemptOutcome): void {
    this.#state = 'over';
    this.#tell(outcome);
  }

  #outcomeOf(ending: Ending): AttemptOutcome {
    if (ending.kind === 'not_begun') return { kind: 'not_begun' };
    const told = this.#toldAs();
    if (told !== undefined) return { kind: told };
    if (ending.kind === 'value') return { kind: 'succeeded' };
    if (ending.kind !== 'error') return { kind: 'lost' };
    return { kind: 'failed', error: this.#options.mask().value(ending.error) };
  }

  #toldAs(): 'cancelled' | 'timed_out' | undefined {
    return this.#told === undefined ? undefined : this.#told === 'timeout' ? 'timed_out' : 'cancelled';
  }
}
