/** A worker that was started belongs to nobody: whoever started it may be gone before it has registered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openVerbs } from '#offstage/client/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { isLive } from '../../../js/worker/processes.js';
import { until } from '../../../waiting.js';
import { keepAlive } from '../drive.js';
import { Project } from '../project.js';

/** Milliseconds: longer than what may be left undone waits for the lock. */
const HELD_FOR = 1_500;

/** Others take the write lock of the store at the moment when the process of a worker is to be noted. */
class Others {
  #connection: ReturnType<typeof connect> | undefined;
  #since = 0;

  around(store: Store): Store {
    const run: Store['run'] = (op, args) => {
      if (op === 'spawned') this.#hold(store.path);
      return store.run(op, args);
    };
    return new Proxy(store, {
      get: (target, key) => {
        const value = key === 'run' ? run : Reflect.get(target, key);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  async letGo(): Promise<void> {
    const isLong = (): boolean => performance.now() - this.#since >= HELD_FOR;
    await until(isLong, { what: `the end of ${HELD_FOR} ms with a held lock` });
    this.#connection?.close();
  }

  #hold(path: string): void {
    this.#connection = connect(path);
    this.#connection.exec('BEGIN IMMEDIATE');
    this.#since = performance.now();
  }
}

test('the row of a worker that was started names its process when its starter has gone, however busy the store was', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const { folder, env } = project;
  const others = new Others();
  const verbs = await openVerbs({
    cwd: folder,
    home: folder,
    env,
    worker: 'detached',
    openStore: async (path) => others.around(await openStore(path, { mount: 'direct' })),
  });
  await verbs.submit([{ recipe: 'waits', input: { until: project.file('go') } }]);
  const closed = verbs.close();
  await others.letGo();
  await closed;
  const db = connect(project.store);
  const rows = db.prepare('SELECT pid FROM workers').all() as { pid: number }[];
  db.close();
  assert.equal(rows.length, 1);
  assert.notEqual(rows[0]?.pid, process.pid, 'it would count as gone with this process, and a second one be started');
  assert.ok(isLive(rows[0]?.pid as number));
});
