/** A machine with clocks that stand still until they are told otherwise, and processes that are told another wall time. */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { due } from '#offstage/reap/index.js';
import { openStore, type Store, type WorkerRow } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { claim, submitOne, tempFolder, workerRow } from './helpers.js';

export const START = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

export class Machine {
  readonly path: string;
  readonly #stores: Store[] = [];
  mono = 1_000_000;
  wall = START;

  constructor(t: TestContext) {
    // Before the folder goes: what follows comes in this order.
    t.after(async () => {
      for (const store of this.#stores) await store.close();
    });
    this.path = join(tempFolder(t), '.offstage', 'tasks.db');
  }

  /** A process; `skew`, in milliseconds, may change while it lives. */
  async process(skew = 0): Promise<Store & { clock: { skew: number } }> {
    const clock = { skew };
    const now = () => this.wall + clock.skew;
    const store = await openStore(this.path, { mount: 'direct', now, mono: () => this.mono });
    this.#stores.push(store);
    return { ...store, clock };
  }

  pass(ms: number): void {
    this.mono += ms;
    this.wall += ms;
  }

  sql<T>(text: string, ...values: (string | number)[]): T[] {
    const db = connect(this.path);
    try {
      return db.prepare(text).all(...values) as T[];
    } finally {
      db.close();
    }
  }
}

/** Rows of workers whose processes cannot be seen from here; the first shares this boot's clock. */
export const CONTAINER: Partial<WorkerRow> = { pid_ns: 'pid:[elsewhere]', start_time: '0' };
export const ELSEWHERE: Partial<WorkerRow> = { ...CONTAINER, boot: 'another boot' };
export const OTHER_CLOCK: Partial<WorkerRow> = { ...CONTAINER, time_ns: 'time:[elsewhere]' };

/** A worker of that kind runs a task. */
export async function running(store: Store, more: Partial<WorkerRow>): Promise<string> {
  await store.run('register', { row: workerRow('far', 1, more) });
  const id = await submitOne(store);
  assert.equal((await claim(store, 'far')).length, 1);
  return id;
}

export async function taskOf(store: Store, id: string) {
  const stored = await store.run('get', { id, payloads: [] });
  assert.ok(stored, 'the task is gone');
  const record = JSON.parse(stored.record);
  return { ...stored, record, reason: record.error?.details?.reason as string | undefined };
}

/** Looks at what is due each second for so long. */
export async function watch(machine: Machine, judge: Store, ms: number): Promise<void> {
  for (let gone = 0; gone < ms; gone += 1000) {
    machine.pass(1000);
    await due(judge);
  }
}
