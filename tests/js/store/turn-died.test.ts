/** A store's thread that is ended half way through a turn: nothing of it is there, who asked is told, and another one goes on. */
import assert from 'node:assert/strict';
import { syncBuiltinESMExports } from 'node:module';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import threads, { type WorkerOptions } from 'node:worker_threads';
import { openStore, type Store } from '#offstage/store/index.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { until } from '../../waiting.js';
import { newTask } from './helpers.js';
import { breaking, contentOf, copyOf, SCENES, type Scene, shapeOf } from './torn.js';

/** As it is: the name is bound anew below. */
const { Worker } = threads;
type Worker = InstanceType<typeof threads.Worker>;

const STANDING = fileURLToPath(new URL('./turn-standing.js', import.meta.url));
const DIED = {
  name: 'StoreError',
  code: 'store',
  message: /^the store's thread died: it ended with code 1; whether what was asked of it was stored is not known/,
  details: { reason: 'thread_died' },
};

/** A store in a thread of its own, which stands still behind that statement of the transaction that follows. */
async function standing(path: string, at: number) {
  const state = new Int32Array(new SharedArrayBuffer(12));
  const made: Worker[] = [];
  threads.Worker = class extends Worker {
    constructor(_file: URL, { workerData, ...options }: WorkerOptions) {
      super(STANDING, { ...options, workerData: { ...workerData, state } });
      made.push(this);
    }
  };
  syncBuiltinESMExports();
  const store = await openStore(path, { mount: 'thread' });
  threads.Worker = Worker;
  syncBuiltinESMExports();
  Atomics.store(state, 0, at);
  return { store, stands: () => Atomics.load(state, 1) === 1, thread: made[0] as Worker };
}

async function ended(store: Store, scene: Scene, path: string): Promise<unknown> {
  await store.run('turn', scene.asked);
  await store.close();
  assert.deepEqual((await checkFile(path)).problems, []);
  return shapeOf(path);
}

for (const [name, make] of Object.entries(SCENES)) {
  test(`${name}: the thread ends at a statement of the transaction`, async (t) => {
    const scene = await make(t);
    const clean = copyOf(t, scene);
    const expected = await ended(await breaking(clean, () => {}), scene, clean);
    let died = 0;
    for (let at = 1, isOver = false; !isOver; at += 7) {
      const path = copyOf(t, scene);
      const before = contentOf(path);
      const { store, stands, thread } = await standing(path, at);
      const turn = store.run('turn', scene.asked).finally(() => {
        isOver = true;
      });
      turn.catch(() => {}); // told below
      await until(() => isOver || stands(), { what: `statement ${at} of the turn` });
      if (isOver) {
        await turn;
        await store.close();
        break;
      }
      const beside = store.run('submit', { tasks: [newTask({ name: 'beside' })], start: null });
      const told = [assert.rejects(turn, DIED), assert.rejects(beside, DIED)];
      await thread.terminate();
      await Promise.all(told);
      isOver = false;
      await assert.rejects(store.run('counts', {}), {
        ...DIED,
        message: "the store's thread died: it ended with code 1",
      });
      assert.deepEqual(contentOf(path), before, `it ended at statement ${at}`);
      assert.deepEqual(await ended(await openStore(path, { mount: 'thread' }), scene, path), expected);
      died += 1;
    }
    t.diagnostic(`it ended at ${died} statements`);
    assert.ok(died > 3);
  });
}
