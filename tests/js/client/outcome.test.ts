import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { RecipeError, WaitTimeoutError } from '#offstage/errors/index.js';
import { Project } from './project.js';

test('every JSON value comes back as it was, falsy ones too', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t));
  const values = [0, '', [], {}, null, false, -0.5, 'ünï\u0000\u2028', [[null]], { snake_case: { camelCase: 1 } }];
  const handles = await client.submitMany(values.map((value) => ({ recipe: 'echo', input: { value } })));
  for (const [index, handle] of handles.entries()) {
    assert.deepEqual(await handle.wait(30), values[index]);
    assert.equal((await handle.snapshot()).status, 'completed');
  }
  assert.equal(await (await client.submit({ recipe: 'nothing' })).wait(30), null);
});

test('what JSON cannot carry fails the task with unserializable', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t));
  for (const [recipe, message] of [
    ['bigint', /BigInt/],
    ['cyclic', /circular/],
  ] as const) {
    const handle = await client.submit({ recipe });
    await assert.rejects(handle.wait(30), (error: RecipeError) => {
      assert.ok(error instanceof RecipeError);
      assert.equal(error.code, 'unserializable');
      assert.match(error.message, message);
      return true;
    });
  }
});

test('a throw, a rejection that nobody handles and process.exit fail that task only', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t));
  const steady = await client.submit({ recipe: 'waits', input: { until: project.file('go') } });
  const expected: [string, RegExp][] = [
    ['throws', /^model unavailable$/],
    ['rejects', /nobody caught me/],
    ['exits', /exit/],
  ];
  for (const [recipe, message] of expected) {
    const handle = await client.submit({ recipe });
    await assert.rejects(handle.wait(30), (error: RecipeError) => {
      assert.ok(error instanceof RecipeError, String(error));
      assert.deepEqual([error.code, error.taskId], ['failed', handle.id]);
      assert.match(error.message, message);
      return true;
    });
    assert.equal(await handle.status(), 'failed');
  }
  const { cause } = (await (await client.submit({ recipe: 'throws' })).wait(30).catch((e) => e)) as { cause: Error };
  assert.deepEqual([cause.name, cause.message], ['TypeError', 'model unavailable']);
  assert.match(cause.stack ?? '', /recipe\.mjs/);
  assert.equal((cause as { code?: string }).code, 'E_MODEL');
  assert.equal(await steady.status(), 'running');
  project.addRecipe('go', '');
  (await import('node:fs')).writeFileSync(project.file('go'), '');
  assert.equal(await steady.wait(30), 'seen');
});

test('a wait that expires changes nothing; wait(0) looks once', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  const handle = await client.submit({ recipe: 'echo', input: 1 });
  for (const limit of [0, 0.05, '50ms']) {
    await assert.rejects(handle.wait(limit), (error: WaitTimeoutError) => {
      assert.ok(error instanceof WaitTimeoutError);
      assert.deepEqual([error.name, error.code], ['TimeoutError', 'wait_timeout']);
      return true;
    });
  }
  const controller = new AbortController();
  const waiting = handle.wait({ signal: controller.signal });
  controller.abort(new Error('enough'));
  await assert.rejects(waiting, /enough/);
  assert.equal(await handle.status(), 'pending');
});

test('a timeout ends the attempt, names itself and frees the slot', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t));
  const handle = await client.submit({ recipe: 'waits', input: { until: project.file('never') }, timeout: 0.2 });
  await assert.rejects(handle.wait(30), { code: 'timeout', message: 'timed out after 0.2s' });
  assert.equal(await (await client.submit({ recipe: 'echo', input: { value: 7 } })).wait(30), 7);
});

test('retries run a failed task again, and only then', async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t));
  const backoff = { initial: 0.01 };
  const handle = await client.submit({ recipe: 'throws', retries: 2, backoff });
  await assert.rejects(handle.wait(30), { code: 'failed' });
  const { attempt, maxAttempts } = await handle.snapshot();
  assert.deepEqual([attempt, maxAttempts], [3, 3]);
  const once = await client.submit({ recipe: 'throws' });
  await assert.rejects(once.wait(30));
  assert.equal((await once.snapshot()).attempt, 1);
});

test("onLost: 'retry' brings three further attempts; given retries stand", async (t) => {
  const project = new Project(t);
  const client = makeClient(await project.verbs(t, 'none'));
  const attempts = async (more: object) =>
    (await (await client.submit({ recipe: 'echo', ...more })).snapshot()).maxAttempts;
  assert.equal(await attempts({}), 1);
  assert.equal(await attempts({ onLost: 'retry' }), 4);
  assert.equal(await attempts({ onLost: 'retry', retries: 1 }), 2);
  project.addRecipe('again', 'export default () => 1;', 'runtime: { background: { on_lost: retry } }\n');
  assert.equal(await attempts({ recipe: 'again' }), 4);
});
