/**
 * Reads the feed for one consumer: at least once, in order, in one process at a time.
 *
 * 1. Who has the lease reads; another process takes over when it is released, or was not renewed in time.
 * 2. The cursor moves when the handler has returned, in a commit that another process' tenure refuses. Until then the same
 *    events are given again, however often the handler throws: never skipped.
 * 3. A handler whose tenure is over is aborted; the next one begins when it has ended.
 */
import { randomBytes } from 'node:crypto';
import { invalid } from '../../errors/argument.ts';
import { checkNumber, checkObject, checkWhole } from '../../wire/check.ts';
import {
  type ConsumeContext,
  type ConsumeOptions,
  type Consuming,
  checkKinds,
  type FeedEventJson,
  type FeedHandler,
  type FeedKind,
  feedEventJson,
} from '../../wire/feed.ts';
import { messageOf } from '../../wire/message.ts';
import { pause } from '../../wire/pause.ts';
import { LOOK_EVERY } from '../defaults.ts';
import type { VerbContext } from '../verb-context.ts';
import { Bell } from './bell.ts';
import { hubOf } from './hub.ts';

/** Seconds between two tries with the same events: each is twice the one before. */
const FIRST_PAUSE = 1;
const LONGEST_PAUSE = 60;
/** So many events of other kinds are passed before that is stored: it costs a commit. */
const PASSED = 1000;

const KEYS: Record<keyof ConsumeOptions, true> = { from: true, kinds: true, batch: true, lease: true };

/** What a test has otherwise. */
export interface ConsumeTools {
  /** Resolves after so many milliseconds, or when the signal is aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
}

/** Begins to read; ends with the client. */
export function consume(
  context: VerbContext,
  name: string,
  options: ConsumeOptions,
  handler: FeedHandler<FeedEventJson>,
  tools: ConsumeTools = { pause },
): Consuming {
  checkObject('options', options, KEYS);
  checkWhole('name', name);
  if (typeof name !== 'string' || name === '' || name.length > 200)
    throw invalid('name', name, 'a text of 1 to 200 characters');
  if (typeof handler !== 'function') throw invalid('handler', handler, 'a function');
  const { from = 'now', kinds, batch = 100, lease = 30 } = options;
  if (from !== 'now' && from !== 'start') throw invalid('from', from, "'now' or 'start'");
  if (kinds !== undefined) checkKinds(kinds);
  const limit = checkNumber('batch', batch, 1, 1000);
  const leaseMs = checkNumber('lease', lease, 1, 3600) * 1000;
  const consumer = new Consumer(context, { name, from, kinds: kinds ?? null, limit, lease: leaseMs }, handler, tools);
  const done = consumer.run();
  const forget = context.onClose(() => consumer.stop());
  done.then(forget);
  return { done, stop: () => consumer.stop() };
}

interface Wanted {
  name: string;
  from: 'now' | 'start';
  kinds: readonly FeedKind[] | null;
  limit: number;
  /** Milliseconds. */
  lease: number;
}

class Consumer {
  readonly #context: VerbContext;
  readonly #wanted: Wanted;
  readonly #handler: FeedHandler<FeedEventJson>;
  readonly #tools: ConsumeTools;
  readonly #owner = `consumer_${randomBytes(8).toString('hex')}`;
  readonly #stopped = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(context: VerbContext, wanted: Wanted, handler: FeedHandler<FeedEventJson>, tools: ConsumeTools) {
    this.#context = context;
    this.#wanted = wanted;
    this.#handler = handler;
    this.#tools = tools;
  }

  run(): Promise<void> {
    this.#done = this.#run();
    return this.#done;
  }

  async stop(): Promise<void> {
    this.#stopped.abort(new Error(`consumer '${this.#wanted.name}' was stopped`));
    await this.#done;
  }

