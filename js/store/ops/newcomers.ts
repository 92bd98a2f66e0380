/**
 * New tasks of a turn that start with it: they are inserted as running, where the claim at its end would start them.
 *
 * 1. Only while nothing else is ready for the worker or follows the ends of the turn, nobody wants a slot back, no limit is shared,
 *    there is room for all that the turn brings, and none of that interrupts or has a limit: then the claim would start them whatever
 *    their order (O1 to O3, L4).
 * 2. Only those of which the claim's query would ask nothing more: code that the worker has, at once, for as long as it takes,
 *    without limit, parent, or session to wait for.
 * 3. The first one that is left to the claim leaves all that follow to it.
 * 4. Those at the head of which nothing else is asked, not even whether there is a key or a session, are entered together.
 */
import { type Begun, type CoreEvent, type Decided, newTaskId, submitStarted } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { facts } from '../facts.ts';
import { type Entrant, insertTasks } from '../rows/insert.ts';
import { small, storedTask } from '../rows/shown.ts';
import type { TaskRow } from '../rows/task.ts';
import { runOf } from '../rows/told.ts';
import { isAnyReady, isAnySlotWanted, letDueOnesIn, type Waiting, whoWaits } from '../sql/claim.ts';
import type { Claimed, NewTask, StoredTask, Submit, Submitted, Turn } from '../types.ts';
import type { Context } from './operation.ts';
import { roomOf } from './room.ts';

type Place = NonNullable<Claimed['newcomer']>;

export class Newcomers {
  readonly #context: Context;
  readonly #turn: Turn;
  /** Which task of which submit each is. */
  #places: ReadonlyMap<NewTask, Place> | undefined;
  /** Recipes in code that the worker has; nothing before it was looked whether any may start. */
  #recipes: ReadonlySet<string> | undefined;
  #isOpen = true;
  /** As it was at that look: who starts here changes nothing of it. */
  #waiting: Waiting = { some: 1, later: 1 };
  /** What was decided of those that have not come yet, too. */
  readonly #begun = new Map<NewTask, { id: string; begun: Begun | Error }>();
  /** Those that have started, in order. */
  #started: Claimed[] = [];

  constructor(context: Context, turn: Turn) {
    this.#context = context;
    this.#turn = turn;
  }

  get started(): readonly Claimed[] {
    return this.#started;
  }

  /** Who waits besides, where `areAll`. */
  get waiting(): Waiting {
    return this.#waiting;
  }

  /** There was one, and all have started: nothing is left that could start, and nobody wants a slot back. */
  get areAll(): boolean {
    return this.#isOpen && this.#started.length > 0;
  }

  /** How many have started, for `goBackTo`. */
  mark(): number {
    return this.#started.length;
  }

  /** Those that were inserted since then are none any more. */
  goBackTo(mark: number): void {
    this.#started.length = mark;
  }

