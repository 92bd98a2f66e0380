/** Waiting for one task, the most frequent case: one look a commit, none after the one that sees its end, and none at all for one of here. */

import { parseDuration } from '../../core/index.ts';
import { unreadOf } from '../../store/envelope.ts';
import type { CompletedTask, StoredTask } from '../../store/types.ts';
import type { WaitedAll, WaitedOutcome } from '../../wire/answers.ts';
import type { Soon } from '../../wire/soon.ts';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import type { Duration, HandleWaitOptions } from '../../wire/task-handle.ts';
import { GivenBack } from '../staff/given-back.ts';
import { MissingValues } from '../staff/missing.ts';
import { ensureWorker } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { look, peek, seen, seenLater } from '../verbs/read.ts';
import { storedJson, WHOLE } from '../verbs/stored-json.ts';
import { Bell } from './bell.ts';
import { hears, hubOf } from './hub.ts';
import { peekOutcome } from './peek-outcome.ts';

/** How to wait for one task until a moment of the monotonic clock. */
interface OneWait {
  end: number;
  signal: AbortSignal | undefined;
}

/** What is looked at. */
interface Looks<Seen> {
  look(context: VerbContext, id: string): Promise<Seen>;
  /** How it has ended, where that is known without a look. */
  take?(context: VerbContext, id: string): Seen | undefined;
}

/** Waits until the task is terminal or the time is over. Changes nothing: when it expires, the task runs on. */
export async function waitForOne(context: VerbContext, id: string, how: OneWait): Promise<WaitedAll> {
  const last = await lastOf(context, id, how, { look: (at, one) => peek(at, one, WHOLE) });
  const task = isTerminal(last.status) ? await seen(context, last) : await look(context, id);
  if (isTerminal(task.status)) return { tasks: [task], wait_status: 'ok' };
  return { tasks: [task], wait_status: 'timeout', ...problemOf(context, task) };
}

/** The same for who wants its outcome alone. */
export async function waitForOutcome(
  context: VerbContext,
  id: string,
  { timeout, signal }: HandleWaitOptions = {},
): Promise<WaitedOutcome> {
  signal?.throwIfAborted();
  const how = { end: endOf(timeout), signal };
  const last =
    (await endHere(context, id, how)) ??
    (await lastOf<StoredTask | CompletedTask>(context, id, how, { look: peekOutcome, take: takeOutcome }));
  if (isTerminal(last.status)) {
    seenLater(context, last);
    return outcomeJson(last);
  }
  const task = await look(context, id);
  return isTerminal(task.status) ? { came: 'ended', task } : { came: 'timeout', ...problemOf(context, task) };
}

function outcomeJson(stored: StoredTask | CompletedTask): WaitedOutcome {
  const { status, payloads, record } = stored;
  const isRead = status === 'completed' && (record === undefined || unreadOf(payloads) === undefined);
  if (!isRead) return { came: 'ended', task: storedJson(stored as StoredTask) };
  return { came: 'completed', result: JSON.parse(payloads.result ?? 'null') };
}

/** Why it may not have begun. */
function problemOf({ starts }: VerbContext, { status }: TaskJson): { problem?: string } {
  const { problem } = starts;
  return problem !== undefined && status === 'pending' ? { problem } : {};
}

