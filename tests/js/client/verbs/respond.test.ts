import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { Driver } from '../drive.js';
import { Project } from '../project.js';

const SCHEMA = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };

async function asking(t: Parameters<typeof Driver.open>[0], keys: Record<string, object>) {
  const project = new Project(t);
  const driver = await Driver.open(t, project);
  const client = makeClient(await project.verbs(t, 'none'));
  const task = await client.submit({ recipe: 'echo' });
  const run = await driver.start();
  for (const [key, more] of Object.entries(keys)) await driver.ask(run, key, more);
  return { driver, client, task };
}

test('an answer of the form that was asked for lets the task go on; what it says stands in the events', async (t) => {
  const { client, task } = await asking(t, { approve: { schema: SCHEMA }, name: {} });
  const { inputRequests } = await task.snapshot();
  assert.deepEqual(Object.keys(inputRequests).sort(), ['approve', 'name']);
  assert.deepEqual(inputRequests.approve?.schema, SCHEMA);
  await task.respond('approve', { action: 'accept', content: { ok: true } });
  assert.equal(await task.status(), 'input_required', 'another one is open');
  await client.respond(task.id, 'name', { action: 'decline' });
  const after = await task.snapshot();
  assert.deepEqual([after.status, after.inputRequests], ['pending', {}]);
  const answers = [];
  for await (const { kind, data } of task.events()) if (kind === 'input_answered') answers.push(data);
  assert.deepEqual(
    answers.map((data) => (data as { key: string; action: string; content?: unknown }).action),
    ['accept', 'decline'],
  );
});

test('content that does not fit is refused with its path, and nothing changes', async (t) => {
  const { task } = await asking(t, { approve: { schema: SCHEMA } });
  for (const [content, message] of [
    [{ ok: 'yes' }, /^content: does not have the form that was asked for: content\.ok: got string, expected boolean$/],
    [{}, /content\.ok: is required$/],
    [undefined, /content: got null, expected object$/],
  ] as const) {
    await assert.rejects(task.respond('approve', { action: 'accept', content }), { code: 'invalid_argument', message });
  }
  assert.equal(await task.status(), 'input_required');
  await task.respond('approve', { action: 'decline', content: 'not what the schema says' });
  assert.equal(await task.status(), 'pending');
});

test('a second answer, one to an unknown key and one to an ended task are conflicts that write nothing', async (t) => {
  const { client, task } = await asking(t, { a: {}, b: {} });
  await task.respond('a', { action: 'accept', content: 1 });
  const before = (await task.snapshot()).updatedAt;
  for (const key of ['a', 'c', 'toString', '__proto__']) {
    await assert.rejects(task.respond(key, { action: 'accept', content: 2 }), { code: 'conflict' }, key);
  }
  assert.deepEqual((await task.snapshot()).updatedAt, before);
  await task.respond('b', { action: 'cancel' });
  assert.equal(await task.status(), 'cancelled');
  await assert.rejects(task.respond('b', { action: 'accept' }), { code: 'conflict' });
  await assert.rejects(client.respond(`task_${'0'.repeat(32)}`, 'b', { action: 'accept' }), {
    code: 'task_not_found',
  });
});

test('a request that has expired can no longer be answered: the task has failed', async (t) => {
  const { task } = await asking(t, { a: { expires_at: Date.now() - 1 } });
  await assert.rejects(task.respond('a', { action: 'accept' }), { code: 'conflict' });
  const { status, error } = await task.snapshot();
  assert.deepEqual([status, error?.code], ['failed', 'input_expired']);
});

test('of many answers at once one counts', async (t) => {
  const { task } = await asking(t, { a: {} });
  const answers = Array.from({ length: 20 }, (_, n) => task.respond('a', { action: 'accept', content: n }));
  const settled = await Promise.allSettled(answers);
  assert.equal(settled.filter(({ status }) => status === 'fulfilled').length, 1);
  for (const one of settled) if (one.status === 'rejected') assert.equal(one.reason.code, 'conflict');
});

test('answers that are none', async (t) => {
  const { task } = await asking(t, { a: {} });
  await assert.rejects(task.respond('a', { action: 'yes' } as never), {
    message: /^action: got "yes", expected accept/,
  });
  await assert.rejects(task.respond('a', undefined as never), { message: /^action: got undefined/ });
  await assert.rejects(task.respond('', { action: 'accept' }), { message: /^key: got ""/ });
  const big = 'x'.repeat(65_536);
  await assert.rejects(task.respond('a', { action: 'accept', content: big }), { code: 'unserializable' });
  await assert.rejects(task.respond('a', { action: 'accept', content: 1n }), { code: 'unserializable' });
  assert.equal(await task.status(), 'input_required');
});
