/** Runs a worker in this process. */
import { dirname } from 'node:path';
import { invalid } from '../errors/index.ts';
import { needGroups } from '../platform/groups.ts';
import { needScripts } from '../platform/program.ts';
import { roughNames } from '../recipe/index.ts';
import { unreadOf } from '../store/envelope.ts';
import { storeKey } from '../store/key.ts';
import type { Attempt, Claimed, Store } from '../store/types.ts';
import type { TaskTrace } from '../wire/carried.ts';
import { messageOf } from '../wire/message.ts';
import { type Soon, soon } from '../wire/soon.ts';
import { Around } from './around.ts';
import { Beside } from './beside.ts';
import { lookAtChanged } from './changed.ts';
import { ChildPool } from './children/pool.ts';
import { OtherVersionError } from './children/start.ts';
import { type ChildWorkOptions, childWork } from './children/work.ts';
import { systemClock } from './clock.ts';
import { codeWork } from './code.ts';
import { Environments } from './environment/environments.ts';
import { Household } from './environment/household.ts';
import { LeftAlone, NotHereError } from './here.ts';
import { loadForRuns } from './inside/load.ts';
import { KeepAlive } from './keep-alive.ts';
import { Loop } from './loop.ts';
import type { LoopEnd } from './loop-options.ts';
import { type Abilities, liveRow, newWorkerId } from './row.ts';
import { recordOf } from './source.ts';
import { oneLine } from './trouble.ts';
import type { RunWorkerOptions, WorkerEvent } from './types.ts';
import { packageVersion } from './version.ts';
import { OtherCodeError } from './which-code.ts';
import type { Work } from './work.ts';

const CONCURRENCY = 5;
const KILL_GRACE = 5000;

/**
 * Claims tasks from the store until it was idle for `exitWhenIdle` seconds or `signal` stops it. Recipes that are folders
 * run in child processes, recipes in code in this one. An orderly stop claims nothing more, gives what runs `drain`
 * seconds, kills the rest and gives it back as lost to a shutdown (by default it fails with `lost`); what waits for a
 * person is let go of at once and loses nothing. Does not close the store.
 *
 * # Errors
 * `InvalidArgumentError` for an option that cannot be used; `RecipePolicyError` for folders on Windows and in an app that is its own
 * executable; `StoreError` when the store is lost while it runs: its
 * children are killed then, and whoever looks at the store next decides what becomes of their tasks. `NotBegunError` when
 * no child process can be started: three tries in 15 s, then it claims nothing more, and rejects when what runs has ended.
 *
 * Not guaranteed: a process that a recipe moves into a session of its own (`setsid`) is not found and not killed. Code in
 * this process that does not end when it is told to is given up, not ended.
 */