  /** Makes one that starts at once, and its id; nothing where that is left to the claim. */
  *start(task: NewTask): Program<{ id: string; begun: Begun } | undefined> {
    if (this.#isOpen && this.#recipes === undefined) this.#recipes = yield* this.#look();
    this.#isOpen &&= this.#starts(task);
    if (!this.#isOpen) return undefined;
    const { id, begun } = this.#begin(task);
    if (begun instanceof Error) throw begun;
    this.#started.push(claimed(id, begun, this.#placeOf(task)));
    return { id, begun };
  }

  /** What has become of the submits at the head which are of such tasks only. */
  *enterTogether(submits: readonly Submit[]): Program<Map<Submit, Submitted>> {
    const plain = headOf(submits, asksNothingElse);
    if (!this.#isOpen || this.#context.live === undefined || plain.length === 0) return new Map();
    this.#recipes ??= yield* this.#look();
    const entering = headOf(plain, ({ tasks }) => tasks.every((task) => this.#starts(task)));
    const begun = headOf(entering, ({ tasks }) => !tasks.some((task) => this.#begin(task).begun instanceof Error));
    return begun.length === 0 ? new Map() : yield* this.#enter(begun);
  }

  *#enter(submits: readonly Submit[]): Program<Map<Submit, Submitted>> {
    const { now } = this.#context;
    const tasks = submits.flatMap((one) => one.tasks);
    const entrants = tasks.map((task): Entrant => {
      const { id, begun } = this.#begin(task) as { id: string; begun: Begun };
      this.#started.push(claimed(id, begun, this.#placeOf(task)));
      const { payloads, refs, code } = task;
      return { id, entering: begun, placing: { ...FREE, code, createdAt: now }, payloads, refs };
    });
    const stored = yield* this.#stored(yield* insertTasks(this.#context, entrants));
    return new Map(
      submits.map((one) => {
        const shown = stored.splice(0, one.tasks.length);
        return [one, { tasks: one.brief ? shown.map(small) : shown, spawn: false, unheld: [] }];
      }),
    );
  }

  /** As they were submitted. Those of one recipe differ in nothing else. */
  *#stored(rows: readonly TaskRow[]): Program<StoredTask[]> {
    const known = yield* facts(this.#context);
    const shown = new Map<string | null, StoredTask>();
    for (const row of rows) if (!shown.has(row.code)) shown.set(row.code, yield* storedTask(row, [], known));
    return rows.map(({ id, record, code }) => ({ ...(shown.get(code) as StoredTask), id, record }));
  }

  #begin(task: NewTask): { id: string; begun: Begun | Error } {
    const known = this.#begun.get(task);
    if (known !== undefined) return known;
    const { live, now } = this.#context;
    const { worker } = this.#turn;
    if (live === undefined) {
      const id = newTaskId();
      return { id, begun: submitStarted(task.spec, id, now, worker) };
    }
    const tasks = this.#from(task);
    const asked = tasks.map(({ task: { spec }, isBrief }) => ({ id: newTaskId(), spec, isBrief }));
    live.begin(asked, now, worker).forEach((begun, n) => {
      this.#begun.set(tasks[n]?.task as NewTask, { id: asked[n]?.id as string, begun });
    });
    return this.#begun.get(task) as { id: string; begun: Begun | Error }; // it is the first of them
  }

  /** It and those that follow it, as far as they start as well unless something is in their way. */
  #from(task: NewTask): readonly { task: NewTask; isBrief: boolean }[] {
    const all = this.#turn.submits
      .flatMap((one) => one.tasks.map((of) => ({ task: of, isBrief: isBrief(one) })))
      .filter((one) => one.task.spec.parent_id == null);
    return headOf(all.slice(all.findIndex((one) => one.task === task)), (one) => this.#starts(one.task));
  }

  #starts(task: NewTask): boolean {
    return isPlain(task) && this.#recipes?.has(task.code as string) === true;
  }

  #placeOf(task: NewTask): Place {
    const { submits } = this.#turn;
    this.#places ??= new Map(
      submits.flatMap(({ tasks }, submit) => tasks.map((one, index) => [one, { submit, task: index }])),
    );
    return this.#places.get(task) as Place; // it is one of them
  }

  /** What the worker has, where the claim would come to newcomers at once; else nothing. */
  *#look(): Program<ReadonlySet<string>> {
    const { worker, room, submits } = this.#turn;
    const { sequels } = this.#context;
    const row = (yield* facts(this.#context)).workers.find((one) => one.row.id === worker)?.row;
    const tasks = submits.flatMap((one) => one.tasks);
    const some = tasks.length;
    if (row?.state !== 'live' || room < some || tasks.some(minds) || sequels.size > 0) return NONE;
    this.#waiting = yield* whoWaits();
    if (this.#waiting.some > 0 && (yield* isAnySlotWanted()) !== undefined) return NONE;
    const { own, shared } = yield* roomOf(worker);
    if (own < some || shared !== Number.POSITIVE_INFINITY) return NONE;
    return (yield* this.#isAnyReady()) ? NONE : new Set(row.recipes);
  }

  *#isAnyReady(): Program<boolean> {
    const { worker, without = [] } = this.#turn;
    const { now } = this.#context;
    const { some, later } = this.#waiting;
    if (later > 0) yield* letDueOnesIn(now);
    return some + later > 0 && (yield* isAnyReady(worker, now, JSON.stringify(without))) !== undefined;
  }
}

/** The first ones of which all that is true. */
function headOf<T>(all: readonly T[], is: (one: T) => boolean): readonly T[] {
  const end = all.findIndex((one) => !is(one));
  return end < 0 ? all : all.slice(0, end);
}

/** Its answer has no records, and nobody else is told of them. */
const isBrief = ({ brief = false, request = null }: Submit): boolean => brief && request === null;

/** How a task is placed that asks for nothing. */
const FREE = { needs: [], maxConcurrent: null, binding: null, place: null, waits: false, childKey: null } as const;

/** Nobody has to be looked for. */
const asksNothingElse = ({ tasks, start, request = null }: Submit): boolean =>
  start === null && request === null && tasks.length > 0 && tasks.every(isUnrelated);

/** It has no key, no parent, no tags, and nothing follows it. */
function isUnrelated(task: NewTask): boolean {
  const { spec, tags = [], sequel, origin, onConflict, childKey, parent } = task;
  const isKnown = spec.idempotency_key != null || spec.source != null || childKey !== null || parent !== null;
  const isFollowed = sequel !== undefined || origin !== undefined || tags.length > 0;
  return isPlain(task) && !isKnown && !isFollowed && (onConflict === 'parallel' || spec.session_id == null);
}

/** It ends others, or may not start when others of its recipe have. */
const minds = ({ onConflict, maxConcurrent }: NewTask): boolean => onConflict === 'interrupt' || maxConcurrent !== null;

const NONE: ReadonlySet<string> = new Set();

function isPlain({ spec, needs, binding, maxConcurrent, onConflict }: NewTask): boolean {
  const isNow = spec.run_at == null && spec.delay_ms == null && spec.ttl_ms == null;
  const isFree = needs.length === 0 && binding === undefined && maxConcurrent === null;
  const isUnled = spec.parent_id == null && (onConflict === 'parallel' || onConflict === 'reject');
  return isFree && isUnled && isNow;
}

/** Its payloads are with who has submitted it. */
function claimed(id: string, { record, events }: Decided, newcomer: Place): Claimed {
  const run = runOf(events.at(-1) as CoreEvent);
  const rest = { environment: null, bound: [], envNote: null, goesOn: false, fit: null, pgid: null } as const;
  return { id, ...run, record, payloads: {}, newcomer, ...rest };
}
