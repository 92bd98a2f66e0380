/** Work that has the turn alone, and work that shares it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { settledTurn } from '#offstage/store/turn.js';
import { Turns } from '#offstage/worker/turns.js';
import { deferred } from './deferred.js';

/** Work that a test ends, and what has begun and ended. */
function scene() {
  const turns = new Turns();
  const log: string[] = [];
  const work = (name: string) => {
    const end = deferred<void>(`the end of ${name}`);
    const run = async (): Promise<string> => {
      log.push(name);
      await end.promise;
      log.push(`${name} over`);
      return name;
    };
    return { run, end };
  };
  return { turns, log, work };
}

test('what shares begins at once, beside the like of it', async () => {
  const { turns, log, work } = scene();
  const [a, b] = [work('a'), work('b')];
  const both = [turns.share(a.run), turns.share(b.run)];
  assert.deepEqual(log, ['a', 'b']);
  a.end.resolve();
  assert.equal(await both[0], 'a');
  assert.equal(turns.isShared, true, 'another one may come beside b');
  b.end.resolve();
  assert.equal(await both[1], 'b');
});

test('who wants it alone waits for all that share, and nobody joins them any more', async () => {
  const { turns, log, work } = scene();
  const [a, b, alone, late] = [work('a'), work('b'), work('alone'), work('late')];
  const first = [turns.share(a.run), turns.share(b.run)];
  const his = turns.take(alone.run);
  assert.equal(turns.isShared, false);
  const last = turns.share(late.run);
  a.end.resolve();
  await first[0];
  await settledTurn();
  assert.deepEqual(log, ['a', 'b', 'a over']);
  b.end.resolve();
  await first[1];
  await settledTurn();
  assert.deepEqual(log.slice(3), ['b over', 'alone']);
  alone.end.resolve();
  assert.equal(await his, 'alone');
  await settledTurn();
  assert.deepEqual(log.slice(5), ['alone over', 'late']);
  late.end.resolve();
  assert.equal(await last, 'late');
});

test('what fails concerns who asked: the others share on, and the next has his turn', async () => {
  const { turns, work } = scene();
  const b = work('b');
  const failed = turns.share(() => Promise.reject(new Error('no')));
  const shared = turns.share(b.run);
  await assert.rejects(failed, /no/);
  const next = turns.take(async () => 'next');
  b.end.resolve();
  assert.deepEqual(await Promise.all([shared, next]), ['b', 'next']);
  assert.equal(turns.isShared, true);
});
