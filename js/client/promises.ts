/**
 * What is promised on which platform, and the test that proves it. The README's table and `offstage doctor` say this and
 * nothing else; a test compares the table with it, and looks for the tests that are named.
 */
import { otherRuntime } from '../platform/system.ts';

/** Node on an operating system, or another runtime on Linux. */
export type Column = 'linux' | 'macos' | 'windows' | 'bun' | 'deno';

/**
 * `tested`: on the platform itself. `simulated`: on Linux, by a process that believes to be there. `refused`: with the
 * reason, before anything is stored or started. `test` is a file below the repository and the name of a test in it.
 */
export type Cell = { is: 'tested' | 'simulated' | 'refused'; test: string } | { is: 'not promised' };

export interface PlatformPromise {
  id: string;
  promise: string;
  on: Readonly<Record<Column | 'other', Cell>>;
}

export const COLUMNS: Readonly<Record<Column, string>> = {
  linux: 'Linux',
  macos: 'macOS',
  windows: 'Windows',
  bun: 'Bun (Linux)',
  deno: 'Deno (Linux)',
};

const NOT: Cell = { is: 'not promised' };
const tested = (test: string): Cell => ({ is: 'tested', test });
const MACOS = 'tests/cli/macos.test.ts';
const WINDOWS = 'tests/cli/windows.test.ts';
const RUNTIMES = 'tests/package/runtimes/long.ts';
const REFUSED: Cell = { is: 'refused', test: `${WINDOWS} > whatever would run a folder is refused with the reason` };

/** A promise whose scene is played everywhere; on Windows it says for itself. */
function played(id: string, promise: string, linux: string, scene: string, windows: Cell = REFUSED): PlatformPromise {
  const [bun, deno] = [tested(`${RUNTIMES} > ${scene}`), tested(`${RUNTIMES} > ${scene}`)];
  const macos: Cell = { is: 'simulated', test: `${MACOS} > ${scene}` };
  return { id, promise, on: { linux: tested(linux), macos, windows, bun, deno, other: NOT } };
}

/** A promise of Node on Linux alone. */
const onLinux = (
  id: string,
  promise: string,
  linux: string,
  more: Partial<PlatformPromise['on']> = {},
): PlatformPromise => ({
  id,
  promise,
  on: { linux: tested(linux), macos: NOT, windows: NOT, bun: NOT, deno: NOT, other: NOT, ...more },
});

const simulatedOnWindows = (name: string): Cell => ({ is: 'simulated', test: `${WINDOWS} > ${name}` });

export const PROMISES: readonly PlatformPromise[] = [
  played(
    'runner',
    'Functions run in this process, are cancelled and time out; a thread is ended',
    'tests/js/runner/thread.test.ts > a cancel ends the thread at once, however busy it is, and its slot is free',
    'the runner runs, cancels and times out functions, and ends threads',
    simulatedOnWindows('the runner runs, cancels and times out functions, and ends threads'),
  ),
  played(
    'code',
    'Recipes in code run in the app that submits them, and are kept in the store',
    'tests/js/client/app.test.ts > a recipe in code runs in this process, beside a detached worker for folders',
    'recipes in code run in the app that submits them',
    simulatedOnWindows('recipes in code run in the app that submits them'),
  ),
  played(
    'read',
    'Any process asks, lists, waits, follows and cancels',
    'tests/cli/main-job.test.ts > submitted in one process, asked, listed, waited for and read in others',
    'submitted in one process, run by a worker that outlives it, waited for in another',
    simulatedOnWindows('a store that another system has filled is read'),
  ),
  played(
    'detached',
    'Recipes that are folders run in a worker that outlives whoever submitted',
    'tests/cli/main-job.test.ts > the worker survives the end of the session that started it, and ends when idle',
    'submitted in one process, run by a worker that outlives it, waited for in another',
  ),
  played(
    'cancel',
    'A cancel ends all processes of a recipe that is a folder',
    'tests/cli/main-job.test.ts > is really stopped by a cancel from another process',
    'a cancel from another process ends the whole group',
  ),
  played(
    'lost',
    'A killed worker leaves nothing running: the next look ends it and decides its tasks',
    'tests/cli/main-job.test.ts > the worker is killed with -9: the next read decides the task, and its whole group is gone',
    'a worker is killed with -9: the next read decides its task, and the group that it led is gone',
  ),
  played(
    'alive',
    'A worker that stands still, but lives, loses no task',
    'tests/cli/stopped.test.ts > a new worker is started for others while the only one is stopped; its own task stays its own',
    'a worker that is stopped lives: nothing is taken away from it',
    simulatedOnWindows('a task whose app lives is left alone by others'),
  ),
  played(
    'private',
    'Nobody but its user can read the store',
    'tests/js/store/open.test.ts > a new store is private to its user and ignored by git',
    'submitted in one process, run by a worker that outlives it, waited for in another',
    NOT,
  ),
  onLinux(
    'lease',
    'A worker that cannot be looked at is taken for lost after 30 s without a sign',
    'tests/js/store/facts.test.ts > is over when the judge has seen it unrenewed for 30 s',
    {
      windows: {
        is: 'simulated',
        test: 'tests/js/store/platform.test.ts > Windows: a worker is judged by its lease alone',
      },
    },
  ),
  onLinux(
    'orphans',
    'Processes of a recipe whose first one is gone are ended as well',
    'tests/js/store/due.test.ts > a group outlives its leader: members that carry our mark are killed',
    { windows: REFUSED },
  ),
  onLinux(
    'descriptors',
    'A worker holds nothing open that its starter had open',
    'tests/cli/starts.test.ts > a detached worker, and its children, hold nothing that their starter was given',
    { windows: REFUSED },
  ),
  onLinux(
    'file-system',
    'A store on a network or FUSE file system is refused',
    'tests/js/store/filesystem.test.ts > is refused, with the ways out',
  ),
];

/** Which column holds here; `other` where nothing is promised. */
export function columnHere(): Column | 'other' {
  const runtime = otherRuntime();
  if (runtime !== undefined) return process.platform === 'linux' ? runtime : 'other';
  const columns: Partial<Record<NodeJS.Platform, Column>> = { linux: 'linux', darwin: 'macos', win32: 'windows' };
  return columns[process.platform] ?? 'other';
}
