import type { CoreEvent } from '../../core/index.ts';
import type { Program } from '../../ports/backend.ts';
import { boundOf } from '../rows/bound.ts';
import { decideHere, writeDecided } from '../rows/decided.ts';
import { readAllHanded } from '../rows/payloads.ts';
import { isReadable } from '../rows/task.ts';
import { runOf } from '../rows/told.ts';
import { isReady, letDueOnesIn, type Ready, readyTasks } from '../sql/claim.ts';
import { environmentData, noteEnvironment } from '../sql/environment.ts';
import { seqOfTask } from '../sql/tasks.ts';
import { freeGroups, giveGroups, stateOfWorker } from '../sql/workers.ts';
import type { Claimed, Claims, ReadyChild, Turn } from '../types.ts';
import { giveBack } from './lend.ts';
import type { Context, Operation } from './operation.ts';
import { isClaimable } from './poll.ts';
import { hasRoom, mayStart, roomOf, take } from './room.ts';

/**
 * Gives lent slots back, then takes ready tasks, unless the worker is not registered (any more) or stopping: higher
 * priority first, then answered ones, then the order of creation.
 */
export const claim: Operation<'claim'> = {
  kind: 'write',
  prepare: (context, { worker, without = [] }) => isClaimable(context, worker, without),
  idle: { started: [], returned: [] },
  run: (context, asked) => begin(context, { room: Number.POSITIVE_INFINITY, ...asked }),
};

type Begins = Pick<Turn, 'worker' | 'room' | 'without' | 'children'>;

/** Gives lent slots back, then starts so many at most. */
export function* begin(context: Context, { worker, room, without = [], children = [] }: Begins): Program<Claims> {
  const returned = yield* giveBack(context, worker);
  if (room === 0 || (yield* stateOfWorker(worker))?.state !== 'live') return { started: [], returned };
  yield* letDueOnesIn(context.now);
  const started = yield* startReady(context, worker, room, yield* seqsOf(without));
  return { started: yield* noteGroups(worker, started, children), returned };
}

function* seqsOf(ids: readonly string[]): Program<number[]> {
  const found: number[] = [];
  for (const id of ids) {
    const row = yield* seqOfTask(id);
    if (row !== undefined) found.push(row.seq);
  }
  return found;
}

function* startReady(context: Context, worker: string, most: number, without: readonly number[]): Program<Claimed[]> {
  const started: Started[] = [];
  const passOver = [...without]; // nor must what cannot be read keep the others from being run
  const free = yield* roomOf(worker);
  const room = { ...free, own: Math.min(free.own, most) };
  while (hasRoom(room)) {
    const wanted = room.own;
    const rows = yield* readyTasks(worker, context.now, JSON.stringify(passOver), wanted);
    for (const row of rows) {
      if (!isReadable(row)) passOver.push(row.seq);
      // Those behind it are of no higher priority, so it is not their turn either.
      else if (!(yield* mayStart(context, worker, row, room))) return yield* handedAll(started);
      else if (yield* isStillReady(context, worker, row)) {
        started.push({ row, claimed: yield* start(context, row, worker) });
        take(room);
      }
    }
    if (rows.length < wanted) break;
  }
  return yield* handedAll(started);
}

interface Started {
  row: Ready;
  claimed: Claimed;
}

/** With what each was given, and whose environment it has. */
function* handedAll(started: readonly Started[]): Program<Claimed[]> {
  const handed = yield* readAllHanded(
    started.map(({ row }) => row.seq),
    ['input', 'config'],
  );
  const environments = new Map<string, string | null>();
  for (const { row, claimed } of started) {
    Object.assign(claimed, handed.get(row.seq));
    claimed.environment = row.environment && (yield* dataOf(row.environment, environments));
  }
  return started.map(({ claimed }) => claimed);
}

function* dataOf(id: string, known: Map<string, string | null>): Program<string | null> {
  if (!known.has(id)) known.set(id, (yield* environmentData(id))?.data ?? null);
  return known.get(id) ?? null;
}

/**
 * Each child works for its task from this very commit on: one that has run the like of it, else one that is new; none whose last
 * run has not ended yet. Which is the right one the worker knows only when it has looked at the recipe; another one it notes by
 * `useGroup`.
 */
function* noteGroups(worker: string, started: Claimed[], children: readonly ReadyChild[]): Program<Claimed[]> {
  const wanting = started.filter(({ goesOn, fit }) => !goesOn && fit !== null);
  if (wanting.length === 0 || children.length === 0) return started;
  const free = new Set((yield* freeGroups(worker)).map(({ pgid }) => pgid));
  const left = children.filter(({ pgid }) => free.has(pgid));
  for (const claimed of wanting) claimed.pgid = takeFor(claimed, left);
  const given = wanting.flatMap(({ id, pgid }) => (pgid === null ? [] : [[id, pgid]]));
  if (given.length > 0) yield* giveGroups(worker, JSON.stringify(given));
  return started;
}

function takeFor({ fit }: Claimed, left: ReadyChild[]): number | null {
  const used = left.findIndex((one) => one.fit === fit);
  const index = used < 0 ? left.findIndex((one) => one.fit === null) : used;
  return index < 0 ? null : (left.splice(index, 1)[0]?.pgid ?? null);
}

/** The start of another one may have filled the limit of their recipe, or be before it in its session. */
function* isStillReady({ now }: Context, worker: string, { seq, shares }: Ready): Program<boolean> {
  return shares === 0 || (yield* isReady(worker, now, seq)) !== undefined;
}

function* start(context: Context, row: Ready, worker: string): Program<Claimed> {
  const goesOn = row.worker === worker;
  const decided = decideHere(context, row, { command: 'start', worker }); // it is going to be told of, and ended, from here
  yield* writeDecided(context, row, decided);
  const { attempt, epoch } = runOf(decided.events[0] as CoreEvent);
  const { environment, bound } = row;
  return {
    id: row.id,
    attempt,
    epoch,
    record: decided.record,
    payloads: {},
    refs: {},
    environment: null,
    bound: boundOf(bound),
    envNote: goesOn ? null : yield* takeNote(row),
    goesOn,
    fit: row.code === null ? [row.recipe, environment, bound].join('\n') : null,
    pgid: null,
  };
}

/** It is told once, in the log of the attempt that starts. */
function* takeNote({ seq, env_notes }: Ready): Program<string | null> {
  if (env_notes !== null) yield* noteEnvironment(null, seq);
  return env_notes;
}
