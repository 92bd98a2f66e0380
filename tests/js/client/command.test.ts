/** `client.submit({ command })`: what it takes, refuses and stores, and how it ends for who waits. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Client, makeClient } from '#offstage/client/index.js';
import { ProgramNotFoundError, RecipeError, TaskFailedError } from '#offstage/errors/index.js';
import { keepAlive } from './drive.js';
import { Project } from './project.js';

const LIMIT = { timeout: 120_000 };

async function clientOf(
  t: TestContext,
  worker: 'detached' | 'none' = 'none',
): Promise<{ project: Project; client: Client }> {
  keepAlive(t);
  const project = new Project(t);
  return { project, client: makeClient(await project.verbs(t, worker)) };
}

test(
  'a command runs in the folder of the client, or in another one, and has no recipe and no timeout',
  LIMIT,
  async (t) => {
    const { project, client } = await clientOf(t, 'detached');
    mkdirSync(project.file('sub'));
    const here = await client.submit<string>({ command: ['pwd'] });
    const there = await client.submit<string>({
      command: ['sh', '-c', 'cat; pwd'],
      cwd: 'sub',
      input: 'in\n',
      tags: ['a', 'b', 'a'],
    });
    assert.deepEqual([here.name, here.recipeName, there.name], ['pwd', '', 'sh']);
    assert.equal(await here.wait(), project.folder);
    assert.equal(await there.wait(), `in\n${project.file('sub')}`);
    const { command, cwd, recipe, timeoutSec, input, tags } = await there.snapshot();
    assert.deepEqual(
      { command, cwd, recipe, timeoutSec, input, tags },
      {
        command: ['sh', '-c', 'cat; pwd'],
        cwd: project.file('sub'),
        recipe: '',
        timeoutSec: null,
        input: 'in\n',
        tags: ['a', 'b'],
      },
    );
    const { tasks, total } = await client.list({ tags: ['b', 'a'] });
    assert.deepEqual([tasks.map(({ taskId }) => taskId), total], [[there.id], 1]);
    const failing = await client.submit({ command: ['false'] });
    await assert.rejects(failing.wait(), (error) => {
      assert.ok(error instanceof TaskFailedError && !(error instanceof RecipeError));
      return /^false: exit code 1/.test(error.message);
    });
  },
);

test('what is no command, and what does not go with one, is refused and stored nowhere', async (t) => {
  const { project, client } = await clientOf(t);
  writeFileSync(project.file('file'), '');
  const program = 'no-such-program-anywhere';
  await assert.rejects(client.submit({ command: [program] }), (error) => {
    assert.ok(error instanceof ProgramNotFoundError);
    assert.deepEqual([error.code, error.missing], ['missing_dependency', [`external ${program}`]]);
    return true;
  });
  for (const [spec, message] of [
    [{ command: [] }, /^command: got .*expected an array of texts: the program and its arguments$/],
    [{ command: 'npm test' }, /^command: got "npm test", expected an array of texts/],
    [{ command: ['true', 1] }, /^command: got .*expected an array of texts/],
    [{ command: ['true', 'a\0b'] }, /^command: got .*without NUL/],
    [{ command: ['true', 'x'.repeat(40_000)] }, /^command: got 400\d\d bytes, expected at most 30720/],
    [{ command: ['true'], recipe: 'echo' }, /^recipe: got "echo", expected none beside a command$/],
    [{ command: ['true'], config: {} }, /^config: got .*expected none beside a command/],
    [{ command: ['true'], cwd: 'absent' }, /^cwd: got ".*absent", expected a folder that is there$/],
    [{ command: ['true'], cwd: 'file' }, /^cwd: got ".*file", expected a folder/],
    [{ recipe: 'echo', cwd: '.' }, /^cwd: got "\.", expected none without a command$/],
    [{ input: 1 }, /^recipe: got undefined, expected a recipe's name or path, or a command/],
    [{ recipe: 'echo', tags: 'a' }, /^tags: got "a", expected an array of texts$/],
    [{ recipe: 'echo', tags: [''] }, /^tags: got "", expected texts of 1 to 100 characters$/],
    [{ recipe: 'echo', tags: ['x'.repeat(101)] }, /^tags: got .*1 to 100 characters$/],
    [{ recipe: 'echo', tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }, /^tags: got .*21 tags.*20 at most$/],
  ] as const) {
    await assert.rejects(client.submit(spec as never), { code: 'invalid_argument', message }, JSON.stringify(spec));
  }
  assert.equal((await client.list()).total, 0);
  await assert.rejects(client.list({ tags: 'a' as never }), { message: /^tags: got "a"/ });
});