/** The moment of the monotonic clock at which a wait is over. */
export function endOf(timeout: Duration | undefined): number {
  if (timeout === undefined || timeout === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return performance.now() + parseDuration(timeout, 'timeout') * 1000;
}

/** How one of here has ended that is known to live, once it has; undefined where nothing is known, and who waits has to look. */
function endHere(context: VerbContext, id: string, { end, signal }: OneWait): Soon<StoredTask | undefined> {
  if (!context.here.known.isLive(id)) return takeOutcome(context, id);
  const store = context.openNow;
  if (store === undefined) return undefined;
  const bell = new Bell((ring) => hubOf(context).ended(store, id, ring), { signal });
  const over = (): StoredTask | undefined => {
    bell.close();
    return takeOutcome(context, id);
  };
  return bell.rings(end - performance.now()).then(over, (reason) => {
    bell.close();
    throw reason;
  });
}

/** Looks whenever it may have ended until it has ended or the time is over; answers what was seen last. */
async function lastOf<Seen extends StoredTask | CompletedTask>(
  context: VerbContext,
  id: string,
  { end, signal }: OneWait,
  { look: lookAt, take }: Looks<Seen>,
): Promise<Seen> {
  const isOver = (stored: Seen): boolean => isTerminal(stored.status) || performance.now() >= end;
  const hub = hubOf(context);
  const early = hears(context) ? undefined : await hub.early(() => lookDecided(context, () => lookAt(context, id)));
  if (early !== undefined && isOver(early)) return early;
  const store = await context.store();
  const bell = new Bell((ring) => hub.ended(store, id, ring), { signal });
  const isTold = early === undefined && hub.livesElsewhere(id);
  try {
    if (take !== undefined && isTold) await bell.rings(end - performance.now());
    const known = take?.(context, id);
    if (known !== undefined) return known;
    const isDecided = early !== undefined || (take !== undefined && isTold && performance.now() < end);
    let stored = await (isDecided ? lookAt(context, id) : lookDecided(context, () => lookAt(context, id)));
    const care = new Care(context);
    while (stored.record !== undefined && !isOver(stored)) {
      const again = isInHand(context, stored) ? Number.POSITIVE_INFINITY : await care.take(stored);
      await bell.rings(Math.min(again, end - performance.now()));
      stored = take?.(context, id) ?? (await lookAt(context, id));
    }
    return stored;
  } finally {
    bell.close();
  }
}

/** How it has ended, where that came with the commit of its end. */
function takeOutcome({ here }: VerbContext, id: string): StoredTask | undefined {
  const outcome = here.known.take(id);
  if (outcome === undefined) return undefined;
  return { ...outcome, ...NOBODYS, seen: false, drop_at: null };
}

/** Who has just ended is nobody's any more. */
const NOBODYS = {
  tags: [],
  below: [],
  worker: null,
  owner: 'unknown',
  runnable: false,
  missing: [],
  undelivered: false,
  bound: false,
} as const;

/** A new task that some living worker runs, and for which none has to be started here: there is nothing to tell or to do. */
function isInHand({ recipes, worker }: VerbContext, { runnable, record }: StoredTask): boolean {
  if (!runnable) return false;
  const { recipe, created_at, updated_at } = JSON.parse(record) as Record<string, unknown>;
  return created_at === updated_at && (worker !== 'app' || recipes.has(recipe as string));
}

/** What whoever waits does for a task that waits. */
class Care {
  readonly #context: VerbContext;
  readonly #givenBack: GivenBack;
  readonly #missing: MissingValues;

  constructor(context: VerbContext) {
    this.#context = context;
    this.#givenBack = new GivenBack(context);
    this.#missing = new MissingValues(context);
  }

  /** Tells what keeps it waiting, and has a worker started. Answers in how many milliseconds to look again. */
  async take(stored: StoredTask): Promise<number> {
    if (stored.status !== 'pending') return Number.POSITIVE_INFINITY;
    const task = storedJson(stored);
    await this.#givenBack.tell(task);
    const again = this.#missing.tell(task);
    if (!isServed(this.#context, stored, task)) await ensureWorker(this.#context, task);
    return again;
  }
}

/** Whether a worker of another process can run it, as this very look says: then there is nobody to start or to hand values to. */
const isServed = (context: VerbContext, { runnable }: StoredTask, { recipe }: TaskJson): boolean =>
  runnable && context.worker === 'detached' && !context.recipes.has(recipe);

/** Decides what is due and looks: at once, and again when something was decided meanwhile. */
async function lookDecided<Seen>(context: VerbContext, lookAt: () => Promise<Seen>): Promise<Seen> {
  const [decided, stored] = await Promise.all([context.due(), lookAt()]);
  return decided > 0 ? lookAt() : stored;
}
