/** How many turns that start may be under way at once: a child that stands ready is offered to one alone. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { defineRecipe } from '#offstage/index.js';
import { settledTurn } from '#offstage/store/turn.js';
import type { Ops, Store, Turn } from '#offstage/store/types.js';
import type { SubmitAlong } from '#offstage/worker/batcher.js';
import { until } from '../../waiting.js';
import { deferred } from './deferred.js';
import { Fixture } from './fixture.js';
import { VirtualClock } from './virtual.js';

const recipe = defineRecipe({ name: 'double', run: (n: number) => n * 2 });

/** The store, in which the first turn that submits waits for the test, and what is asked of it: from that on, once it waits. */
function held({ store }: Fixture) {
  const letGo = deferred<void>('the first turn to be let go');
  const asked: (keyof Ops)[] = [];
  let isHeld = false;
  const holding: Store = {
    path: store.path,
    folder: store.folder,
    run: async (op, args) => {
      const isFirst = !isHeld && op === 'turn' && (args as Turn).submits.length > 0;
      if (isFirst) asked.length = 0;
      asked.push(op);
      isHeld ||= isFirst;
      if (isFirst) await letGo.promise;
      return store.run(op, args);
    },
    watch: (listener) => store.watch(listener),
    keepLease: (worker) => store.keepLease(worker),
    dropLease: (worker) => store.dropLease(worker),
    close: () => store.close(),
  };
  return { holding, asked, letGo, isHeld: () => isHeld };
}

/** Turns that are asked for while one that submits is not answered, and somebody else has stored a task. */
async function turnsAtOnce(t: TestContext, folders: boolean): Promise<number> {
  const fixture = await Fixture.make(t);
  const { holding, asked, letGo, isHeld } = held(fixture);
  let along: SubmitAlong | undefined;
  const onSubmits = (submit: SubmitAlong | undefined): void => {
    along = submit;
  };
  const clock = new VirtualClock(Date.now()); // nobody looks because a second is over
  await fixture.work({ recipes: [recipe], folders, onSubmits, clock }, holding);
  await until(() => asked.includes('turn'), { what: 'its first look' });
  await fixture.store.run('counts', {}); // that has been answered
  await settledTurn();
  const spec = { name: 'double', recipe: 'double', version: '1' };
  const task = { needs: [], maxConcurrent: null, code: 'double', parent: null, childKey: null } as const;
  const one = { spec, payloads: { input: '21' }, onConflict: 'parallel', ...task } as const;
  const submitting = along?.({ tasks: [one], start: null }, () => {}) ?? assert.fail('it takes submits');
  await until(isHeld, { what: 'the turn that submits' });
  const other = await fixture.submitCode('double', 2);
  await until(() => asked.includes('poll'), { what: 'a look after the other commit' });
  await settledTurn();
  const count = asked.filter((op) => op === 'turn').length;
  letGo.resolve();
  const { tasks } = await submitting;
  for (const id of [other, tasks[0]?.id ?? '']) assert.equal((await fixture.until(id)).record.status, 'completed');
  return count;
}

test('a worker with child processes asks for no second turn before the first is answered, whoever wakes it', async (t) => {
  assert.equal(await turnsAtOnce(t, true), 1);
});

test('one that has none to offer looks beside it', async (t) => {
  assert.ok((await turnsAtOnce(t, false)) > 1);
});
