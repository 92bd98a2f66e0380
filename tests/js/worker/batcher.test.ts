/** What a worker's process has for the store: gathered during one commit, it goes with the next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError, StoreError } from '#offstage/errors/index.js';
import { defineRecipe } from '#offstage/index.js';
import { settledTurn } from '#offstage/store/turn.js';
import type { Change, Ops, Store, Submit, Submitted, Turn, Turned } from '#offstage/store/types.js';
import { Batcher, type SubmitAlong } from '#offstage/worker/batcher.js';
import { Turns } from '#offstage/worker/turns.js';
import { until } from '../../waiting.js';
import { deferred } from './deferred.js';
import { Fixture } from './fixture.js';
import { VirtualClock } from './virtual.js';

const change = (id: string): Change[] => [{ id, command: { command: 'stopped', attempt: 1, epoch: 1 } }];
const submit: Submit = { tasks: [], start: null };
const submitted: Submitted = { tasks: [], spawn: false, unheld: [] };

/** An batcher whose store answers when the test says so. */
function scene(more: { mayStart?: () => boolean } = {}) {
  const asked: { op: string; args: Turn; answer: ReturnType<typeof deferred<unknown>> }[] = [];
  const turned: Turned[] = [];
  const turns = new Turns();
  const run = (op: keyof Ops, args: unknown): Promise<unknown> => {
    const answer = deferred<unknown>();
    asked.push({ op, args: args as Turn, answer });
    return answer.promise;
  };
  const batcher = new Batcher({
    store: { path: 'p', folder: 'f', run } as unknown as Store,
    worker: 'w',
    turns,
    mayStart: () => true,
    leftAlone: () => [],
    children: { offer: () => [], claimed: () => {} },
    onTurned: (one) => turned.push(one),
    ...more,
  });
  /** Answers the turn that was asked last: each part is accepted. */
  const accept = async (more: Partial<Turned> = {}): Promise<void> => {
    const { args, answer } = asked.at(-1) ?? assert.fail('nothing was asked');
    answer.resolve({
      changed: args.changes.map((set) => ({ answer: set.map(({ id }) => ({ id })) })),
      submitted: args.submits.map(() => ({ answer: submitted })),
      started: [],
      returned: [],
      ended: [],
      nextAt: null,
      ...more,
    });
    await settledTurn();
  };
  const parts = () => asked.map(({ op, args }) => [op, args.changes.length, args.submits.length, args.room > 0]);
  return { batcher, asked, turned, turns, accept, parts };
}

test('what comes together is one turn with room; what comes while it is under way is the next', async () => {
  const { batcher, accept, parts } = scene();
  const first = [batcher.change(change('a')), batcher.submit(submit, () => {})] as const;
  await settledTurn();
  const second = [batcher.change(change('b')), batcher.change(change('c'))];
  await settledTurn();
  assert.deepEqual(parts(), [['turn', 1, 1, true]]);
  await accept();
  assert.deepEqual((await first[0])[0]?.id, 'a');
  assert.deepEqual(await first[1], submitted);
  assert.deepEqual(parts().slice(1), [['turn', 2, 0, true]]);
  await accept();
  assert.deepEqual(
    (await Promise.all(second)).map(([one]) => one?.id),
    ['b', 'c'],
  );
  assert.equal(parts().length, 2);
});

test('what was submitted is heard of before what it has started begins', async () => {
  const { batcher, accept, turned } = scene();
  const heard: number[] = [];
  void batcher.submit(submit, () => heard.push(turned.length));
  await settledTurn();
  await accept();
  assert.deepEqual([heard, turned.length], [[0], 1]);
});

test('while somebody has the turn of starts nothing is started, and nothing waits for him', async () => {
  const { batcher, accept, parts, turns } = scene();
  const end = deferred<void>();
  const his = turns.take(async () => {
    await batcher.change(change('his'));
    await end.promise;
  });
  const mine = batcher.change(change('mine'));
  const starts = turns.take(() => batcher.start());
  await settledTurn();
  assert.deepEqual(parts(), [['turn', 2, 0, false]]);
  await accept();
  await mine;
  assert.equal(parts().length, 1);
  end.resolve();
  await his;
  await settledTurn();
  assert.deepEqual(parts().at(-1), ['turn', 0, 0, true]);
  await accept();
  await starts;
});

