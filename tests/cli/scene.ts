/** A project, the processes that work for it, and what a test reads of both without asking the code under test. */
import { existsSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { connect } from '#offstage/store/sqlite/driver.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project, until } from '../js/client/project.js';
import { stopOutsideOfWrites } from '../js/client/stopped.js';
import { isLive, kill, membersOf } from '../js/worker/processes.js';
import { BIN, Cli, type Spoken } from './process.js';

/** What the CLI prints of a task. */
export type Doc = TaskJson & {
  ok: boolean;
  code?: string;
  exit: number;
  worker: { id: string; pid: number } | null;
  error: { code: string; details?: { reason?: string } } | null;
};

/** Begins every recipe that leaves a trace: `line(file, text)`, and `seen(file)`, which waits for a file. */
export const TRACE = `import { appendFileSync, existsSync } from 'node:fs';
  const line = (file, text) => appendFileSync(file, text + '\\n');
  const seen = async (file) => { while (!existsSync(file)) await new Promise((r) => setTimeout(r, 5)); };`;

/** One run of it is one line of `runs`, `attempt pid`; it ends when `go` is there. */
const COUNTED = `${TRACE}
  export default async ({ folder }, ctx) => {
    line(folder + '/runs', ctx.attempt + ' ' + process.pid);
    await seen(folder + '/go');
    return ctx.attempt;
  };`;

/** The same, in a blocking call of a child process: it does not notice that its worker has ended. */
const DEAF = `${TRACE} import { execFileSync } from 'node:child_process';
  export default ({ folder }, ctx) => {
    line(folder + '/runs', ctx.attempt + ' ' + process.pid);
    execFileSync('sh', ['-c', 'while [ ! -e "$0/go" ]; do sleep 0.02; done', folder]);
    return ctx.attempt;
  };`;

/** A worker in the foreground. */
export interface Foreground {
  cli: Cli;
  id: string;
  pid: number;
}

interface WorkerLine {
  event: string;
  worker_id: string;
  pid: number;
  task_id?: string;
  status?: string;
}

export class Scene {
  readonly project: Project;
  readonly #t: TestContext;

  constructor(t: TestContext) {
    this.#t = t;
    this.project = new Project(t);
    this.project.addRecipe('counted', COUNTED);
    this.project.addRecipe('deaf', DEAF);
  }

  get folder(): string {
    return this.project.folder;
  }

  file(name: string): string {
    return this.project.file(name);
  }

  /** The lines of a file; none when it is not there. */
  lines(name: string): string[] {
    const file = this.file(name);
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }

  cli(...args: string[]): Promise<Doc> {
    return this.project.json<Doc>('background', ...args);
  }

  /** Submits one task that is told the folder, and starts a detached worker for it unless a flag says otherwise. */
  async submit(recipe: string, ...flags: string[]): Promise<string> {
    const input = JSON.stringify({ folder: this.folder });
    const { task_id, ok } = await this.cli('submit', '--recipe', recipe, '--input', input, ...flags);
    if (!ok) throw new Error('the submit was refused');
    return task_id;
  }

  status(id: string): Promise<Doc> {
    return this.cli('status', id);
  }

  /** Starts a worker in the foreground and waits until it takes tasks. */
  async worker(...flags: string[]): Promise<Foreground> {
    const cli = new Cli(this.#t, this.project, ['background', 'worker', '--json', ...flags]);
    return { cli, ...(await this.ready(cli)) };
  }

  async ready(cli: Spoken): Promise<{ id: string; pid: number }> {
    await cli.prints(({ stdout }) => stdout.includes('"ready"'));
    const { worker_id, pid } = said(cli)[0] as WorkerLine;
    return { id: worker_id, pid };
  }

  /** Waits until a file has so many lines. */
  async written(name: string, count = 1): Promise<string[]> {
    await until(() => this.lines(name).length >= count);
    return this.lines(name);
  }

  /** Waits until the look finds what it looks for. */
  until<T>(look: () => T | Promise<T>): Promise<NonNullable<T>> {
    return until(look);
  }

  /** The pid in the last line of `runs`. */
  runPid(): number {
    return Number(this.lines('runs').at(-1)?.split(' ')[1]);
  }

  /** One statement on the store's file, past everything. */
  sql<T = Record<string, unknown>>(text: string, ...values: (string | number | null)[]): T[] {
    const db = connect(this.project.store);
    try {
      db.exec('PRAGMA busy_timeout = 5000');
      return db.prepare(text).all(...values) as T[];
    } finally {
      db.close();
    }
  }

  /** The lease of a worker is over since an hour. */
  endLease(worker: string): void {
    this.sql(
      'UPDATE workers SET lease_until = ?, lease_mono = lease_mono - 3600000 WHERE id = ?',
      Date.now() - 3_600_000,
      worker,
    );
  }

  /** When its lease ends, ms since the epoch. */
  leaseOf(worker: string): number {
    return Number(this.sql<{ at: number }>('SELECT lease_until AS at FROM workers WHERE id = ?', worker)[0]?.at);
  }

  /** The record and its events as they are stored: equal when nothing was written about the task. */
  stored(id: string): { record: string; events: string[] } {
    const [row] = this.sql<{ seq: number; record: string }>('SELECT seq, record FROM tasks WHERE id = ?', id);
    if (row === undefined) throw new Error(`no task ${id}`);
    const events = this.sql<{ kind: string }>('SELECT kind FROM events WHERE task = ? ORDER BY seq', row.seq);
    return { record: row.record, events: events.map(({ kind }) => kind) };
  }

  /** Stops a process until the test ends or it is told to go on. */
  async pause(pid: number): Promise<void> {
    await stopOutsideOfWrites(this.project.store, pid);
    this.#t.after(() => {
      if (isLive(pid)) process.kill(pid, 'SIGCONT');
    });
  }

  /** Kills every process of the project with -9 and waits until none is left. */
  async killAll(): Promise<void> {
    for (const pid of this.project.processes()) kill(pid);
    await until(() => this.project.processes().length === 0);
  }
}

/** The lines that a worker in the foreground has printed. */
export function said({ stdout }: Spoken): WorkerLine[] {
  const whole = stdout.slice(0, stdout.lastIndexOf('\n') + 1);
  return whole
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text) as WorkerLine);
}

export const gone = async (pid: number): Promise<void> => {
  await until(() => !isLive(pid));
};

export { BIN, isLive, kill, membersOf, until };
