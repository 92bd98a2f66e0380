/** Tells a callback of schedules that have a message in place of a request. */
import { randomBytes } from 'node:crypto';
import { invalid } from '../../errors/argument.ts';
import { checkObject } from '../../wire/check.ts';
import { messageOf } from '../../wire/message.ts';
import type { ScheduleJob } from '../../wire/schedule.ts';
import type { VerbContext } from '../verb-context.ts';

/** How a loop works. */
export interface ScheduleLoopOptions {
  /** Called for each moment; each call runs beside the others. What it throws is a warning, and stands in the schedule's `lastError`. */
  onTrigger(job: ScheduleJob): unknown;
  /** Seconds between two looks for what others have added, at least 0.1. Default 30. */
  tickSeconds?: number | undefined;
  /** The store's file, or its folder. Default: found from the working directory. */
  store?: string | undefined;
}

const KEYS: Record<keyof ScheduleLoopOptions, true> = { onTrigger: true, tickSeconds: true, store: true };

/** Milliseconds that one process has a moment for itself; renewed while its callback runs. */
const LEASE = 30_000;

/**
 * Calls back when a schedule with a message is due. Of several loops, in whatever processes, one is told of each moment; when
 * its process dies during the callback another one is told 30 s later. Keeps the process alive until it is stopped.
 */
export class ScheduleLoop {
  readonly #options: ScheduleLoopOptions;
  readonly #tick: number;
  readonly #owner = `loop_${randomBytes(8).toString('hex')}`;
  readonly #running = new Set<Promise<void>>();
  #context: Promise<VerbContext> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #said = '';

  /** `InvalidArgumentError` for options that are none. Nothing is opened before `start`. */
  constructor(options: ScheduleLoopOptions) {
    checkObject('options', options, KEYS);
    const { onTrigger, tickSeconds = 30 } = options;
    if (typeof onTrigger !== 'function') throw invalid('onTrigger', onTrigger, 'a function');
    if (!(typeof tickSeconds === 'number' && tickSeconds >= 0.1 && tickSeconds <= 86_400))
      throw invalid('tickSeconds', tickSeconds, 'seconds from 0.1 to 86400');
    this.#options = options;
    this.#tick = tickSeconds * 1000;
  }

  /** Whether it was started and not stopped. */
  get isRunning(): boolean {
    return this.#context !== undefined;
  }

  /** Begins; once more it does nothing. */
  start(): void {
    if (this.#context !== undefined) return;
    const { store } = this.#options;
    this.#context = import('../open.ts').then(({ openContext }) =>
      openContext({ worker: 'none', ...(store === undefined ? {} : { store }) }),
    );
    this.#context.catch(() => {}); // told by the look
    this.#look();
  }

  /** Begins no callback any more, and gives those that run so many seconds; then they go on unheeded. */
  async stop(timeout = 5): Promise<void> {
    const context = this.#context;
    if (context === undefined) return;
    this.#context = undefined;
    clearTimeout(this.#timer);
    await this.#looking;
    await this.#settled(timeout * 1000);
    await (await context.catch(() => undefined))?.close();
  }

  async #settled(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const over = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
    });
    await Promise.race([Promise.allSettled(this.#running), over]);
    clearTimeout(timer);
  }

  #look(): void {
    if (this.#looking !== undefined || !this.isRunning) return;
    clearTimeout(this.#timer);
    this.#looking = this.#lookOnce()
      .catch((error) => {
        this.#tell(error);
        return this.#tick;
      })
      .then((next) => {
        this.#looking = undefined;
        if (this.isRunning) this.#timer = setTimeout(() => this.#look(), Math.min(next, this.#tick));
      });
  }

  /** Begins what is due; answers in how many milliseconds to look again. */
  async #lookOnce(): Promise<number> {
    const context = await this.#context;
    if (context === undefined) return this.#tick;
    const { rows, nextAt } = await context.run('dueSchedules', { by: 'loop', codes: [] });
    const tellers = rows.length === 0 ? undefined : await import('./tell.ts');
    const how = { owner: this.#owner, lease: LEASE, call: (job: ScheduleJob) => this.#call(job) };
    for (const row of rows) if (tellers !== undefined) this.#begin(tellers.tell(context, row, how));
    if (rows.length === 0) this.#said = '';
    return rows.length > 0 || nextAt === null ? this.#tick : Math.max(1, nextAt - Date.now());
  }

  #begin(telling: Promise<void>): void {
    const running = telling
      .then(
        () => true,
        (error) => this.#tell(error),
      )
      .then((told) => {
        this.#running.delete(running);
        if (told) this.#look(); // the next moment may be sooner than the next look
      });
    this.#running.add(running);
  }

  async #call(job: ScheduleJob): Promise<string | null> {
    try {
      await this.#options.onTrigger(job);
      return null;
    } catch (error) {
      process.emitWarning(`the callback for schedule '${job.name}' threw: ${messageOf(error)}`, {
        code: 'OFFSTAGE_SCHEDULE',
      });
      return messageOf(error);
    }
  }

  /** The same thing once. */
  #tell(error: unknown): false {
    const text = messageOf(error);
    if (text !== this.#said)
      process.emitWarning(`schedules cannot be looked at: ${text}`, { code: 'OFFSTAGE_SCHEDULE' });
    this.#said = text;
    return false;
  }
}