export async function runWorker(store: Store, options: RunWorkerOptions = {}): Promise<void> {
  const worker = options.id ?? newWorkerId();
  const abilities = abilitiesOf(options);
  if (abilities.folders) {
    needGroups('a worker for recipes that are folders');
    needScripts('a worker for recipes that are folders');
  }
  const idleAfter = atLeast('exitWhenIdle', options.exitWhenIdle ?? Number.POSITIVE_INFINITY, 0) * 1000;
  const drain = atLeast('drain', options.drain ?? 0, 0) * 1000;
  const killGrace = atLeast('killGraceMs', options.killGraceMs ?? KILL_GRACE, 0);
  const { clock = systemClock, family, keepAlive = 'always' } = options;
  const tell = teller(worker, options);
  const onTrouble = (error: unknown): void => options.onTrouble?.(oneLine(error));
  const alive = new KeepAlive();
  const alone = new LeftAlone(() => clock.mono());

  const keepTrace = (attempt: Attempt, trace: TaskTrace): void =>
    void store.run('traced', { ...attempt, trace }).catch(onTrouble);
  const around = new Around(options.hooks ?? [], { worker, clock, keepTrace, onTrouble });
  const beside = new Beside(options.sweeps ?? [], { clock, onTrouble });
  const environments = new Environments(process.env, abilities.folders ? storeKey(store.folder) : undefined);
  options.onHanded?.((name) => environments.handedValue(name));
  const [registered, settle] = deferred();
  const pool = new ChildPool({
    worker,
    store,
    keep: abilities.folders ? abilities.concurrency : 0,
    folder: dirname(store.folder),
    start: environments.start,
    clock,
    registered,
    onTrouble,
    onUnable: (error) => {
      onTrouble(error);
      tell('stopping', { reason: error.message });
      const replaced = error instanceof OtherVersionError;
      void loop.retire(replaced ? { because: 'replaced' } : { because: 'unable', error });
    },
  });
  const household = new Household({ worker, store, clock, environments, anyEnv: options.anyEnv ?? false, onTrouble });
  const open = () => (abilities.folders ? household.open() : undefined);
  const register = () => {
    const row = { ...liveRow(worker, abilities, clock.now()), ...environments.row(), socket: household.socket };
    return store.run('register', { row });
  };
  const here = { store, search: options.search };
  const onOtherCode = (id: string): void => alone.addAgain(id);
  const folders = { ...here, worker, pool, environments, onOtherCode, onWarning: once(onTrouble) };
  const plainWorkOf = workOf(folders, options, alone);
  const loop = new Loop({
    store,
    worker,
    clock,
    family,
    idleAfter,
    killGrace,
    workOf: (claimed, hiding) => soon(plainWorkOf(claimed), (work) => around.of(claimed, work, hiding)),
    lookAtChanged: () => lookAtChanged({ ...here, worker, recipes: options.recipes ?? [], alone }),
    beside,
    leftAlone: () => alone.ids(),
    onOutcome: options.onOutcome,
    mostTurns: abilities.folders ? 1 : 2,
    children: pool,
    registerAgain: async () => {
      await register();
      await pool.storeGroups();
    },
    onBusy: (busy) => alive.set(busy || keepAlive === 'always'),
    tell,
    onTrouble,
  });
  alive.set(keepAlive === 'always');
  try {
    if (abilities.folders) pool.warm(); // it starts while the rest is loaded
    await settle(prepare(options).then(open).then(register)).catch(async (error) => {
      await pool.close();
      throw error;
    });
    store.keepLease(worker);
    tell('ready');
    const end = await untilEnd(loop, drain, options, tell);
    await finish(end, { worker, store, pool });
    tell('stopped', { reason: end.because });
  } finally {
    alive.set(true);
    await Promise.all([around.settle(), beside.end()]);
    await household.close();
    store.dropLease(worker);
    alive.close();
  }
}

/** Loads everything that this worker will ever run: what it was loaded from may be replaced at any time. */
async function prepare({ recipes = [], load, onTrouble }: RunWorkerOptions): Promise<void> {
  packageVersion();
  if (process.pid === 1) onTrouble?.(PROCESS_1);
  if (recipes.length > 0) await loadForRuns();
  await load?.();
}

const PROCESS_1 =
  'this worker is process 1, which has to reap what others leave behind, and it cannot: zombies will gather; give the container an init (docker run --init, tini)';

/** A promise, and what has it follow another one. */
function deferred(): [Promise<unknown>, <T>(of: Promise<T>) => Promise<T>] {
  let resolve: (value: unknown) => void = () => {};
  const promise = new Promise((done) => {
    resolve = done;
  });
  promise.catch(() => {}); // whoever follows it is told by the other one
  return [
    promise,
    (of) => {
      resolve(of);
      return of;
    },
  ];
}

async function untilEnd(loop: Loop, drain: number, options: RunWorkerOptions, tell: Tell): Promise<LoopEnd> {
  const { signal, skipDrain } = options;
  const onStop = (): void => {
    tell('stopping', reasonOf(signal));
    void loop.stop(drain, skipDrain);
  };
  signal?.addEventListener('abort', onStop);
  if (signal?.aborted) onStop();
  options.onSubmits?.(loop.batcher.submit);
  const end = await loop.run();
  options.onSubmits?.(undefined);
  signal?.removeEventListener('abort', onStop);
  return end;
}

