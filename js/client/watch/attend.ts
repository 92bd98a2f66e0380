/**
 * Who is told of tasks by this process: callbacks and signals of submits. It keeps no process alive.
 *
 * One look serves all: after a commit of any process, and once a second, it asks which tasks still live.
 */
import { here, type Scope } from '../../platform/scope.ts';
import type { Attendance } from '../../ports/verbs.ts';
import { onAbort, reasonText } from '../../wire/abort.ts';
import { taskFromJson } from '../../wire/convert.ts';
import { messageOf } from '../../wire/message.ts';
import { ensureWorkerFor } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { cancel } from '../verbs/cancel.ts';
import { readEvents } from '../verbs/events.ts';
import { look } from '../verbs/read.ts';
import { Bell, DECIDE_EVERY, Decisions } from './bell.ts';

/** One task that somebody is told of. */
interface Attended extends Pick<Attendance, 'onComplete' | 'onProgress'> {
  id: string;
  /** The async context of its submit. */
  scope: Scope;
  /** The last event that was looked at. */
  seen: number;
  /** Ends what its signal does. */
  leave: () => void;
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
  const leave = signal === undefined ? () => {} : cancelledBy(context, id, signal);
  attendants.add({
    id,
    scope: here(),
    seen: 0,
    leave,
    ...(onComplete === undefined ? {} : { onComplete }),
    ...(onProgress === undefined ? {} : { onProgress }),
  });
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
  #bell: Bell | undefined;
  #working = false;
  #turn = 0;
  #complained = false;

  constructor(context: VerbContext) {
    this.#context = context;
    context.onClose(() => this.#dismiss());
  }

  add(attended: Attended): void {
    this.#tasks.add(attended);
    this.#bell?.ring();
    if (this.#working) return;
    this.#working = true;
    this.#work().catch((error) => {
      this.#working = false;
      this.#complain(error);
      this.#dismiss();
    });
  }

  async #work(): Promise<void> {
    const bell = new Bell(await this.#context.store(), { loose: true });
    this.#bell = bell;
    try {
      for (const decisions = new Decisions(); ; ) {
        await this.#look().catch((error) => this.#complain(error));
        // whoever is added from here on begins anew
        if (this.#tasks.size === 0) break;
        await bell.rings(DECIDE_EVERY);
        if (this.#tasks.size > 0 && decisions.isTime()) await this.#decide().catch(() => {}); // the next look complains
      }
    } finally {
      bell.close();
      this.#bell = undefined;
    }
    this.#working = false;
  }

  /** Also who only has callbacks waits: one task each time, in turn, gets a worker when it has none. */
  async #decide(): Promise<void> {
    await this.#context.due();
    const tasks = [...this.#tasks];
    const one = tasks[this.#turn % tasks.length];
    this.#turn += 1;
    if (one !== undefined) await ensureWorkerFor(this.#context, one.id);
  }

  async #look(): Promise<void> {
    if (this.#tasks.size === 0) return;
    const tasks = [...this.#tasks]; // one that is added meanwhile may not be among those that are read now
    const live = new Set(await this.#context.run('live', { ids: tasks.map(({ id }) => id) }));
    for (const attended of tasks) {
      const ended = !live.has(attended.id);
      if ((await this.#hasTold(attended, ended)) && ended) this.#forget(attended);
    }
  }

  /** False when the store could not be asked: then the next look tells. */
  async #hasTold(attended: Attended, ended: boolean): Promise<boolean> {
    try {
      await this.#tell(attended, ended);
      return true;
    } catch (error) {
      if (isGone(error)) return true;
      this.#complain(error);
      return false;
    }
  }

  async #tell(attended: Attended, ended: boolean): Promise<void> {
    if (attended.onProgress !== undefined) await this.#tellProgress(attended, attended.onProgress);
    if (!ended || attended.onComplete === undefined || !this.#tasks.has(attended)) return;
    const task = taskFromJson(await look(this.#context, attended.id));
    callBack(attended.scope, `onComplete of task ${attended.id}`, attended.onComplete, task);
  }

  async #tellProgress(attended: Attended, onProgress: NonNullable<Attended['onProgress']>): Promise<void> {
    for (;;) {
      const { events, lastSeq } = await readEvents(this.#context, attended.id, attended.seen);
      for (const { seq, kind, data } of events) {
        attended.seen = seq;
        if (kind !== 'progress' || !this.#tasks.has(attended)) continue;
        const { fraction, message } = JSON.parse(data) as { fraction: number; message?: string | null };
        callBack(attended.scope, `onProgress of task ${attended.id}`, onProgress, fraction, message ?? undefined);
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
    attended.leave();
  }

  #dismiss(): void {
    for (const attended of this.#tasks) this.#forget(attended);
    this.#bell?.ring();
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
