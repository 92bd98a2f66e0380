/**
 * Who is told of tasks by this process: callbacks and signals of submits. It keeps no process alive.
 *
 * 1. Each is told for himself, when something has happened to his task: what one takes, or throws, is nothing to another one.
 * 2. Those that are added together are looked at once together: what has happened before was not told.
 * 3. A look that fails is repeated once a second.
 */
import { here, type Scope } from '../../platform/scope.ts';
import type { Attendance } from '../../ports/verbs.ts';
import { atEndOfTurn } from '../../store/turn.ts';
import { onAbort, reasonText } from '../../wire/abort.ts';
import { taskFromJson } from '../../wire/convert.ts';
import { messageOf } from '../../wire/message.ts';
import { isTerminal } from '../../wire/task.ts';
import { ensureWorkerFor } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { cancel } from '../verbs/cancel.ts';
import { readEvents } from '../verbs/events.ts';
import { peek, seen } from '../verbs/read.ts';
import { eachTime } from './bell.ts';
import { hubOf } from './hub.ts';

/** One task that somebody is told of. */
interface Attended extends Pick<Attendance, 'onComplete' | 'onProgress'> {
  id: string;
  /** The async context of its submit. */
  scope: Scope;
  /** The last event that was looked at. */
  seen: number;
  /** Something may have happened since the look that is under way. */
  again: boolean;
  isLooking: boolean;
  /** End what its signal does, and what is heard of it. */
  leave: (() => void)[];
}

const all = new WeakMap<VerbContext, Attendants>();

/** From now on tells of the task. A signal that is aborted already cancels it at once. */
export async function attend(context: VerbContext, id: string, attendance: Attendance): Promise<void> {
  let attendants = all.get(context);
  if (attendants === undefined) {
    attendants = new Attendants(context);
    all.set(context, attendants);
  }
  const { onComplete, onProgress, signal } = attendance;
  const leave = signal === undefined ? [] : [cancelledBy(context, id, signal)];
  const told = { ...(onComplete && { onComplete }), ...(onProgress && { onProgress }) };
  await attendants.add({ id, scope: here(), seen: 0, again: false, isLooking: false, leave, ...told });
}

function cancelledBy(context: VerbContext, id: string, signal: NonNullable<Attendance['signal']>): () => void {
  const abort = (): void => {
    // Before the commit: whoever waits may see that first.
    context.here.abortedWith.set(id, signal.reason);
    cancel(context, [id], { reason: reasonText(signal) }).then(
      ([done]) => {
        if (!done?.cancelled) context.here.abortedWith.delete(id);
      },
      (error) => warn(`task ${id} could not be cancelled by its signal`, error),
    );
  };
  if (!signal.aborted) return onAbort(signal, abort);
  abort();
  return () => {};
}

class Attendants {
  readonly #context: VerbContext;
  readonly #tasks = new Set<Attended>();
  /** Those that were added in this turn. */
  #added: Attended[] = [];
  /** Those whose last look has failed. */
  readonly #failed = new Set<Attended>();
  #clock: NodeJS.Timeout | undefined;
  #turn = 0;
  #complained = false;

