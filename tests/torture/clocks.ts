/**
 * Processes whose clocks differ by up to 10 minutes, of several boots, namespaces and time namespaces, look at one store
 * while workers renew, stop for a while and die. Time is virtual. `SEED=…` replays a round.
 *
 * 1. Nothing is taken by lease from a worker that renewed it less than 30 s ago.
 * 2. What a dead worker held is decided once somebody who may has watched for long enough.
 * 3. No record is dropped before its time, and a right clock drops it soon after.
 * 4. What is remembered of a task is in order, and the workers of this boot keep their own clock.
 */

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { due } from '#offstage/reap/index.js';
import type { Store, WorkerRow } from '#offstage/store/index.js';
import { claim, completed, submitOne, workerRow } from '../js/store/helpers.js';
import { CONTAINER, ELSEWHERE, Machine, MINUTE, OTHER_CLOCK } from '../js/store/machine.js';
import { randomOf } from './kill.js';

const LEASE = 30_000;
const RENEW_EVERY = 5;
const KEPT = 60_000;
/** Clocks that are less than 2 s apart count as one: one process may look early by that, another drop early. */
const SAME = 4_000;
const SKEWS = [0, 0, 1_000, -1_000, 45_000, -45_000, 10 * MINUTE, -10 * MINUTE];
const KINDS: readonly Partial<WorkerRow>[] = [CONTAINER, ELSEWHERE, OTHER_CLOCK];

/** A worker that holds one task. */
interface Held {
  id: string;
  task: string;
  store: Store;
  renewed: number;
  /** In seconds of the round: from then on it renews nothing, until it goes on, if it does. */
  stops: number;
  goesOn: number;
}

interface Outcome {
  id: string;
  /** When it was first read, by the machine's own clock. */
  seen: number;
}

class Round {
  readonly machine: Machine;
  readonly random: () => number;
  /** A planted fault: what workers keep of their clock is lost each second. */
  readonly #forgetful: boolean;
  readonly #outcomes: Outcome[] = [];
  #home!: Store;
  #judges: Store[] = [];
  #held: Held[] = [];
  #second = 0;

  constructor(t: TestContext, seed: number, forgetful: boolean) {
    this.#forgetful = forgetful;
    this.machine = new Machine(t);
    this.random = randomOf(seed);
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.random() * from.length)] as T;
  }

  async run(seconds: number): Promise<void> {
    this.#home = await this.machine.process();
    await this.#home.run('register', { row: workerRow('home') });
    for (let n = 0; n < 4; n++) this.#judges.push(await this.machine.process(this.pick(SKEWS)));
    for (let n = 0; n < 5; n++) await this.#hold(n, seconds);
    for (; this.#second < seconds; this.#second++) await this.#pass();
    await this.#end();
  }

  async #hold(n: number, seconds: number): Promise<void> {
    const store = await this.machine.process(this.pick(SKEWS));
    const id = `far_${n}`;
    await store.run('register', { row: workerRow(id, 1, this.pick(KINDS)) });
    const task = await submitOne(store);
    assert.equal((await claim(store, id)).length, 1);
    const stops = this.random() * 2 * seconds; // half of them never do
    const goesOn = this.random() < 0.5 ? stops + this.random() * 25 : Number.POSITIVE_INFINITY;
    this.#held.push({ id, task, store, renewed: this.machine.mono, stops, goesOn });
  }

  async #pass(): Promise<void> {
    this.machine.pass(1000);
    if (this.#forgetful) this.machine.sql('DELETE FROM clocks RETURNING boot');
    if (this.#second % RENEW_EVERY === 0) await this.#home.run('renew', { worker: 'home' });
    for (const held of this.#held) await this.#renew(held);
    for (const judge of this.#judges) if (this.random() < 0.7) await due(judge);
    if (this.random() < 0.1) this.#judges[0] = await this.machine.process(this.pick(SKEWS)); // a short process
    if (this.#second % 20 === 0) await this.#read();
    await this.#check();
  }

  async #renew(held: Held): Promise<void> {
    if (this.#second % RENEW_EVERY !== 0 || (this.#second >= held.stops && this.#second < held.goesOn)) return;
    held.renewed = this.machine.mono;
    await held.store.run('renew', { worker: held.id });
  }

  /** A task is run to its end and read, by whoever. */
  async #read(): Promise<void> {
    const id = await completed(this.#home, 'home', { cleanup_delay_ms: KEPT });
    this.machine.pass(Math.floor(this.random() * 1000));
    await this.pick([...this.#judges, this.#home]).run('see', { id });
    this.#outcomes.push({ id, seen: this.machine.wall });
  }

  async #check(): Promise<void> {
    for (const held of this.#held) {
      const unrenewed = this.machine.mono - held.renewed;
      const status = await this.#statusOf(held.task);
      if (status === 'running') continue;
      assert.ok(unrenewed >= LEASE, `${held.id}: ${status} ${unrenewed} ms after a renewal`);
      this.#held = this.#held.filter((one) => one !== held); // taken, and rightly
    }
    for (const { id, seen } of this.#outcomes) {
      const kept = (await this.#statusOf(id)) !== undefined;
      assert.ok(kept || this.machine.wall >= seen + KEPT - SAME, `${id} went after ${this.machine.wall - seen} ms`);
    }
  }

  async #statusOf(id: string): Promise<string | undefined> {
    return (await this.#home.run('get', { id, payloads: [] }))?.status;
  }

  /** A process with the right clock watches for a lease. */
  async #end(): Promise<void> {
    for (let second = 0; second <= 70; second++, this.#second++) {
      this.machine.pass(1000);
      if (this.#second % RENEW_EVERY === 0) await this.#home.run('renew', { worker: 'home' });
      for (const held of this.#held) await this.#renew(held);
      await due(this.#home);
      await this.#check();
    }
    for (const held of this.#held) {
      const dead = this.machine.mono - held.renewed >= 2 * LEASE;
      if (dead) assert.equal(await this.#statusOf(held.task), 'failed', `${held.id} is dead`);
    }
    for (const { id } of this.#outcomes) assert.equal(await this.#statusOf(id), undefined, `${id} is still there`);
    this.#checkTimes();
  }

  #checkTimes(): void {
    const kept = this.machine.sql<{ at: number }>('SELECT wall_minus_mono AS at FROM clocks');
    assert.deepEqual(
      kept.map(({ at }) => at),
      [this.machine.wall - this.machine.mono],
    );
    const events = this.machine.sql<{ task: number; at: number }>(
      'SELECT task, at FROM events WHERE task > 0 ORDER BY task, seq',
    );
    events.forEach(({ task, at }, n) => {
      const before = events[n - 1];
      assert.ok(before === undefined || before.task !== task || before.at <= at, `event ${n} of task ${task}`);
    });
  }
}

/** One round of so many virtual seconds. */
export async function clockRound(t: TestContext, seed: number, seconds: number, forgetful = false): Promise<void> {
  t.diagnostic(`SEED=${seed}`);
  await new Round(t, seed, forgetful).run(seconds);
}
