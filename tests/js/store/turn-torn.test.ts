/** A turn that is broken at any one of its statements: the store is as before it or as after it, and who asked is told which. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Claimed, Store, Turned } from '#offstage/store/index.js';
import { checkFile } from '#offstage/store/sqlite/check.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { heard } from '../../waiting.js';
import { newTask, tempFolder } from './helpers.js';
import { type Break, breaking, contentOf, copyOf, filesAt, SCENES, type Scene, shapeOf } from './torn.js';

/** As SQLite tells it through the driver. */
const fault = (message: string, errcode: number): Error =>
  Object.assign(new Error(message), { code: 'ERR_SQLITE_ERROR', errcode });

/** What a turn has answered; ids differ from time to time, names do not. */
function told({ changed, submitted, started, returned, ended }: Turned): unknown {
  const codes = (all: readonly object[]): unknown[] =>
    all.map((one) => ('error' in one ? (one.error as { code: string }).code : 'ok'));
  const nameOf = ({ record }: Claimed): string => JSON.parse(record).name;
  return {
    changed: codes(changed),
    submitted: codes(submitted),
    started: started.map(nameOf).sort(),
    returned: returned.length,
    ended: ended.map(({ status, reason }) => [status, reason]),
  };
}

/** What follows: all that has started ends. */
async function finish(store: Store, { started }: Turned): Promise<void> {
  const changes = started.map(({ id, attempt, epoch }) => [
    { id, command: { command: 'succeed', attempt, epoch } } as const,
  ]);
  const { changed } = await store.run('turn', { worker: 'w', changes, submits: [], running: [], room: 0 });
  assert.ok(changed.every((one) => 'answer' in one && one.answer[0]?.changed));
}

interface Clean {
  statements: number;
  told: unknown;
  shape: unknown;
  /** When all that has started has ended. */
  finished: unknown;
}

/** The same without a fault. */
async function clean(t: TestContext, scene: Scene): Promise<Clean> {
  const path = copyOf(t, scene);
  let statements = 0;
  const store = await breaking(path, (n) => {
    statements = n;
  });
  const turned = await store.run('turn', scene.asked);
  const shape = shapeOf(path);
  const seen = statements;
  await finish(store, turned);
  await store.close();
  assert.deepEqual((await checkFile(path)).problems, []);
  return { statements: seen, told: told(turned), shape, finished: shapeOf(path) };
}

/** From that statement on: what is wrong with it is wrong each time. */
class Fault {
  isOver = false;
  readonly #at: number;
  readonly #error: () => unknown;

  constructor(at: number, error: () => unknown) {
    this.#at = at;
    this.#error = error;
  }

