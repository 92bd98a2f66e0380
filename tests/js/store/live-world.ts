/** A store of which each statement is seen, and another process beside it. */
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Program } from '#offstage/ports/backend.js';
import { type Change, type Claimed, type NewTask, openStore, type Store, storeOver } from '#offstage/store/index.js';
import { openSqlite } from '#offstage/store/sqlite/open.js';
import { newTask, tempFolder, workerRow } from './helpers.js';
import { writesThrough } from './through.js';

/** What is done to the programs of a store. */
export interface Hand {
  /** Each statement that was asked for. */
  asked: string[];
  /** Called behind each statement. */
  behind?: ((name: string) => void) | undefined;
  /** What the program is told in place of an answer. */
  answer?: ((name: string, answer: unknown) => unknown) | undefined;
  /** Run before the program, in its transaction. */
  before?: Program<unknown> | undefined;
}

export interface World {
  store: Store;
  hand: Hand;
  /** Another process, as far as the file can tell. */
  other: Store;
}

function* watched<T>(program: Program<T>, hand: Hand): Program<T> {
  const { before } = hand;
  hand.before = undefined;
  if (before !== undefined) yield* before;
  let step = program.next();
  while (!step.done) {
    const all = 'sql' in step.value ? [step.value] : step.value;
    const answer = yield step.value;
    for (const { name } of all) {
      hand.asked.push(name);
      hand.behind?.(name);
    }
    step = program.next(hand.answer?.(all[0]?.name as string, answer) ?? answer);
  }
  return step.value;
}

export async function world(t: TestContext): Promise<World> {
  const path = join(tempFolder(t), '.offstage', 'tasks.db');
  const hand: Hand = { asked: [] };
  const backend = await openSqlite(path);
  const store = storeOver(writesThrough(backend, (program) => watched(program, hand)));
  const other = await openStore(path, { mount: 'direct' });
  t.after(async () => {
    await store.close();
    await other.close();
  });
  const row = workerRow('w', process.pid, { concurrency: 50, folders: false, recipes: ['job'] });
  await store.run('register', { row });
  return { store, hand, other };
}

export const code = (more: Partial<NewTask['spec']> = {}): NewTask =>
  newTask(more, { code: 'job', payloads: { input: '1' } });

export const turn = (store: Store, changes: Change[][], tasks: NewTask[] = [], room = 50) =>
  store.run('turn', {
    worker: 'w',
    changes,
    submits: tasks.map((task) => ({ tasks: [task], start: null })),
    running: [],
    room,
  });

export const begun = async (store: Store, ...tasks: NewTask[]): Promise<Claimed[]> =>
  (await turn(store, [], tasks)).started;

export const of = ({ id, attempt, epoch }: Claimed, command: object): Change =>
  ({ id, command: { attempt, epoch, ...command } }) as Change;
export const succeed = (run: Claimed): Change => of(run, { command: 'succeed' });
export const log = (run: Claimed, line: string): Change => of(run, { command: 'log', line });

/** How often a task's row was read. */
export const reads = ({ asked }: Hand): number => asked.splice(0).filter((name) => name === 'task.by_id').length;

export const shown = async (store: Store, id: string) => {
  const task = await store.run('get', { id, payloads: ['result'] });
  const events = (await store.run('events', { id, after: 0, limit: 100 }))?.events ?? [];
  return [task?.status, ...events.map(({ kind }) => kind)];
};