async function finish(end: LoopEnd, { worker, store, pool }: { worker: string; store: Store; pool: ChildPool }) {
  if (end.because === 'lost') pool.killAll();
  await pool.close();
  if (end.because === 'lost') throw end.error;
  if (end.because !== 'idle') await store.run('leave', { worker, force: true });
  if (end.because === 'unable') throw end.error;
}

/** Passes each text on once. */
function once(tell: (text: string) => void): (text: string) => void {
  const told = new Set<string>();
  return (text) => {
    if (told.has(text)) return;
    if (told.size >= MOST_TOLD) told.clear();
    told.add(text);
    tell(text);
  };
}

const MOST_TOLD = 1000;

/** A folder's recipe has a source in the record, one in code has none. */
function workOf(folders: ChildWorkOptions, options: RunWorkerOptions, alone: LeftAlone) {
  const { recipes = [] } = options;
  const byName = new Map(recipes.map((recipe) => [recipe.name, recipe]));
  return (claimed: Claimed): Soon<Work> => {
    refuseUnread(claimed, alone);
    const record = recordOf(claimed);
    const recipe = record.source == null ? byName.get(record.recipe) : undefined;
    if (recipe === undefined) {
      return childWork(claimed, folders).catch((error) => {
        if (error instanceof NotHereError) alone.add(claimed.id);
        throw error;
      });
    }
    const work = codeWork(folders.store, claimed, recipe, options);
    if (!(work instanceof Promise)) return work;
    return work.catch((error) => {
      if (error instanceof OtherCodeError) alone.addAgain(claimed.id);
      throw error;
    });
  };
}

/** What it was given cannot be read here: another worker, one with the codec, may run it. */
function refuseUnread({ id, payloads }: Claimed, alone: LeftAlone): void {
  const unread = unreadOf(payloads);
  if (unread === undefined) return;
  alone.add(id);
  throw new NotHereError(`its ${unread.kinds.join(' and ')} cannot be read by this worker: ${unread.reason}`);
}

function abilitiesOf({ concurrency = CONCURRENCY, maxConcurrent = null, ...options }: RunWorkerOptions): Abilities {
  atLeast('concurrency', concurrency, 1);
  if (!Number.isInteger(concurrency)) throw invalid('concurrency', concurrency, 'a whole number of at least 1');
  const recipes = (options.recipes ?? []).map(({ name }) => name);
  const twice = recipes.find((name, index) => recipes.indexOf(name) < index);
  if (twice !== undefined) throw invalid('recipes', twice, 'one recipe of each name');
  const { folders = true, search } = options;
  const found = folders && search !== undefined ? roughNames(search) : [];
  return { concurrency, maxConcurrent, folders, recipes, found };
}

function atLeast(option: string, value: number, least: number): number {
  if (typeof value === 'number' && value >= least) return value;
  throw invalid(option, value, `a number of at least ${least}`);
}

function reasonOf(signal: AbortSignal | undefined): Partial<WorkerEvent> {
  const reason = signal?.reason;
  return reason === undefined ? {} : { reason: messageOf(reason) };
}

type Tell = (event: WorkerEvent['event'], more?: Partial<WorkerEvent>) => void;

/** The time as text, made once a millisecond: many events are of the same. */
function isoClock(): () => string {
  let at = Number.NaN;
  let text = '';
  return () => {
    const now = Date.now();
    if (now !== at) text = new Date(now).toISOString();
    at = now;
    return text;
  };
}

/** A listener that throws is its owner's trouble, not the worker's. */
function teller(worker: string, { onEvent, onTrouble }: RunWorkerOptions): Tell {
  const iso = isoClock();
  return (event, more = {}) => {
    try {
      onEvent?.({ event, at: iso(), worker_id: worker, pid: process.pid, ...more });
    } catch (error) {
      onTrouble?.(`a listener of the worker's events threw: ${oneLine(error)}`);
    }
  };
}
