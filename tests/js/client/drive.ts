/** Plays the worker: a test decides itself when a task starts, tells, asks and ends. */
import type { TestContext } from 'node:test';
import type { Command } from '#offstage/core/index.js';
import { type Attempt, type Claimed, openStore, type Store, type WorkerRow } from '#offstage/store/index.js';
import { workerRow } from '../store/helpers.js';
import type { Project } from './project.js';

export class Driver {
  readonly store: Store;
  readonly id: string;
  readonly #started: Claimed[] = [];

  private constructor(store: Store, id: string) {
    this.store = store;
    this.id = id;
  }

  /** A living worker of this very process that claims only when it is told to. */
  static async open(t: TestContext, project: Project, more: Partial<WorkerRow> = {}): Promise<Driver> {
    const store = await openStore(project.store, { mount: 'direct' });
    t.after(() => store.close());
    const id = 'worker_test';
    await store.run('register', { row: workerRow(id, process.pid, more) });
    return new Driver(store, id);
  }

  /** Starts the best task. A claim may start several; the others come next. */
  async start(): Promise<Claimed> {
    if (this.#started.length === 0) {
      this.#started.push(...(await this.store.run('claim', { worker: this.id })).started);
    }
    const first = this.#started.shift();
    if (first === undefined) throw new Error('there is nothing to start');
    return first;
  }

  async say(
    { id, attempt, epoch }: Attempt,
    command: { command: 'progress' | 'log' | 'output' | 'ask' | 'succeed' | 'fail' | 'stopped' } & Record<
      string,
      unknown
    >,
    result?: string,
  ): Promise<void> {
    const payloads = result === undefined ? {} : { payloads: { result } };
    await this.store.run('change', {
      changes: [{ id, command: { attempt, epoch, ...command } as unknown as Command, ...payloads }],
    });
  }

  progress(attempt: Attempt, fraction: number, message?: string): Promise<void> {
    return this.say(attempt, { command: 'progress', fraction, message: message ?? null });
  }

  ask(attempt: Attempt, key: string, more: { schema?: unknown; expires_at?: number } = {}): Promise<void> {
    return this.say(attempt, { command: 'ask', key, message: `${key}?`, ...more });
  }

  succeed(attempt: Attempt, result = 'null'): Promise<void> {
    return this.say(attempt, { command: 'succeed' }, result);
  }
}

/** What is tested keeps no process alive; the test itself must not end before it is over. */
export function keepAlive(t: TestContext): void {
  const timer = setInterval(() => {}, 60_000);
  t.after(() => clearInterval(timer));
}
