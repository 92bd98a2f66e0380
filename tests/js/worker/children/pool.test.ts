/** Children that cannot start: the program that is started in Node's place is a script of the test. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { StoreError } from '#offstage/errors/index.js';
import type { Claimed, Group, ReadyChild, Store } from '#offstage/store/types.js';
import { ChildPool } from '#offstage/worker/children/pool.js';
import { OtherVersionError } from '#offstage/worker/children/start.js';
import type { Start } from '#offstage/worker/environment/start.js';
import { NotBegunError } from '#offstage/worker/not-begun.js';
import { membersOf, until } from '../processes.js';
import { VirtualClock } from '../virtual.js';

const NODE = process.execPath;

/** How the worker itself is started: with the program of the moment. */
const START: Start = {
  id: 'own',
  env: { PATH: process.env.PATH ?? '' },
  get node() {
    return process.execPath;
  },
};

interface Scene {
  pool: ChildPool;
  clock: VirtualClock;
  trouble: string[];
  unable: Error[];
  /** Has such a program started from now on; undefined: Node again. */
  program(script: string | undefined): void;
}

function scene(t: TestContext, run: Store['run'] = (async () => undefined) as unknown as Store['run']): Scene {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-pool-'));
  const clock = new VirtualClock();
  const [trouble, unable]: [string[], Error[]] = [[], []];
  const pool = new ChildPool({
    worker: 'worker_1',
    store: { run } as unknown as Store,
    keep: 1,
    folder,
    start: START,
    clock,
    registered: Promise.resolve(),
    onTrouble: (error) => trouble.push((error as Error).message),
    onUnable: (error) => unable.push(error),
  });
  const alive = setInterval(() => {}, 1000);
  t.after(async () => {
    process.execPath = NODE;
    await pool.close();
    clearInterval(alive);
    rmSync(folder, { recursive: true, force: true });
  });
  const program = (script: string | undefined): void => {
    process.execPath = script === undefined ? NODE : join(folder, 'program');
    if (script !== undefined) writeFileSync(process.execPath, script, { mode: 0o755 });
  };
  return { pool, clock, trouble, unable, program };
}

const rejection = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => assert.fail('it was resolved'),
    (error) => error as Error,
  );

test('three tries in 15 s, then nothing can be begun: the reason is what it printed', async (t) => {
  const { pool, clock, trouble, unable, program } = scene(t);
  program('#!/bin/sh\necho "cannot find module x" >&2; exit 3\n');
  const refused = rejection(pool.take('k', START));
  for (const [tries, wait] of [
    [1, 2_000],
    [2, 5_000],
  ] as const) {
    await until(() => trouble.length === tries);
    clock.advance(wait - 1);
    assert.equal(trouble.length, tries);
    clock.advance(1);
  }
  const error = await refused;
  assert.ok(error instanceof NotBegunError);
  assert.equal(
    error.message,
    'no child process could be started (3 tries): it ended before it was ready (exit code 3):\ncannot find module x',
  );
  assert.deepEqual([trouble.length, unable], [3, [error]]);
  assert.ok(clock.now() < 15_000);
  // Who comes after that is told at its first failure.
  assert.match((await rejection(pool.take('k', START))).message, /1 try/);
  assert.equal(unable.length, 1, 'its worker is told once');
});

test('what starts at the second try is used, and nobody is told that there is no worker', async (t) => {
  const { pool, clock, trouble, unable, program } = scene(t);
  program('#!/bin/sh\nexit 1\n');
  const taken = pool.take('k', START);
  await until(() => trouble.length === 1);
  program(undefined);
  clock.advance(2_000);
  assert.ok((await taken).alive);
  assert.deepEqual(unable, []);
});

test('a system that refuses to start a process is such a try', async (t) => {
  const { pool, clock, trouble } = scene(t);
  process.execPath = '/nonexistent/node';
  const refused = rejection(pool.take('k', START));
  for (const tries of [1, 2]) {
    await until(() => trouble.length === tries);
    clock.advance(5_000);
  }
  assert.match((await refused).message, /3 tries.*the system refuses.*ENOENT/);
});

test('one that never becomes ready has 15 s, and is killed', async (t) => {
  const groups: number[] = [];
  const { pool, clock, program } = scene(t, (async (op: string, args: { group: Group }) => {
    if (op === 'addGroup') groups.push(args.group.pgid);
  }) as unknown as Store['run']);
  program('#!/bin/sh\necho waiting; exec sleep 1000\n');
  const take = rejection(pool.take('k', START));
  await until(() => clock.timers === 1 && groups.length === 1);
  clock.advance(15_000);
  assert.match((await take).message, /not ready in time/);
  await until(() => membersOf(groups[0] as number).length === 0);
});

