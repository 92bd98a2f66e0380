/** What a worker's process has for the store: gathered during one commit, it goes with the next. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConflictError, StoreError } from '#offstage/errors/index.js';
import { defineRecipe } from '#offstage/index.js';
import { settledTurn } from '#offstage/store/turn.js';
import type { Change, Ops, Store, Submit, Submitted, Turn, Turned } from '#offstage/store/types.js';
import { Batcher, type BatcherOptions, type SubmitAlong } from '#offstage/worker/batcher.js';
import { Turns } from '#offstage/worker/turns.js';
import { until } from '../../waiting.js';
import { deferred } from './deferred.js';
import { Fixture } from './fixture.js';
import { VirtualClock } from './virtual.js';

const change = (id: string): Change[] => [{ id, command: { command: 'stopped', attempt: 1, epoch: 1 } }];
const submit: Submit = { tasks: [], start: null };
const submitted: Submitted = { tasks: [], spawn: false, unheld: [] };

/** An batcher whose store answers when the test says so. */
function scene(more: Partial<Pick<BatcherOptions, 'mayStart' | 'mostTurns' | 'onTurned'>> = {}) {
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
    mostTurns: 2,
    looks: () => 0,
    onTurned: (one) => turned.push(one),
    ...more,
  });
  /** Answers a turn, that which was asked last where none is named: each part is accepted. */
  const accept = async (more: Partial<Turned> = {}, which = -1): Promise<void> => {
    const { args, answer } = asked.at(which) ?? assert.fail('nothing was asked');
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

/** So many changes. */
const changes = (batcher: Batcher, count: number, of = 'c') =>
  Array.from({ length: count }, (_, index) => batcher.change(change(`${of}${index}`)));

const ids = ({ args }: { args: Turn }) => args.changes.flatMap((set) => set.map(({ id }) => id));

test('many that come while a turn is under way are a second one behind it; a third there is not', async () => {
  const { batcher, accept, parts } = scene();
  const all = [...changes(batcher, 1), ...changes(batcher, 0)];
  await settledTurn();
  all.push(...changes(batcher, 15, 'few'));
  await settledTurn();
  assert.equal(parts().length, 1, 'few wait');
  all.push(...changes(batcher, 1, 'more'));
  await settledTurn();
  assert.deepEqual(parts().slice(1), [['turn', 16, 0, true]], 'both may start');
  all.push(...changes(batcher, 40, 'late'));
  await settledTurn();
  assert.equal(parts().length, 2);
  await accept({}, 0);
  assert.deepEqual(parts().slice(2), [['turn', 40, 0, true]]);
  await accept({}, 1);
  await accept({}, 2);
  assert.equal((await Promise.all(all)).length, 57);
});

test('many that are there while nothing is under way are halved, in order; fewer are not, nor where one turn is all', async () => {
  const { batcher, asked, accept, parts } = scene();
  const all = changes(batcher, 30);
  for (let count = 0; count < 4; count += 1) void batcher.submit(submit, () => {});
  await settledTurn();
  assert.deepEqual(parts(), [
    ['turn', 15, 2, true],
    ['turn', 15, 2, true],
  ]);
  assert.deepEqual(
    asked.flatMap(ids),
    Array.from({ length: 30 }, (_, index) => `c${index}`),
  );
  await accept({}, 0);
  await accept({}, 1);
  assert.equal((await Promise.all(all)).length, 30);
  void changes(batcher, 31);
  await settledTurn();
  assert.deepEqual(parts().slice(2), [['turn', 31, 0, true]]);
  const single = scene({ mostTurns: 1 });
  void changes(single.batcher, 64);
  await settledTurn();
  void changes(single.batcher, 64);
  await settledTurn();
  assert.deepEqual(single.parts(), [['turn', 64, 0, true]]);
});

test('a child and the end of its parent are not parted', async () => {
  const { batcher, parts } = scene();
  void changes(batcher, 40);
  const child = { spec: { parent_id: 'c39' } } as unknown as Submit['tasks'][number];
  void batcher.submit({ tasks: [child], start: null }, () => {});
  await settledTurn();
  assert.deepEqual(parts(), [['turn', 40, 1, true]]);
});

test('what a turn brings is told before anything more is sent: what comes of it goes together', async () => {
  const heard: string[] = [];
  const { batcher, asked, accept, parts } = scene({
    onTurned: () => {
      heard.push('turned');
      void changes(batcher, 1, 'of its code');
    },
  });
  const task = { payloads: {}, spec: {} };
  void batcher.submit({ tasks: [task], start: null } as unknown as Submit, () => {
    heard.push('submitted');
    void changes(batcher, 20, 'of who has submitted it');
  });
  await settledTurn();
  const started = [{ id: 'a', newcomer: { submit: 0, task: 0 } }] as unknown as Turned['started'];
  await accept({ started });
  await settledTurn();
  assert.deepEqual(heard.slice(0, 2), ['submitted', 'turned']);
  assert.deepEqual(parts().slice(1), [['turn', 21, 0, true]]);
  assert.equal(asked.length, 2);
});

test('a turn that fails with one behind it concerns its own parts alone', async () => {
  const { batcher, asked, accept } = scene();
  const first = Promise.allSettled(changes(batcher, 2, 'first'));
  await settledTurn();
  const second = Promise.allSettled(changes(batcher, 16, 'second'));
  await settledTurn();
  asked[0]?.answer.reject(new StoreError('busy', { details: { reason: 'busy' } }));
  await settledTurn();
  await accept({}, 1);
  assert.deepEqual(
    (await first).map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(
    (await second).every(({ status }) => status === 'fulfilled'),
    true,
  );
  assert.equal(asked.length, 2, 'nothing is asked twice');
  const lost = [...changes(batcher, 32, 'lost')];
  const all = Promise.allSettled(lost);
  await settledTurn();
  for (const { answer } of asked.slice(2))
    answer.reject(new StoreError('dead', { details: { reason: 'thread_died' } }));
  assert.equal(
    (await all).every(({ status }) => status === 'rejected'),
    true,
  );
  assert.equal(asked.length, 4);
});

test('a task that was taken away before its start was told is told to end, though a look came between', async (t) => {
  const fixture = await Fixture.make(t);
  const { store } = fixture;
  const held = deferred<void>('the start to be told');
  const committed = deferred<string>('the start to be stored');
  const looked = deferred<void>('a look that does not know of it');
  let isHeld = false;
  const holding: Store = {
    path: store.path,
    folder: store.folder,
    run: async (op, args) => {
      const answer = await store.run(op, args);
      const [started] = op === 'turn' ? (answer as Turned).started : [];
      if (started !== undefined) {
        isHeld = true;
        committed.resolve(started.id);
        await held.promise;
      }
      if (op === 'poll' && isHeld) looked.resolve();
      return answer;
    },
    watch: (listener) => store.watch(listener),
    keepLease: (worker) => store.keepLease(worker),
    dropLease: (worker) => store.dropLease(worker),
    close: () => store.close(),
  };
  const ended = deferred<void>('the code to be told to end');
  const recipe = defineRecipe({
    name: 'patient',
    run: (_input, { signal }) => {
      signal.addEventListener('abort', () => ended.resolve());
      return ended.promise;
    },
  });
  const clock = new VirtualClock(Date.now()); // nobody looks because a second is over
  let along: SubmitAlong | undefined;
  const onSubmits = (submit: SubmitAlong | undefined): void => {
    along = submit;
  };
  await fixture.work({ recipes: [recipe], folders: false, onSubmits, clock }, holding);
  const spec = { name: 'patient', recipe: 'patient', version: '1' };
  const task = { needs: [], maxConcurrent: null, code: 'patient', parent: null, childKey: null } as const;
  const one = { spec, payloads: {}, onConflict: 'parallel', ...task } as const;
  const submitting = along?.({ tasks: [one], start: null }, () => {});
  const id = await committed.promise;
  await fixture.cancel(id);
  await looked.promise;
  held.resolve();
  await submitting;
  await ended.promise;
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
