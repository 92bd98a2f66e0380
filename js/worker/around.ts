/**
 * Hooks around the attempts of a worker.
 *
 * 1. An attempt ends as its code does: hooks are told how, later than whoever stores it, and cannot change it.
 * 2. Code begins when the innermost hook asks for it, once; not after the attempt was given up.
 */
import type { AttemptFacts, AttemptOutcome, Hooks } from '../ports/hooks.ts';
import { storeKey } from '../store/key.ts';
import type { Claimed, Payloads } from '../store/types.ts';
import type { Clock } from './clock.ts';
import type { Ending } from './conclude.ts';
import { Mask } from './mask/mask.ts';
import type { AbortCause } from './protocol.ts';
import { oneLine } from './trouble.ts';
import type { Reply, Work, WorkListener } from './work.ts';

/** Milliseconds that hooks get to begin an attempt, and, when the worker stops, to end. */
const BEGIN_PATIENCE = 30_000;
const END_PATIENCE = 2_000;

export interface AroundOptions {
  worker: string;
  /** The store's folder, where the key lies that values are masked with. */
  folder: string;
  clock: Clock;
  onTrouble(error: unknown): void;
}

/** The hooks of a worker, around what it runs. */
export class Around {
  readonly #hooks: readonly Hooks[];
  readonly #options: AroundOptions;
  readonly #running = new Set<Promise<unknown>>();

  constructor(hooks: readonly Hooks[], options: AroundOptions) {
    this.#hooks = hooks.filter(({ around }) => around !== undefined);
    this.#options = options;
  }

  /** The work of an attempt with the hooks around it; without hooks it is the very same. */
  of(claimed: Claimed, work: Work): Work {
    if (this.#hooks.length === 0) return work;
    const facts = factsOf(claimed, this.#options.worker);
    return new HookedWork(work, this.#options, (run) => this.#keep(runAll(this.#hooks, facts, run)));
  }

  /** Waits shortly for what hooks still do. */
  async settle(): Promise<void> {
    if (this.#running.size === 0) return;
    let stop = (): void => {};
    const over = new Promise<void>((resolve) => {
      stop = this.#options.clock.after(END_PATIENCE, resolve);
    });
    await Promise.race([Promise.allSettled(this.#running), over]);
    stop();
  }

  #keep(running: Promise<unknown>): Promise<unknown> {
    this.#running.add(running);
    const forget = (): void => void this.#running.delete(running);
    running.then(forget, forget);
    return running;
  }
}

type Run = () => Promise<AttemptOutcome>;

/** The first is the outermost. Rejects with what one of them throws, which says whose it was. */
function runAll(hooks: readonly Hooks[], facts: AttemptFacts, run: Run): Promise<unknown> {
  const each = (next: Run, hook: Hooks): Run => {
    return async () => {
      try {
        return (await hook.around?.(facts, next)) as AttemptOutcome;
      } catch (cause) {
        throw cause instanceof HookError ? cause : new HookError(hook.name, cause);
      }
    };
  };
  return hooks.reduceRight(each, run)();
}

/** What hooks threw; its message says which. */
class HookError extends Error {
  override readonly name = 'HookError';

  constructor(hook: string, cause: unknown) {
    super(`hooks '${hook}': ${oneLine(cause)}`, { cause });
  }
}

function factsOf({ id, attempt, record }: Claimed, workerId: string): AttemptFacts {
  const { name, recipe, session_id, parent_id, max_attempts, priority, created_at } = JSON.parse(record);
  return {
    taskId: id,
    name,
    recipeName: recipe,
    sessionId: session_id ?? null,
    parentId: parent_id ?? null,
    attempt,
    maxAttempts: max_attempts,
    priority: priority ?? 0,
    createdAt: new Date(created_at),
    workerId,
  };
}

class HookedWork implements Work {
  readonly #work: Work;
  readonly #options: AroundOptions;
  readonly #through: (run: Run) => Promise<unknown>;
  #state: 'waiting' | 'begun' | 'over' = 'waiting';
  #told: AbortCause | undefined;
  #tell: (outcome: AttemptOutcome) => void = () => {};
  readonly #outcome = new Promise<AttemptOutcome>((resolve) => {
    this.#tell = resolve;
  });

  constructor(work: Work, options: AroundOptions, through: (run: Run) => Promise<unknown>) {
    this.#work = work;
    this.#options = options;
    this.#through = through;
  }

  get secrets() {
    return this.#work.secrets;
  }

  get notes() {
    return this.#work.notes;
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
    const { clock, onTrouble } = this.#options;
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
      const run = async (): Promise<AttemptOutcome> => {
        if (this.#state === 'waiting') {
          this.#state = 'begun';
          stop();
          this.#work.begin(this.#hearing(listener), given).then(resolve, (error) => {
            this.#end({ kind: 'not_begun' });
            reject(error);
          });
        }
        return this.#outcome;
      };
      const unasked = new HookError('around', 'they have ended without running the attempt');
      void this.#through(run).then(() => this.#state === 'waiting' && giveUp(unasked), giveUp);
    });
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
  }

  /** Whatever was killed has said nothing more. */
  async hush(): Promise<void> {
    await this.#work.hush();
    this.#end({ kind: this.#state === 'waiting' ? 'not_begun' : (this.#toldAs() ?? 'lost') });
  }

  finish(trusted: boolean): Promise<boolean> {
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
      call: (call) => listener.call(call),
      end: (ending) => {
        listener.end(ending);
        this.#end(this.#outcomeOf(ending));
      },
    };
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
    const mask = new Mask(this.secrets, () => storeKey(this.#options.folder));
    return { kind: 'failed', error: mask.value(ending.error) };
  }

  #toldAs(): 'cancelled' | 'timed_out' | undefined {
    return this.#told === undefined ? undefined : this.#told === 'timeout' ? 'timed_out' : 'cancelled';
  }
}
