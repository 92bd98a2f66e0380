/** The end of a task waits for what its code has asked for: in a process of its own, and in the app's. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { defineRecipe } from '#offstage/recipe/index.js';
import { keepAlive } from '../js/client/drive.js';
import { Project, until } from '../js/client/project.js';

const UNHEARD = "submit was not awaited, and failed: Recipe 'nope' not found.";

for (const [where, code] of [
  ['a recipe that is a folder', false],
  ['a recipe in code', true],
] as const) {
  test(`${where}: children that nobody awaited are submitted, and one that is refused is logged`, async (t) => {
    keepAlive(t);
    const project = new Project(t);
    const source = `(_, ctx) => { void ctx.submit('echo', { input: { value: 7 } }); void ctx.submit('nope'); return 'done'; }`;
    project.addRecipe('parent', `export default ${source}`);
    const run = new Function(`return ${source}`)() as () => unknown;
    const verbs = await project.verbs(t);
    const client = makeClient(verbs);
    const inCode = { recipe: defineRecipe({ name: 'in-code', run }) };
    const task = await (code ? client.submit(inCode) : client.submit({ recipe: 'parent' }));
    assert.equal(await task.wait(60), 'done');
    const child = await until(async () => {
      const { tasks } = await client.list({ recipe: 'echo' });
      return tasks.find(({ status }) => status === 'completed');
    });
    assert.deepEqual([(await client.get(child.taskId))?.result, child.parentId], [7, task.id]);
    const lines: string[] = [];
    for await (const { kind, data } of task.events()) if (kind === 'log') lines.push((data as { line: string }).line);
    assert.deepEqual(lines, [UNHEARD]);
  });

  test(`${where}: a step is finished, a question is asked, and nobody answers it`, async (t) => {
    keepAlive(t);
    const project = new Project(t);
    const source = `(_, ctx) => {
      void ctx.step('k', () => new Promise((resolve) => setTimeout(resolve, 20, 7)));
      void ctx.requestInput({ key: 'q', message: 'm' });
      return 'done';
    }`;
    project.addRecipe('asks', `export default ${source}`);
    const run = new Function(`return ${source}`)() as () => unknown;
    const client = makeClient(await project.verbs(t));
    const inCode = { recipe: defineRecipe({ name: 'in-code', run }) };
    const task = await (code ? client.submit(inCode) : client.submit({ recipe: 'asks' }));
    assert.equal(await task.wait(60), 'done');
    const kinds: string[] = [];
    for await (const { kind } of task.events()) kinds.push(kind);
    assert.deepEqual(kinds.sort(), ['completed', 'input_requested', 'started', 'step', 'submitted']);
    assert.deepEqual((await task.snapshot()).inputRequests, {}, 'it was closed');
  });
}
