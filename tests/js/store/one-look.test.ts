import assert from 'node:assert/strict';
import { test } from 'node:test';
import { afterTurn, atEndOfTurn, OneLook } from '#offstage/store/turn.js';

function deferred<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve: (value: T) => resolve(value) };
}

/** What lies there, and how often it was looked at. */
function place() {
  const looks = new OneLook<string, number>();
  const there = { value: 1, seen: 0 };
  const look = (): number => {
    there.seen += 1;
    return there.value;
  };
  return { there, ask: (key = 'a') => looks.ask(key, look) };
}

test('who asks in one turn is answered by one look, which is later than all of them', async () => {
  const { there, ask } = place();
  const first = ask();
  there.value = 2;
  const second = Promise.resolve().then(() => ask());
  const other = ask('b');
  assert.equal(there.seen, 0);
  assert.deepEqual(await Promise.all([first, second, other]), [2, 2, 2]);
  assert.equal(there.seen, 2, 'one of each kind');
});

test('who asks after an answer, or while a look goes on, is answered by another one', async () => {
  const { there, ask } = place();
  assert.equal(await ask(), 1);
  there.value = 2;
  assert.equal(await ask(), 2);
  const looks = new OneLook<string, number>();
  const [begun, goesOn] = [deferred<void>(), deferred<number>()];
  const before = looks.ask('a', () => {
    begun.resolve();
    return goesOn.promise;
  });
  await begun.promise;
  assert.equal(await looks.ask('a', () => 2), 2);
  goesOn.resolve(1);
  assert.equal(await before, 1);
});

test('a look that fails is told to all who asked, and to nobody else', async () => {
  const looks = new OneLook<string, number>();
  const fail = (): number => {
    throw new Error('gone');
  };
  const both = [looks.ask('a', fail), looks.ask('a', () => 1)];
  for (const one of both) await assert.rejects(one, /^Error: gone$/);
  assert.equal(await looks.ask('a', () => 1), 1);
});

test('what is sent after a turn takes along what those ask who are told at its end, whoever was first', async () => {
  const asked: string[] = [];
  const sent = new Promise<string[]>((resolve) => {
    atEndOfTurn(() => {
      afterTurn(() => resolve([...asked])); // what this one has asked for is sent by it
      asked.push('first');
    });
  });
  atEndOfTurn(async () => {
    for (let hop = 0; hop < 5; hop += 1) await undefined;
    asked.push('second');
  });
  assert.deepEqual(await sent, ['first', 'second']);
});
