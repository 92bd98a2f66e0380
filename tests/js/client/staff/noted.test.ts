/** A worker that was started belongs to nobody: whoever started it may be gone before it has registered. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openVerbs } from '#offstage/client/index.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { isLive } from '../../../js/worker/processes.js';
import { keepAlive } from '../drive.js';
import { Project } from '../project.js';

/** Milliseconds: longer than what may be left undone waits for the lock. */
const HELD_FOR = 1_500;

/** The store, whose write lock others take at the moment when the process of a worker is to be noted. */
function heldAtNote(store: Store): Store {
  const { path } = store;
  const run: Store['run'] = (op, args) => {
    if (op === 'spawned') {
      const other = connect(path);
      other.exec('BEGIN IMMEDIATE');
      setTimeout(() => other.close(), HELD_FOR);
    }
    return store.run(op, args);
  };
  return new Proxy(store, {
    get: (target, key) => {
      if (key === 'run') return run;
      const value = Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

test('the row of a worker that was started names its process when its starter has gone, however busy the store was', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  const { folder, env } = project;
  const verbs = await openVerbs({
    cwd: folder,
    home: folder,
    env,
    worker: 'detached',
    openStore: async (path) => heldAtNote(await openStore(path, { mount: 'direct' })),
  });
  await verbs.submit([{ recipe: 'waits', input: { until: project.file('go') } }]);
  await verbs.close();
  const db = connect(project.store);
  const rows = db.prepare('SELECT pid FROM workers').all() as { pid: number }[];
  db.close();
  assert.equal(rows.length, 1);
  assert.notEqual(rows[0]?.pid, process.pid, 'it would count as gone with this process, and a second one be started');
  assert.ok(isLive(rows[0]?.pid as number));
});