  constructor(context: VerbContext) {
    this.#context = context;
    context.onClose(() => this.#dismiss());
  }

  async add(attended: Attended): Promise<void> {
    this.#tasks.add(attended);
    const store = await this.#context.store();
    const hub = hubOf(this.#context);
    const ring = (): void => void this.#look(attended);
    const { id, onProgress } = attended;
    attended.leave.push(onProgress === undefined ? hub.ended(store, id, ring) : hub.told(store, id, ring));
    this.#clock ??= eachTime(this.#context.lookEvery, () => this.#tick());
    if (this.#added.push(attended) === 1) atEndOfTurn(() => void this.#lookAtAdded());
  }

  async #lookAtAdded(): Promise<void> {
    const added = this.#added;
    this.#added = [];
    const ids = added.filter(({ onProgress }) => onProgress === undefined).map(({ id }) => id);
    const live = new Set(ids.length === 0 ? [] : await this.#context.run('live', { ids }).catch(() => [])); // each tries himself
    for (const attended of added) if (!live.has(attended.id)) void this.#look(attended);
  }

  /** Also who only has callbacks waits: one task each time, in turn, gets a worker when it has none. */
  #tick(): void {
    for (const attended of this.#failed) void this.#look(attended);
    const tasks = [...this.#tasks];
    const one = tasks[this.#turn % tasks.length];
    this.#turn += 1;
    if (one !== undefined) ensureWorkerFor(this.#context, one.id).catch((error) => this.#complain(error));
  }

  /** One look at a time; a ring meanwhile makes another one follow. */
  async #look(attended: Attended): Promise<void> {
    attended.again = true;
    if (attended.isLooking) return;
    attended.isLooking = true;
    while (attended.again && this.#tasks.has(attended)) {
      attended.again = false;
      await this.#lookOnce(attended);
    }
    attended.isLooking = false;
  }

  async #lookOnce(attended: Attended): Promise<void> {
    this.#failed.delete(attended);
    try {
      await this.#tell(attended);
    } catch (error) {
      if (isGone(error)) return this.#forget(attended);
      this.#failed.add(attended);
      this.#complain(error);
    }
  }

  async #tell(attended: Attended): Promise<void> {
    const { id, scope, onComplete, onProgress } = attended;
    const stored = await peek(this.#context, id);
    if (onProgress !== undefined) await this.#tellProgress(attended, onProgress);
    if (!isTerminal(stored.status)) return;
    const task = onComplete && taskFromJson(await seen(this.#context, stored));
    if (!this.#tasks.has(attended)) return; // closed meanwhile
    this.#forget(attended);
    if (onComplete && task) callBack(scope, `onComplete of task ${id}`, onComplete, task);
  }

  async #tellProgress(attended: Attended, onProgress: NonNullable<Attended['onProgress']>): Promise<void> {
    for (;;) {
      const { events, lastSeq } = await readEvents(this.#context, attended.id, attended.seen);
      for (const { seq, kind, data } of events) {
        attended.seen = seq;
        if (kind !== 'progress' || !this.#tasks.has(attended)) continue;
        const told = JSON.parse(data) as { fraction: number; message?: string | null; data?: unknown };
        const { fraction, message } = told;
        callBack(
          attended.scope,
          `onProgress of task ${attended.id}`,
          onProgress,
          fraction,
          message ?? undefined,
          told.data,
        );
      }
      if (events.length === 0 || attended.seen >= lastSeq) return;
    }
  }

  /** A store that cannot be asked now may be there again; with the client closed nobody is told any more. */
  #complain(error: unknown): void {
    if (this.#tasks.size === 0 || this.#complained) return;
    this.#complained = true;
    warn('callbacks of tasks may come late: the store cannot be asked', error);
  }

  #forget(attended: Attended): void {
    this.#tasks.delete(attended);
    this.#failed.delete(attended);
    for (const leave of attended.leave) leave();
    if (this.#tasks.size > 0) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
  }

  #dismiss(): void {
    for (const attended of this.#tasks) this.#forget(attended);
  }
}

/** The task was cleared: there is nothing left to tell. */
const isGone = (error: unknown): boolean => (error as { code?: unknown }).code === 'task_not_found';

/** Calls user code in the async context of the submit that gave it; its errors are its own. */
function callBack<A extends unknown[]>(
  scope: Scope,
  what: string,
  callback: (...args: A) => unknown,
  ...args: A
): void {
  const failed = (error: unknown): void => warn(`${what} threw`, error);
  try {
    const returned = scope.runInAsyncScope(callback, undefined, ...args);
    if (returned instanceof Promise) returned.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function warn(what: string, error: unknown): void {
  process.emitWarning(`${what}: ${messageOf(error)}`, { code: 'OFFSTAGE_CALLBACK' });
}
