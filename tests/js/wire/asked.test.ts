import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Asked } from '#offstage/wire/asked.js';

function later() {
  let resolve = (_: unknown): void => {};
  const promise = new Promise<unknown>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

/** Whether a promise has settled once all that could go on by itself has gone on. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => {
    done = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  return done;
}

test('an end waits for what is open, and for what the answers lead to', async () => {
  const asked = new Asked();
  const [first, second] = [later(), later()];
  const code = async (): Promise<unknown> => {
    await (async () => await asked.add('first', first.promise))();
    return asked.add('second', second.promise);
  };
  void code();
  const done = asked.done();
  assert.equal(await isDone(done), false);
  first.resolve(1);
  assert.equal(await isDone(done), false);
  second.resolve(2);
  assert.equal(await isDone(done), true);
});

test('nobody waits once it was released, or for what an end does not wait for', async () => {
  const asked = new Asked();
  asked.add('person', later().promise, Promise.resolve());
  assert.equal(await isDone(asked.done()), true);
  asked.add('step', later().promise);
  const done = asked.done();
  assert.equal(await isDone(done), false);
  asked.release();
  assert.equal(await isDone(done), true);
});

test('a failure that nobody listened to is no unhandled rejection, and is told', async () => {
  const asked = new Asked();
  const fails = (): Promise<never> => Promise.reject(new Error('no luck'));
  void asked.add('unheard', fails());
  await assert.rejects(asked.add('awaited', fails()), { message: 'no luck' });
  await Promise.allSettled([asked.add('in a set', fails())]);
  await asked.add('caught', fails()).catch(() => {});
  await asked.add('then', fails()).then(undefined, () => {});
  await asked.done();
  await new Promise((resolve) => setImmediate(resolve)); // an unhandled rejection would have ended this test
  assert.deepEqual(asked.unheard(), ['unheard was not awaited, and failed: no luck']);
});

test('what is made of a call is a plain promise', () => {
  const call = new Asked().add('x', Promise.resolve(1));
  assert.ok(call instanceof Promise);
  assert.equal(call.then(() => {}).constructor, Promise);
});