for (const [what, message] of [
  ['of another version', "{ kind: 'ready', version: '99.1.2' }"],
  ['that does not name its version', "{ kind: 'ready' }"],
] as const) {
  test(`a child ${what} is not used, and its worker is told at once`, async (t) => {
    const { pool, unable, program } = scene(t);
    program(`#!${NODE}\nprocess.send(${message}); process.on('disconnect', () => process.exit());\n`);
    const error = await rejection(pool.take('k', START));
    assert.ok(error instanceof OtherVersionError);
    assert.match(error.message, /was replaced/);
    assert.deepEqual(unable, [error]);
  });
}

test('a spare of another version tells before anybody needs it', async (t) => {
  const { pool, unable, program } = scene(t);
  program(
    `#!${NODE}\nprocess.send({ kind: 'ready', version: '99.1.2' }); process.on('disconnect', () => process.exit());\n`,
  );
  pool.warm();
  await until(() => unable.length === 1);
  assert.match(unable[0]?.message ?? '', /99\.1\.2/);
});

test('a spare that could not start costs nobody a try', async (t) => {
  const { pool, trouble, program } = scene(t);
  program('#!/bin/sh\nexit 1\n');
  pool.warm();
  await until(() => trouble.length === 1);
  program(undefined);
  assert.ok((await pool.take('k', START)).alive);
});

test('a child whose group cannot be stored is no try: the store tells what is wrong', async (t) => {
  const busy = new StoreError('busy', { details: { reason: 'busy' } });
  const { pool, unable } = scene(t, (async (op: string) => {
    if (op === 'addGroup') throw busy;
  }) as unknown as Store['run']);
  assert.equal(await rejection(pool.take('k', START)), busy);
  assert.deepEqual(unable, []);
});

test('a pool that is closed starts nothing', async (t) => {
  const { pool, unable } = scene(t);
  await pool.close();
  assert.ok((await rejection(pool.take('k', START))) instanceof NotBegunError);
  assert.deepEqual(unable, []);
});

test('what only a submitter has broken fails his run, and the worker goes on with others', async (t) => {
  const { pool, clock, trouble, unable, program } = scene(t);
  program('#!/bin/sh\necho "bad option" >&2; exit 9\n');
  const his = { ...START, id: 'his', node: process.execPath };
  program(undefined);
  const refused = rejection(pool.take('k', his));
  for (const tries of [1, 2]) {
    await until(() => trouble.length === tries);
    clock.advance(5_000);
  }
  const error = await refused;
  assert.ok(!(error instanceof NotBegunError));
  assert.match(error.message, /^in the environment that the task was submitted with .*exit code 9.*\nbad option$/s);
  assert.deepEqual(unable, []);
  assert.ok((await pool.take('k', START)).alive);
});

test('the spare is started as the last child was', async (t) => {
  const { pool } = scene(t);
  const started = async (mark: string) => pool.take(mark, { ...START, id: mark, env: { ...START.env, MARK: mark } });
  const environ = (pid: number): string => readFileSync(`/proc/${pid}/environ`, 'latin1');
  pool.warm();
  const first = await started('a');
  pool.warm();
  const second = await started('a');
  assert.match(environ(first.group.pgid), /MARK=a/);
  assert.match(environ(second.group.pgid), /MARK=a/);
  assert.doesNotMatch(environ((await pool.take('k', START)).group.pgid), /MARK=/);
});

/** What a claim has started and noted that child for. */
const claimedFor = (pgid: number | null): Claimed => ({ id: 'task_1', attempt: 1, epoch: 1, pgid }) as Claimed;

test('a child that is offered to a claim is given to nobody else, and after it to whom it was noted for', async (t) => {
  const { pool } = scene(t);
  const used = await pool.take('k', START);
  pool.give(used, 'k', START, 'kind');
  const { pgid } = used.group;
  assert.deepEqual(pool.offer(), [{ pgid, fit: 'kind' }]);
  const other = await pool.take('k', START);
  assert.notEqual(other, used, 'it may be noted for another run');
  const claimed = claimedFor(pgid);
  pool.claimed([claimed]);
  assert.deepEqual(pool.offer(), [], 'it is promised');
  pool.claimed([]);
  assert.equal(await pool.takeNoted(claimed, 'k', START), used);
  assert.equal(await pool.takeNoted(claimed, 'k', START), undefined, 'once');
  pool.give(used, 'k', START, 'kind');
  pool.giveBack(claimed);
  assert.deepEqual(pool.offer(), [{ pgid, fit: 'kind' }], 'it was taken: there is nothing to give back');
});