  /** A store that cannot be asked is asked again, ever more rarely. */
  async #run(): Promise<void> {
    const { signal } = this.#stopped;
    for (let failures = 0; !signal.aborted; ) {
      try {
        await this.#tenure();
        failures = 0;
      } catch (error) {
        if (signal.aborted) return;
        this.#tell('the store cannot be asked', error, failures);
        await this.#tools.pause(pauseAfter(failures++), signal);
      }
    }
  }

  /** Once it is this process' turn, until it is no more. */
  async #tenure(): Promise<void> {
    const { name, from, lease } = this.#wanted;
    const taken = await this.#context.run('takeOver', { name, owner: this.#owner, from, lease });
    if ('heldFor' in taken) {
      return this.#tools.pause(Math.min(taken.heldFor + 1, LOOK_EVERY), this.#stopped.signal);
    }
    const tenure = new Tenure(
      this.#context,
      { name, owner: this.#owner, epoch: taken.epoch, lease },
      this.#stopped.signal,
    );
    try {
      await this.#read(tenure, taken.after);
    } finally {
      await tenure.end();
    }
  }

  async #read(tenure: Tenure, from: number): Promise<void> {
    const store = await this.#context.store();
    const hang = (ring: () => void) => hubOf(this.#context).committed(store, ring, { dropNothing: true });
    const bell = new Bell(hang, { signal: tenure.signal });
    try {
      for (let after = from, stored = from; !tenure.signal.aborted; ) {
        const page = await this.#page(after);
        after = page.next;
        if (page.events.length > 0) await this.#deal(tenure, page);
        const isToStore = page.events.length > 0 || after - stored >= PASSED;
        if (isToStore && !tenure.signal.aborted) stored = await tenure.keep(after);
        if (!page.more && !tenure.signal.aborted) await bell.rings().catch(() => {});
      }
    } finally {
      bell.close();
    }
  }

  /** The cursor is of the file itself; of a file in which too much has gone, all that is left follows. */
  async #page(n: number): Promise<Batch> {
    const { kinds, limit } = this.#wanted;
    const query = { limit, kinds, task: null, recipe: null, session: null };
    const at = await this.#context.run('feed', { ...query, after: { store: null, n } });
    if (at === null) throw new Error('the store is of an older version');
    const events = at.events.map((event) => feedEventJson(at.store, event));
    return { events, next: at.next, more: at.more, isTooOld: at.forgotten > n };
  }

  /** Until the handler has taken them, or it is not this process' turn any more. */
  async #deal({ signal }: Tenure, { events, isTooOld }: Batch): Promise<void> {
    const given: ConsumeContext = { signal, ...(isTooOld ? { reset: 'too_old' } : {}) };
    for (let failures = 0; !signal.aborted; failures++) {
      try {
        await this.#handler(events, given);
        return;
      } catch (error) {
        if (signal.aborted) return;
        this.#tell('its handler threw', error, failures);
        await this.#tools.pause(pauseAfter(failures), signal);
      }
    }
  }

  #tell(what: string, error: unknown, failures: number): void {
    const again = `the same events come again in ${pauseAfter(failures) / 1000} s`;
    process.emitWarning(`consumer '${this.#wanted.name}': ${what}, ${again}: ${messageOf(error)}`, {
      code: 'OFFSTAGE_CONSUMER',
    });
  }
}

interface Batch {
  events: FeedEventJson[];
  next: number;
  more: boolean;
  isTooOld: boolean;
}

/** That it is this process' turn: while it lasts it is renewed, and its signal is aborted when it is over. */
class Tenure {
  readonly #context: VerbContext;
  readonly #held: { name: string; owner: string; epoch: number; lease: number };
  readonly #over = new AbortController();
  readonly #leave: () => void;
  readonly #renewal: NodeJS.Timeout;
  /** By the monotonic clock. */
  #until: number;

  constructor(
    context: VerbContext,
    held: { name: string; owner: string; epoch: number; lease: number },
    stop: AbortSignal,
  ) {
    this.#context = context;
    this.#held = held;
    this.#until = performance.now() + held.lease;
    this.#renewal = setInterval(() => void this.keep(null).catch(() => {}), held.lease / 3).unref();
    const end = (): void => this.#over.abort(stop.reason);
    if (stop.aborted) end();
    stop.addEventListener('abort', end, { once: true });
    this.#leave = () => stop.removeEventListener('abort', end);
  }

  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /** Renews it, and moves the cursor; it is over when another process has it, or when nobody could say so for too long. */
  async keep(after: number | null): Promise<number> {
    const { name } = this.#held;
    const begin = performance.now();
    try {
      if (await this.#context.run('holdOn', { ...this.#held, after })) this.#until = begin + this.#held.lease;
      else this.#over.abort(new Error(`consumer '${name}' goes on in another process`));
    } catch (error) {
      if (performance.now() >= this.#until) this.#over.abort(error);
      throw error;
    }
    return after ?? 0;
  }

  /** Another process need not wait for the lease to end. */
  async end(): Promise<void> {
    clearInterval(this.#renewal);
    this.#leave();
    this.#over.abort(new Error('its turn is over'));
    const { name, owner, epoch } = this.#held;
    await this.#context.run('holdOn', { name, owner, epoch, after: null, lease: 0 }).catch(() => {}); // the lease ends by itself
  }
}

const pauseAfter = (failures: number): number => Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** failures) * 1000;