test('where nothing may be started its turns have no room', async () => {
  const { batcher, accept, parts } = scene({ mayStart: () => false });
  const done = batcher.change(change('a'));
  await settledTurn();
  assert.deepEqual(parts(), [['turn', 1, 0, false]]);
  await accept();
  await done;
});

test('a part that is refused is refused alone', async () => {
  const { batcher, asked, accept } = scene();
  const answers = Promise.allSettled([batcher.change(change('a')), batcher.change(change('b'))]);
  await settledTurn();
  assert.equal(asked.length, 1);
  await accept({ changed: [{ error: new ConflictError('no').toJSON() }, { answer: [null] }] });
  const [a, b] = await answers;
  assert.equal(a?.status === 'rejected' && a.reason instanceof ConflictError, true);
  assert.deepEqual(b, { status: 'fulfilled', value: [null] });
});

test('what cannot be asked together is asked one by one; a store that cannot be used is told to all', async () => {
  const { batcher, asked } = scene();
  const answers = Promise.allSettled([batcher.change(change('a')), batcher.submit(submit, () => {})]);
  await settledTurn();
  asked[0]?.answer.reject(new TypeError('one of them cannot be sent'));
  await settledTurn();
  assert.deepEqual(
    asked.slice(1).map(({ op }) => op),
    ['change', 'submit'],
  );
  asked[1]?.answer.reject(new TypeError('that one'));
  asked[2]?.answer.resolve(submitted);
  assert.deepEqual(
    (await answers).map(({ status }) => status),
    ['rejected', 'fulfilled'],
  );
  const lost = Promise.allSettled([batcher.change(change('a')), batcher.change(change('b'))]);
  await settledTurn();
  asked.at(-1)?.answer.reject(new StoreError('busy', { details: { reason: 'busy' } }));
  assert.deepEqual(
    (await lost).map((one) => one.status === 'rejected' && one.reason.message),
    ['busy', 'busy'],
  );
  assert.equal(asked.length, 4);
});

test('a task that is submitted and run here is two turns: nobody polls, and nobody claims', async (t) => {
  const fixture = await Fixture.make(t);
  const asked: string[] = [];
  const { store } = fixture;
  const counting: Store = {
    path: store.path,
    folder: store.folder,
    run: (op, args) => {
      asked.push(op);
      return store.run(op, args);
    },
    watch: (listener) => store.watch(listener),
    keepLease: (worker) => store.keepLease(worker),
    dropLease: (worker) => store.dropLease(worker),
    close: () => store.close(),
  };
  let along: SubmitAlong | undefined;
  const recipe = defineRecipe({ name: 'double', run: (n: number) => n * 2 });
  const onSubmits = (submit: SubmitAlong | undefined): void => {
    along = submit;
  };
  const clock = new VirtualClock(Date.now()); // nobody looks because a second is over
  const worker = await fixture.work({ recipes: [recipe], folders: false, onSubmits, clock }, counting);
  const spec = { name: 'double', recipe: 'double', version: '1' };
  const task = { needs: [], maxConcurrent: null, code: 'double', parent: null, childKey: null } as const;
  const one = { spec, payloads: { input: '21' }, onConflict: 'parallel', ...task } as const;
  const ended = deferred<void>();
  t.after(store.watch((commit) => commit?.ended?.length === 1 && ended.resolve()));
  await until(() => asked.includes('turn'), { what: 'its first look' });
  await store.run('counts', {}); // that has been answered
  asked.length = 0;
  const { tasks } = (await along?.({ tasks: [one], start: null }, () => {})) ?? assert.fail('it takes submits');
  await ended.promise;
  const { record, payloads } = await fixture.read(tasks[0]?.id ?? '');
  assert.deepEqual([record.status, payloads.result], ['completed', '42']);
  assert.deepEqual(asked, ['turn', 'turn']);
  worker.stop.abort();
  await worker.ended;
  assert.equal(along, undefined);
});
