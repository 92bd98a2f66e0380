/**
 * What is promised on which platform, and the test that proves it. The README's table, docs/PROMISES.md and `offstage
 * doctor` say this and nothing else; a test compares the tables with it, and looks for the tests that are named.
 */
import { otherRuntime } from '../platform/system.ts';

/** Node on an operating system, or another runtime on Linux. */
export type Column = 'linux' | 'macos' | 'windows' | 'bun' | 'deno';

/**
 * `tested`: on the platform itself. `simulated`: on Linux, by a process that believes to be there. `refused`: with the
 * reason, before anything is stored or started. `test` is a file below the repository and the whole title of a test in it.
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
const KILLED = 'tests/cli/killed.test.ts > workers killed at random: one outcome each, no overlap, nothing lost';
const REFUSED: Cell = {
  is: 'refused',
  test: `${WINDOWS} > Windows: whatever would run a folder is refused with the reason, and nothing is stored or started`,
};

/** A promise whose scene is played everywhere; on Windows it says for itself. */
function played(id: string, promise: string, linux: string, scene: string, windows: Cell = REFUSED): PlatformPromise {
  const [bun, deno] = [tested(`${RUNTIMES} > Bun: ${scene}`), tested(`${RUNTIMES} > Deno: ${scene}`)];
  const macos: Cell = { is: 'simulated', test: `${MACOS} > macOS: ${scene}` };
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

const onWindows = (title: string): Cell => ({ is: 'simulated', test: `${WINDOWS} > Windows: ${title}` });

export const PROMISES: readonly PlatformPromise[] = [
  played(
    'durable',
    'A submit that returned is on disk: the end of every process loses nothing of it',
    'tests/cli/survives.test.ts > Linux: what a submit has answered is there after its process was killed',
    'what a submit has answered is there after its process was killed',
  ),
  onLinux(
    'synced',
    'A commit is synced to the disk before it is answered: a crash of the machine loses nothing of it either',
    'tests/js/store/open.test.ts > a commit is synced to the disk before it is answered: FULL, in a log that is written ahead',
  ),
  played(
    'one-end',
    'A task ends once, and its end never changes; what comes later is kept beside it',
    KILLED,
    'what comes after the end of a task changes nothing of it',
    onWindows('what comes after the end of a task changes nothing of it'),
  ),
  played(
    'not-again',
    'Work that was lost is not run again, unless you said so',
    'tests/cli/lost.test.ts > retries without onLost: after kill -9 of its worker the task is lost and never run again',
    'lost work is run again only where that was said, and then a finished step is not',
  ),
  played(
    'steps',
    'A step whose result is stored is not run again',
    'tests/cli/killed.test.ts > everything killed at random: steps that are done stay done, answers count once, no overlap',
    'lost work is run again only where that was said, and then a finished step is not',
  ),
  played(
    'people',
    'A question waits for its answer, also when all that asked is gone; the first answer counts',
    'tests/cli/people.test.ts > of several open requests each keeps its answer through the death of everything; a second one is refused',
    'a question outlives its process, and its answer goes on with the task',
  ),
  played(
    'detached',
    'Recipes that are folders run in a worker that outlives whoever submitted',
    'tests/cli/main-job.test.ts > the worker survives the end of the session that started it, and ends when idle',
    'submitted in one process, run by a worker that outlives it, waited for in another',
  ),
  played(
    'read',
    'Any process asks, lists, waits, follows and cancels',
    'tests/cli/main-job.test.ts > submitted in one process, asked, listed, waited for and read in others',
    'submitted in one process, run by a worker that outlives it, waited for in another',
    onWindows('a store that another system has filled is read; its folders are not run, nor submitted once more'),
  ),
  played(
    'cancel',
    'A cancel ends all processes of a recipe that is a folder',
    'tests/cli/main-job.test.ts > a recipe that ignores its signal is really stopped by a cancel from another process',
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
    onWindows('a task whose app lives is left alone by others'),
  ),
  played(
    'code',
    'Recipes in code run in the app that submits them, and are kept in the store',
    'tests/js/client/staff/workers-here.test.ts > a recipe in code runs in this process, beside a detached worker for folders',
    'recipes in code run in the app that submits them',
    onWindows('recipes in code run in the app that submits them'),
  ),
  played(
    'runner',
    'Functions run in this process, are cancelled and time out; a thread is ended',
    'tests/js/runner/thread.test.ts > a cancel ends the thread at once, however busy it is, and its slot is free',
    'the runner runs, cancels and times out functions, and ends threads',
    onWindows('the runner runs, cancels and times out functions, and ends threads'),
  ),
  played(
    'private',
    'Nobody but its user can read the store',
    'tests/js/store/open.test.ts > a new store is private to its user and ignored by git',
    'submitted in one process, run by a worker that outlives it, waited for in another',
    NOT,
  ),
  onLinux(
    'secrets',
    'No value of `requires.env` that a run tells stands readable in the store',
    'tests/js/client/secrets.test.ts > nothing that a run says, wherever, leaves a value readable in the store, and code gets all of it back',
  ),
  onLinux(
    'versions',
    'A newer version that looks at a store of an older one leaves it, and its workers, as they are',
    'tests/cli/upgrade.test.ts > an older worker goes on while a newer version looks; its writes are refused until that worker has ended',
  ),
  onLinux(
    'lease',
    'A worker that cannot be looked at is taken for lost after 30 s without a sign',
    'tests/js/store/facts.test.ts > a lease of another boot is over when the judge has seen it unrenewed for 30 s, and not at a single look',
    {
      windows: {
        is: 'simulated',
        test: 'tests/js/store/platform.test.ts > Windows: a worker is judged by its lease alone, which a judge has to see unrenewed for 30 s',
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
    'tests/js/store/filesystem.test.ts > a store on NFS (0x6969) is refused, with the ways out',
  ),
];

/** Which column holds here; `other` where nothing is promised. */
export function columnHere(): Column | 'other' {
  const runtime = otherRuntime();
  if (runtime !== undefined) return process.platform === 'linux' ? runtime : 'other';
  const columns: Partial<Record<NodeJS.Platform, Column>> = { linux: 'linux', darwin: 'macos', win32: 'windows' };
  return columns[process.platform] ?? 'other';
}
