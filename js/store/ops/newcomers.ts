/**
 * New tasks of a turn that start with it: they are inserted as running, where the claim at its end would start them.
 *
 * 1. Only while nothing else is ready for the worker or follows the ends of the turn, nobody wants a slot back, no limit is shared,
 *    there is room for all that the turn brings, and none of that interrupts or has a limit: then the claim would start them whatever
 *    their order (O1 to O3, L4).
 * 2. Only those of which the claim's query would ask nothing more: code that the worker has, at once, for as long as it takes,
 *    without limit, parent, or session to wait for.
 * 3. The first one that is left to the claim leaves all that follow to it.
 */
import { type CoreEvent, type Decided, submitStarted } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { facts } from '../facts.ts';
import type { Entering } from '../rows/insert.ts';
import { runOf } from '../rows/told.ts';
import { isAnyReady, isAnySlotWanted, letDueOnesIn } from '../sql/claim.ts';
import type { Claimed, NewTask, Turn } from '../types.ts';
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
  /** Those that have started, in order. */
  #started: Claimed[] = [];

  constructor(context: Context, turn: Turn) {
    this.#context = context;
    this.#turn = turn;
  }

  get started(): readonly Claimed[] {
    return this.#started;
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

  /** Makes one that starts at once; nothing where that is left to the claim. */
  *start(id: string, task: NewTask): Program<Entering | undefined> {
    if (this.#isOpen && this.#recipes === undefined) this.#recipes = yield* this.#look();
    this.#isOpen &&= isPlain(task) && this.#recipes?.has(task.code as string) === true;
    if (!this.#isOpen) return undefined;
    const started = submitStarted(task.spec, id, this.#context.now, this.#turn.worker);
    this.#started.push(claimed(id, started, this.#placeOf(task)));
    return started;
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
    const { worker, room, submits, without = [] } = this.#turn;
    const { now, sequels } = this.#context;
    const row = (yield* facts(this.#context)).workers.find((one) => one.row.id === worker)?.row;
    const tasks = submits.flatMap((one) => one.tasks);
    const some = tasks.length;
    if (
      row?.state !== 'live' ||
      room < some ||
      tasks.some(minds) ||
      sequels.size > 0 ||
      (yield* isAnySlotWanted()) !== undefined
    )
      return NONE;
    yield* letDueOnesIn(now);
    const { own, shared } = yield* roomOf(worker);
    if (own < some || shared !== Number.POSITIVE_INFINITY) return NONE;
    return (yield* isAnyReady(worker, now, JSON.stringify(without))) === undefined ? new Set(row.recipes) : NONE;
  }
}

/** It ends others, or may not start when others of its recipe have. */
const minds = ({ onConflict, maxConcurrent }: NewTask): boolean => onConflict === 'interrupt' || maxConcurrent !== null;

const NONE: ReadonlySet<string> = new Set();

function isPlain({ spec, needs, binding, maxConcurrent, onConflict }: NewTask): boolean {
  const isNow = spec.run_at == null && spec.delay_ms == null && spec.ttl_ms == null;
  const isFree = needs.length === 0 && binding === undefined && maxConcurrent === null;
  const isAlone = spec.parent_id == null && (onConflict === 'parallel' || onConflict === 'reject');
  return isFree && isAlone && isNow;
}

/** Its payloads are with who has submitted it. */
function claimed(id: string, { record, events }: Decided, newcomer: Place): Claimed {
  const run = runOf(events.at(-1) as CoreEvent);
  const rest = { environment: null, bound: [], envNote: null, goesOn: false, fit: null, pgid: null } as const;
  return { id, ...run, record, payloads: {}, newcomer, ...rest };
}