test('a child that was noted for a run that it does not fit, or that takes none, is free again', async (t) => {
  const { pool } = scene(t);
  const used = await pool.take('k', START);
  pool.give(used, 'k', START, 'kind');
  for (const take of [
    async (claimed: Claimed) => assert.equal(await pool.takeNoted(claimed, 'other', START), undefined),
    async (claimed: Claimed) => pool.giveBack(claimed),
  ]) {
    pool.offer();
    const claimed = claimedFor(used.group.pgid);
    pool.claimed([claimed]);
    await take(claimed);
    assert.deepEqual(pool.offer(), [{ pgid: used.group.pgid, fit: 'kind' }]);
    pool.claimed([]);
  }
  assert.equal(await pool.take('k', START), used);
});

test('a spare is offered as one that has run nothing, and noted only for a run that is started as it was', async (t) => {
  const { pool } = scene(t);
  pool.warm();
  await until(() => offered(pool).length === 1);
  const [{ pgid, fit }] = offered(pool) as [ReadyChild];
  assert.equal(fit, null);
  const note = (): Claimed => {
    pool.offer();
    const claimed = claimedFor(pgid);
    pool.claimed([claimed]);
    return claimed;
  };
  assert.equal(await pool.takeNoted(note(), 'k', { ...START, id: 'his' }), undefined);
  assert.equal((await pool.takeNoted(note(), 'k', START))?.group.pgid, pgid);
  pool.warm();
  await until(() => offered(pool).length === 1);
  assert.notEqual(offered(pool)[0]?.pgid, pgid, 'another one was started');
});

test('a child that ends while it is promised is not used', async (t) => {
  const { pool } = scene(t);
  const used = await pool.take('k', START);
  pool.give(used, 'k', START, 'kind');
  pool.offer();
  const claimed = claimedFor(used.group.pgid);
  pool.claimed([claimed]);
  process.kill(used.group.pgid, 'SIGKILL');
  await used.gone;
  assert.equal(await pool.takeNoted(claimed, 'k', START), undefined);
  assert.notEqual(await pool.take('k', START), used);
});

test('a child whose end is being stored is offered, and the run that it is noted for waits until it is let go of', async (t) => {
  const { pool } = scene(t);
  const used = await pool.take('k', START);
  const { pgid } = used.group;
  pool.announce(used, 'k', START, 'kind');
  assert.deepEqual(pool.offer(), [{ pgid, fit: 'kind' }]);
  const claimed = claimedFor(pgid);
  pool.claimed([claimed]);
  assert.deepEqual(offered(pool), [], 'it is promised');
  const taken = pool.takeNoted(claimed, 'k', START);
  assert.notEqual(await pool.take('k', START), used, 'it has not been let go of');
  pool.give(used, 'k', START, 'kind');
  assert.equal(await taken, used);
  assert.deepEqual(offered(pool), [], 'it runs again');
});

test('a child whose end is being stored and that is not used again is nobody’s', async (t) => {
  const { pool } = scene(t);
  const used = await pool.take('k', START);
  pool.announce(used, 'k', START, 'kind');
  pool.offer();
  const claimed = claimedFor(used.group.pgid);
  pool.claimed([claimed]);
  const taken = pool.takeNoted(claimed, 'k', START);
  await pool.retire(used);
  assert.equal(await taken, undefined);
  assert.deepEqual(offered(pool), []);
});

for (const [when, isFirst] of [
  ['before', true],
  ['after', false],
] as const) {
  test(`a child whose end is being stored is free again when its next run gives it back ${when} that`, async (t) => {
    const { pool } = scene(t);
    const used = await pool.take('k', START);
    pool.announce(used, 'k', START, 'kind');
    pool.offer();
    const claimed = claimedFor(used.group.pgid);
    pool.claimed([claimed]);
    if (isFirst) pool.giveBack(claimed);
    pool.give(used, 'k', START, 'kind');
    if (!isFirst) pool.giveBack(claimed);
    assert.deepEqual(offered(pool), [{ pgid: used.group.pgid, fit: 'kind' }]);
    assert.equal(await pool.take('k', START), used);
  });
}

/** What it would offer to a claim. */
function offered(pool: ChildPool): ReadyChild[] {
  const all = pool.offer();
  pool.claimed([]);
  return all;
}
