/** Questions that outlive the processes that asked them, and answers that come from others. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Scene, TRACE, until } from './scene.js';

const ASKS = `${TRACE}
  export default async ({ folder }, ctx) => {
    line(folder + '/runs', ctx.attempt + ' ' + process.pid);
    const before = await ctx.step('before', () => { line(folder + '/steps', 'before'); return 1; });
    const answer = await ctx.requestInput({ key: 'ok', message: 'Shall I?' });
    const after = await ctx.step('after', () => { line(folder + '/steps', 'after'); return 2; });
    return { before, answer, after };
  };`;

const ASKS_TWICE = `${TRACE}
  export default async ({ folder }, ctx) => {
    line(folder + '/runs', ctx.attempt + ' ' + process.pid);
    return Promise.all(['a', 'b'].map((key) => ctx.requestInput({ key, message: key })));
  };`;

const EXPIRES = (seconds: number): string =>
  `export default (input, ctx) => ctx.requestInput({ key: 'ok', message: 'Now?', expires: ${seconds} });`;

/** The request's time was over a moment ago; nobody has looked since. */
function expire(scene: Scene, id: string): void {
  const past = Date.now() - 1;
  const sql =
    "UPDATE tasks SET due_at = ?, record = json_set(record, '$.requests.ok.expires_at', CAST(? AS INTEGER)) WHERE id = ?";
  scene.sql(sql, past, past, id);
}

const ANSWER = { action: 'accept', content: { yes: true } };
const asking = async (scene: Scene, id: string) =>
  until(async () => (await scene.status(id)).status === 'input_required');

test('while its process lives, an answer from another process goes on with it', async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe('asks', ASKS);
  const id = await scene.submit('asks');
  await asking(scene, id);
  const answered = await scene.cli('respond', id, 'ok', '--accept', '{"yes":true}');
  assert.deepEqual([answered.ok, answered.exit], [true, 0]);
  const done = await scene.cli('wait', id);
  assert.deepEqual([done.exit, done.result, done.attempt], [0, { before: 1, answer: ANSWER, after: 2 }, 1]);
  assert.deepEqual([scene.lines('runs').length, scene.lines('steps')], [1, ['before', 'after']]);
});

for (const looked of [true, false]) {
  test(`after kill -9 of everything, ${looked ? 'seen' : 'not seen'} by anybody, an answer lets the task go on`, async (t) => {
    const scene = new Scene(t);
    scene.project.addRecipe('asks', ASKS);
    const id = await scene.submit('asks');
    await asking(scene, id);
    await scene.killAll();
    if (looked) {
      const parked = await scene.status(id);
      assert.deepEqual([parked.status, parked.worker, parked.error], ['input_required', null, null]);
      assert.deepEqual(Object.keys(parked.input_requests), ['ok']);
      assert.equal(parked.task_status.next_action, 'respond');
      assert.deepEqual(scene.project.processes(), [], 'nothing is started while nobody answers');
    }
    const answered = await scene.cli('respond', id, 'ok', '--accept', '{"yes":true}');
    assert.deepEqual([answered.ok, answered.exit], [true, 0]);
    await until(async () => (await scene.status(id)).status === 'completed'); // its worker was started by the answer
    const done = await scene.status(id);
    assert.deepEqual([done.result, done.attempt], [{ before: 1, answer: ANSWER, after: 2 }, 1]);
    assert.deepEqual([scene.lines('runs').length, scene.lines('steps')], [2, ['before', 'after']]);
    const again = scene.stored(id);
    const second = await scene.cli('respond', id, 'ok', '--accept', '{"yes":false}');
    assert.deepEqual([second.ok, second.code, second.exit], [false, 'conflict', 4]);
    assert.deepEqual(scene.stored(id), again);
  });
}

test('of several open requests each keeps its answer through the death of everything; a second one is refused', async (t) => {
  const scene = new Scene(t);
  scene.project.addRecipe('twice', ASKS_TWICE);
  const id = await scene.submit('twice');
  await until(async () => Object.keys((await scene.status(id)).input_requests).length === 2);
  await scene.killAll();
  assert.equal((await scene.cli('respond', id, 'b', '--accept', '"B"')).status, 'input_required');
  const before = scene.stored(id);
  for (const key of ['b', 'c', '__proto__']) {
    const refused = await scene.cli('respond', id, key, '--accept', '"C"');
    assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'conflict', 4], key);
    assert.deepEqual(scene.stored(id), before, 'nothing was written');
  }
  assert.deepEqual(scene.project.processes(), [], 'nobody is needed yet');
  assert.equal((await scene.cli('respond', id, 'a', '--decline')).exit, 0);
  const done = await scene.cli('wait', id);
  assert.deepEqual(done.result, [{ action: 'decline' }, { action: 'accept', content: 'B' }]);
  assert.equal(scene.lines('runs').length, 2);
});

for (const killed of [false, true]) {
  test(`an answer that comes too late is refused, ${killed ? 'also when nobody had noticed' : 'and writes nothing'}`, async (t) => {
    const scene = new Scene(t);
    scene.project.addRecipe('expires', EXPIRES(killed ? 3600 : 0.2));
    const id = await scene.submit('expires', '--retries', '3');
    await until(() => scene.stored(id).events.includes('input_requested'));
    if (killed) {
      await scene.killAll();
      expire(scene, id);
    } else {
      const failed = await scene.cli('wait', id);
      assert.deepEqual([failed.exit, failed.error?.code], [3, 'input_expired']);
      await until(async () => (await scene.status(id)).stopped_at !== null);
    }
    const before = scene.stored(id);
    const late = await scene.cli('respond', id, 'ok', '--accept', '1');
    assert.deepEqual([late.ok, late.code, late.exit], [false, 'conflict', 4]);
    const after = scene.stored(id);
    if (!killed) assert.deepEqual(after, before);
    assert.equal(after.events.includes('input_answered'), false);
    const { status, error } = await scene.status(id);
    assert.deepEqual([status, error?.code], ['failed', 'input_expired']);
  });
}
