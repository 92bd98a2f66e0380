/** Every error comes out of its JSON again as what it was. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as errors from '#offstage/errors/index.js';
import { ROOT } from '../root.js';

const { errorFrom, TaskError } = errors;
const PROBLEM = { path: 'TEMPLATE.yaml', line: 3, column: 1, message: 'no' };
const failed = (code: string) =>
  new errors.TaskFailedError(code, `it ${code}`, { taskId: 'task_1', details: { n: 1 } });

const MADE: readonly errors.TaskError[] = [
  new TaskError('unreadable', 'a code of its own'),
  ...['failed', 'timeout', 'lost', 'expired', 'input_expired', 'unserializable', 'budget_exceeded'].flatMap((code) => [
    failed(code),
    new errors.RecipeError(code, 'of a recipe', { taskId: 'task_1' }),
  ]),
  new errors.NonRetryableError('never again', { taskId: 'task_1' }),
  new errors.WaitTimeoutError('task_1', 5),
  new errors.WaitTimeoutError('task_1', '5s', 'no worker'),
  new errors.TaskCancelledError('why', { taskId: 'task_1' }),
  new errors.TaskNotFoundError('task_1', '/a/tasks.db'),
  new errors.ScheduleNotFoundError('one', 'two', '/a/tasks.db'),
  new errors.QueueFullError('full', { details: { limit: 2 } }),
  new errors.ConflictError('no', { taskId: 'task_1', details: { status: 'completed' } }),
  new errors.InvalidArgumentError('x: got 1', { option: 'x' }),
  new errors.SerializationError('a BigInt'),
  new errors.FeedResetError('too_old', `${'0'.repeat(16)}.7`),
  new errors.StoreError('busy', { details: { reason: 'busy' } }),
  new errors.CodecError('no such codec', { details: { codec: 'x' } }),
  new errors.RecipeNotFoundError('ehco', ['echo'], ['/recipes']),
  new errors.RecipeValidationError('r', [PROBLEM]),
  new errors.RecipeValidationError('r', [{ path: 'input.n', message: 'no' }], 'input'),
  new errors.RecipeValidationError('r', [{ path: 'output', message: 'no' }], 'output'),
  new errors.RecipeDependencyError('r', ['env A', 'package b']),
  new errors.MissingDependencyError('submitThread', 'piscina', 'npm i piscina'),
  new errors.ProgramNotFoundError('gti', 'is no program on the PATH'),
  new errors.RecipePolicyError('refused'),
];

/** All that one can see of an error, but for its stack. */
function seen(error: errors.TaskError): unknown {
  const { stack: _, ...fields } = Object.fromEntries(
    Object.getOwnPropertyNames(error).map((key) => [key, (error as unknown as Record<string, unknown>)[key]]),
  );
  return { ...fields, json: error.toJSON(), is: errors.isTaskError(error), text: String(error) };
}

for (const error of MADE) {
  test(`${error.name} ${error.code} ${error.message.slice(0, 30)}`, () => {
    const back = errorFrom(JSON.parse(JSON.stringify(error)));
    assert.equal(Object.getPrototypeOf(back), Object.getPrototypeOf(error));
    assert.deepEqual(seen(back), seen(error));
    assert.ok(back.stack?.includes('from.test'), 'the stack is of here');
  });
}

test('a code alone makes the class that the contract names for it', () => {
  for (const [code, name] of Object.entries({
    failed: 'TaskFailedError',
    timeout: 'TaskFailedError',
    lost: 'TaskFailedError',
    expired: 'TaskFailedError',
    input_expired: 'TaskFailedError',
    unserializable: 'SerializationError',
    budget_exceeded: 'TaskFailedError',
    wait_timeout: 'TimeoutError',
    cancelled: 'TaskCancelledError',
    task_not_found: 'TaskNotFoundError',
    not_found: 'ScheduleNotFoundError',
    queue_full: 'QueueFullError',
    conflict: 'ConflictError',
    invalid_argument: 'InvalidArgumentError',
    store: 'StoreError',
    codec: 'CodecError',
    recipe_not_found: 'RecipeNotFoundError',
    recipe_invalid: 'RecipeValidationError',
    missing_dependency: 'RecipeDependencyError',
    policy_denied: 'RecipePolicyError',
    toString: 'TaskError',
    of_a_later_version: 'TaskError',
  })) {
    const error = errorFrom({ code, message: 'm', name: 'OfALaterVersion' });
    assert.deepEqual([error.name, error.code, error.message], [name, code, 'm']);
  }
});

test('every class that the package has is among those that are tried here', () => {
  const classes = Object.entries(errors).filter(
    ([, value]) => typeof value === 'function' && (value === TaskError || value.prototype instanceof TaskError),
  );
  assert.ok(classes.length > 15);
  const missing = classes.filter(([, value]) => !MADE.some((error) => error.constructor === value));
  assert.deepEqual(
    missing.map(([known]) => known),
    [],
  );
});

test('every code that the classes give themselves is known', () => {
  const from = readFileSync(join(ROOT, 'js/errors/from.ts'), 'utf8');
  for (const file of ['outcome', 'recipe', 'refusal', 'argument']) {
    const codes = readFileSync(join(ROOT, `js/errors/${file}.ts`), 'utf8').matchAll(/super\(\s*'([a-z_]+)'/g);
    for (const [, code] of codes) assert.match(from, new RegExp(`^ {2}${code}: `, 'm'));
  }
});
