/** A run that says nothing has nothing to say it with; one that says it late is heard as if it had had that all the time. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RecipeContext } from '#offstage/ports/recipe.js';
import { Run } from '#offstage/worker/inside/code-run.js';
import type { FromRun } from '#offstage/worker/protocol.js';

const TASK = { taskId: 'task_1', name: 'n', sessionId: null, attempt: 1, version: '1' };

function run() {
  const said: FromRun[] = [];
  const made = new Run({ run: 1, task: TASK, input: undefined, config: '{}' }, (message) => said.push(message) > 0);
  return { run: made, said };
}

test('what code says first after its end, or after it was told to end, is not taken', async () => {
  const ended = run();
  let kept: RecipeContext | undefined;
  assert.deepEqual(
    await ended.run.perform((context) => {
      kept = context;
    }),
    { kind: 'value', json: 'null' },
  );
  kept?.log('late');
  await assert.rejects(async () => kept?.step('s', () => 1), { code: 'conflict' });
  assert.deepEqual(ended.said, []);

  const told = run();
  const outcome = await told.run.perform(async (context) => {
    told.run.abort({ cause: 'cancelled', message: 'enough' });
    void context.step('s', () => 1).catch(() => {}); // nobody waits for it: the end does not either
  });
  assert.equal(outcome.kind, 'value');
  assert.deepEqual(told.said, []);
});

test('a first call that is not awaited is waited for by the end, and one that fails is told', async () => {
  const { run: made, said } = run();
  const over = made.perform((context) => {
    void context.step('s', () => 1);
  });
  const [call] = said;
  assert.ok(call?.kind === 'call' && call.method === 'stepGet');
  made.reply({
    kind: 'reply',
    run: 1,
    call: call.call,
    error: { code: 'conflict', name: 'ConflictError', message: 'no' },
  });
  assert.deepEqual(await over, { kind: 'value', json: 'null' });
  const facts = said.flatMap((message) => (message.kind === 'facts' ? message.facts : []));
  assert.match(JSON.stringify(facts), /step 's' was not awaited, and failed: no/);
});
