/** Sweeps beside the tasks of a worker. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Sweep } from '#offstage/ports/sweep.js';
import { Beside } from '#offstage/worker/beside.js';
import { until, within } from '../../waiting.js';
import { Fixture } from './fixture.js';
import { VirtualClock } from './virtual.js';

/** A row of a table that lies in this process: what is due, and who has been told. */
class Toy implements Sweep {
  readonly name: string;
  readonly ran: number[] = [];
  due: number[] = [];
  stay = false;
  fails: string | undefined;
  signal: { readonly aborted: boolean } | undefined;
  /** What it waits for before it is done. */
  hold: Promise<void> = Promise.resolve();

  constructor(name: string) {
    this.name = name;
  }

  async nextAt(): Promise<number | null> {
    if (this.fails !== undefined) throw new Error(this.fails);
    return this.due[0] ?? null;
  }

  async run(now: number, signal?: { readonly aborted: boolean }): Promise<number> {
    this.signal = signal;
    await this.hold;
    this.ran.push(now);
    return this.due.splice(0, 1).length;
  }

  stays = async (): Promise<boolean> => this.stay;
}

function beside(...sweeps: Sweep[]) {
  const clock = new VirtualClock(1_000_000);
  const troubles: unknown[] = [];
  return { clock, troubles, beside: new Beside(sweeps, { clock, onTrouble: (error) => troubles.push(error) }) };
}

/** What has become due meanwhile has been begun. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function held(): { hold: Promise<void>; letGo: () => void } {
  let letGo = (): void => {};
  const hold = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  return { hold, letGo };
}

test('what is due is run until nothing is, what is due soon at its time, and nothing before', async () => {
  const toy = new Toy('toy');
  const { clock, beside: sweeps } = beside(toy);
  toy.due = [999_000, 1_000_000, 1_000_250, 1_005_000];
  sweeps.look();
  await turn();
  assert.deepEqual(toy.ran, [1_000_000, 1_000_000]);
  clock.advance(249);
  await turn();
  assert.equal(toy.ran.length, 2);
  clock.advance(1);
  await turn();
  assert.deepEqual(toy.ran, [1_000_000, 1_000_000, 1_000_250]);
  assert.equal(clock.timers, 0, 'what is due later is left to a later look');
  await sweeps.end();
});

test('one that is held up keeps no other from its turn, and runs once at a time', async () => {
  const [slow, quick] = [new Toy('slow'), new Toy('quick')];
  const { beside: sweeps } = beside(slow, quick);
  const { hold, letGo } = held();
  Object.assign(slow, { hold, due: [1, 2] });
  quick.due = [1];
  sweeps.look();
  sweeps.look();
  await turn();
  quick.due = [1];
  sweeps.look();
  await turn();
  assert.deepEqual([slow.ran.length, quick.ran.length], [0, 2]);
  assert.equal(await sweeps.stays(), true, 'nobody leaves while one is at work');
  letGo();
  await turn();
  assert.deepEqual([slow.ran.length, quick.ran.length, await sweeps.stays()], [2, 2, false]);
});

test('one that fails is told of once, is tried again at each look, and keeps the worker', async () => {
  const [bad, good] = [new Toy('bad'), new Toy('good')];
  const { beside: sweeps, troubles } = beside(bad, good);
  bad.fails = 'no table';
  for (const due of [1, 2]) {
    good.due = [due];
    sweeps.look();
    await turn();
  }
  assert.deepEqual([troubles, good.ran.length], [["sweep 'bad': Error: no table"], 2]);
  Object.assign(bad, { fails: undefined, due: [3] });
  sweeps.look();
  await turn();
  bad.fails = 'no table';
  sweeps.look();
  await turn();
  assert.deepEqual([bad.ran.length, troubles.length], [1, 2], 'it had got well between');
});

test('the end tells those that are at work, waits 2 s for them, and nothing begins after it', async () => {
  const [slow, later] = [new Toy('slow'), new Toy('later')];
  const { clock, beside: sweeps } = beside(slow, later);
  Object.assign(slow, { hold: new Promise(() => {}), due: [1] });
  later.due = [1_000_100];
  sweeps.look();
  await turn();
  assert.equal(slow.signal?.aborted, false);
  const ended = sweeps.end();
  assert.equal(slow.signal?.aborted, true);
  clock.advance(2000);
  await within(ended, { what: 'the end' });
  sweeps.look();
  await turn();
  assert.deepEqual([later.ran, clock.timers], [[], 0]);
});

test('a worker runs them beside its tasks, stays while one has to, and leaves when none has', async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('echo', 'export default ({ value }) => value;');
  const [slow, quick] = [new Toy('slow'), new Toy('quick')];
  const { hold, letGo } = held();
  Object.assign(slow, { hold, due: [1] });
  quick.stay = true;
  const worker = await fixture.work({ sweeps: [slow, quick], exitWhenIdle: 0 });
  const { record } = await fixture.until(await fixture.submit('echo', { value: 1 }));
  assert.equal(record.status, 'completed', 'while one of them is held up');
  quick.due = [1];
  await until(() => quick.ran.length === 1);
  letGo();
  await until(() => slow.ran.length === 1);
  assert.equal(
    worker.events.some(({ event }) => event === 'stopped'),
    false,
  );
  quick.stay = false;
  await within(worker.ended, { what: 'the worker to leave' });
  assert.deepEqual([worker.events.at(-1)?.reason, worker.trouble], ['idle', []]);
});