  readonly meet: Break = (n) => {
    if (n >= this.#at && !this.isOver) throw this.#error();
  };
}

/** All is done, once, as without a fault, and what follows also. */
async function whole(path: string, store: Store, turned: Turned, expected: Clean, where: string): Promise<void> {
  assert.deepEqual([told(turned), shapeOf(path)], [expected.told, expected.shape], where);
  await finish(store, turned);
  assert.deepEqual(shapeOf(path), expected.finished, where);
  assert.deepEqual((await checkFile(path)).problems, [], where);
}

for (const [name, make] of Object.entries(SCENES)) {
  test(`${name}: busy at any statement, it is begun again and done once`, async (t) => {
    const scene = await make(t);
    const expected = await clean(t, scene);
    for (let at = 1; at <= expected.statements; at += 2) {
      const path = copyOf(t, scene);
      const store = await breaking(path, (n) => {
        if (n === at) throw fault('database is locked', 5);
      });
      await whole(path, store, await store.run('turn', scene.asked), expected, `busy at statement ${at}`);
      await store.close();
    }
    t.diagnostic(`${expected.statements} statements`);
  });

  for (const [what, error, code, stride] of [
    ['a full disk', () => fault('database or disk is full', 13), 'store', 1],
    ['an error of reading or writing', () => fault('disk I/O error', 10), 'store', 5],
    ['a statement that is refused', () => fault('CHECK constraint failed: planted', 275), 'ERR_SQLITE_ERROR', 2],
  ] as const) {
    test(`${name}: ${what} at any statement undoes all of it, is told, and asked again it is done once`, async (t) => {
      const scene = await make(t);
      const expected = await clean(t, scene);
      for (let at = 1; at <= expected.statements; at += expected.statements < 50 ? 1 : stride) {
        const where = `${what} at statement ${at}`;
        const path = copyOf(t, scene);
        const before = contentOf(path);
        const planted = new Fault(at, error);
        const store = await breaking(path, planted.meet);
        await assert.rejects(store.run('turn', scene.asked), { code }, where);
        assert.deepEqual(contentOf(path), before, where);
        planted.isOver = true;
        await whole(path, store, await store.run('turn', scene.asked), expected, where);
        await store.close();
      }
    });
  }

  test(`${name}: what shares its transaction is done without it, or undone with it, as it is told`, async (t) => {
    const scene = await make(t);
    const { statements } = await clean(t, scene);
    for (let at = 1; at <= statements; at += 3) {
      for (const errcode of [13, 275]) {
        const path = copyOf(t, scene);
        const store = await breaking(path, new Fault(at, () => fault('planted', errcode)).meet);
        const beside = (name: string) => store.run('submit', { tasks: [newTask({ name })], start: null });
        const before = contentOf(path);
        const [first, turn, last] = await Promise.allSettled([
          beside('first'),
          store.run('turn', scene.asked),
          beside('last'),
        ]);
        const where = `error ${errcode} at statement ${at}`;
        assert.equal(turn?.status, 'rejected', where);
        const both = errcode === 13 ? 'rejected' : 'fulfilled';
        assert.deepEqual([first?.status, last?.status], [both, both], where);
        if (errcode === 13) assert.deepEqual(contentOf(path), before, where);
        else assert.equal((contentOf(path).tasks ?? []).length, (before.tasks ?? []).length + 2, where);
        assert.deepEqual((await checkFile(path)).problems, [], where);
        await store.close();
      }
    }
  });

  test(`${name}: a commit that is refused undoes all of it and is told`, async (t) => {
    const scene = await make(t);
    const expected = await clean(t, scene);
    const path = copyOf(t, scene);
    const db = connect(path);
    db.exec(`CREATE TABLE planted (task INTEGER REFERENCES tasks (seq) DEFERRABLE INITIALLY DEFERRED);
      CREATE TRIGGER planted AFTER INSERT ON events BEGIN INSERT INTO planted VALUES (-1); END`);
    const before = contentOf(path);
    const store = await breaking(path, () => {});
    await assert.rejects(store.run('turn', scene.asked), /FOREIGN KEY constraint failed/);
    assert.deepEqual(contentOf(path), before);
    db.exec('DROP TRIGGER planted; DROP TABLE planted');
    db.close();
    await whole(path, store, await store.run('turn', scene.asked), expected, 'after it');
    await store.close();
  });

  test(`${name}: killed at any statement, or at any page of its log, it has left all or nothing`, async (t) => {
    const scene = await make(t);
    const expected = await clean(t, scene);
    const path = copyOf(t, scene);
    const left = tempFolder(t);
    const killed: string[] = [];
    const place = (name: string): string => {
      const folder = join(left, name);
      mkdirSync(folder);
      return folder;
    };
    const store = await breaking(path, (n) => void killed.push(filesAt(path, place(`statement ${n}`))));
    const before = shapeOf(path);
    const { size } = statSync(`${path}-wal`);
    await store.run('turn', scene.asked);
    const log = readFileSync(`${path}-wal`);
    const FRAME = 24 + 4096;
    assert.equal((log.length - 32) % FRAME, 0, 'pages of 4 KiB');
    for (let end = size; end < log.length; end += FRAME / 2) {
      const folder = place(`page ${end}`);
      copyFileSync(path, join(folder, 'tasks.db'));
      writeFileSync(join(folder, 'tasks.db-wal'), log.subarray(0, end));
      killed.push(join(folder, 'tasks.db'));
    }
    for (const one of killed) {
      assert.deepEqual(shapeOf(one), before, dirname(one));
      assert.deepEqual((await checkFile(one)).problems, [], dirname(one));
    }
    const all = filesAt(path, place('all of it'));
    assert.deepEqual(shapeOf(all), expected.shape);
    await store.close();
  });

  test(`${name}: when the core dies at any statement all or nothing is done, and nothing is said any more`, async (t) => {
    const scene = await make(t);
    const expected = await clean(t, scene);
    const file = fileURLToPath(new URL('./turn-trapped.js', import.meta.url));
    let died = 0;
    for (let at = 1; at <= expected.statements; at += expected.statements < 50 ? 2 : 6) {
      const where = `the core died at statement ${at}`;
      const path = copyOf(t, scene);
      const before = contentOf(path);
      const thread = new Worker(file, { workerData: { ...scene, path, at } });
      const [answers] = (await heard(thread, 'message')) as [string[]];
      await thread.terminate();
      assert.match(String(answers), /^(done|core_dead),core_dead,core_dead$/, where);
      if (answers[0] === 'done') assert.deepEqual(shapeOf(path), expected.shape, where);
      else {
        died += 1;
        assert.deepEqual(contentOf(path), before, where);
        const store = await breaking(path, () => {}); // another process goes on
        await whole(path, store, await store.run('turn', scene.asked), expected, where);
        await store.close();
      }
    }
    assert.ok(died > 1, `${died} times`);
  });
}
