/** A budget that is used up ends a task for good, until a person says otherwise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defineRecipe, openBackground } from '#offstage';
import { BudgetExceededError } from '#offstage/errors/budget.js';

test('a used-up budget is a failure of its own: not retried by the policy, retried by a person', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const facts = { limit: { tokens: 10 }, used: { tokens: 12 }, step: 'write' };
  const error = new BudgetExceededError('12 of 10 tokens are used', facts);
  let runs = 0;
  const spends = defineRecipe({
    name: 'spends',
    run() {
      runs += 1;
      if (runs === 1) throw error;
      return 'went on';
    },
  });
  const task = await client.submit({ recipe: spends, retries: 3, backoff: { initial: 0 } });
  const details = { ...facts, code: 'budget_exceeded' };
  const message = error.message;
  await assert.rejects(task.wait(60), { name: 'RecipeError', code: 'budget_exceeded', message, details, cause: error });
  const { status, attempt, error: stored, taskStatus } = await task.snapshot();
  const { name } = error;
  assert.deepEqual(
    [status, attempt, stored],
    ['failed', 1, { code: details.code, name, message, retryable: false, details }],
  );
  assert.deepEqual([taskStatus.kind, taskStatus.needsAttention, taskStatus.nextAction], ['failed', true, 'events']);
  assert.equal(await (await client.retry(task.id)).wait(60), 'went on');
  assert.equal(runs, 2);
});

test('code that throws an error with that code has failed like any other, and may be retried', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const fakes = defineRecipe({
    name: 'fakes',
    run: (_, { attempt }) => {
      throw Object.assign(new Error(`fake ${attempt}`), { code: 'budget_exceeded', name: 'BudgetExceededError' });
    },
  });
  const task = await client.submit({ recipe: fakes, retries: 1, backoff: { initial: 0 } });
  await assert.rejects(task.wait(60), { code: 'failed', message: 'fake 2' });
});
