/** The span that submitted a task, where no hooks make spans: it goes along with it to whatever runs. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { type Client, defineRecipe } from '#offstage';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { keepAlive } from './drive.js';
import { Project } from './project.js';

const SPAN = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const trace = { traceparent: SPAN, tracestate: 'vendor=1' };

async function clientOf(t: TestContext): Promise<{ client: Client; project: Project }> {
  keepAlive(t);
  const project = new Project(t);
  const at = { cwd: project.folder, home: project.folder, env: project.env };
  const client = makeClient(await openVerbs({ ...at, worker: 'app' }));
  t.after(() => client.close());
  return { client, project };
}

test('code, modules and commands are told of it, and a task that is retried, and children', async (t) => {
  const { client, project } = await clientOf(t);
  project.addRecipe(
    'tells',
    'export default (_, ctx) => [ctx.trace, process.env.TRACEPARENT, process.env.TRACESTATE];',
  );
  const told = [trace, SPAN, 'vendor=1'];
  const module = await client.submit({ recipe: 'tells', trace });
  assert.deepEqual(await module.wait(60), told);
  assert.deepEqual((await module.snapshot()).trace, trace);
  const again = await client.retry(module.id);
  assert.deepEqual([await again.wait(60), (await again.snapshot()).trace], [told, trace]);
  const command = ['sh', '-c', 'echo "$TRACEPARENT $TRACESTATE"'];
  assert.equal(await (await client.submit({ command, trace })).wait(60), `${SPAN} vendor=1`);
  const parent = defineRecipe({
    name: 'parent',
    run: async (_: undefined, ctx) => [ctx.trace, await (await ctx.submit('tells')).wait()],
  });
  assert.deepEqual(await (await client.submit({ recipe: parent, trace })).wait(60), [trace, told]);
});

test('without one nothing is told; a malformed one is none', async (t) => {
  const { client, project } = await clientOf(t);
  project.addRecipe('tells', 'export default (_, ctx) => ["trace" in ctx, "TRACEPARENT" in process.env];');
  for (const given of [undefined, { traceparent: 'x' }, { traceparent: `${SPAN}-01` }, 'text' as never]) {
    const task = await client.submit({ recipe: 'tells', trace: given });
    assert.deepEqual([await task.wait(60), (await task.snapshot()).trace], [[false, false], undefined]);
  }
});

test('a request that is repeated in another span is the same one', async (t) => {
  const { client } = await clientOf(t);
  const spec = { recipe: 'echo', input: { value: 1 } };
  const [first] = await client.submitMany([{ ...spec, trace }], { requestKey: 'k' });
  const [again] = await client.submitMany([spec], { requestKey: 'k' });
  assert.equal(again?.id, first?.id);
});

test('a command takes it from its environment, and hands on no other one', async (t) => {
  const project = new Project(t);
  project.addRecipe('tells', 'export default (_, ctx) => [ctx.trace, process.env.TRACEPARENT];');
  const run = async (env: Record<string, string>, ...args: string[]): Promise<unknown> => {
    const asked = [project.bin, 'recipe', 'run', ...args, '--json'];
    const { stdout } = await promisify(execFile)(process.execPath, asked, {
      cwd: project.folder,
      env: { ...project.env, ...env },
    });
    return JSON.parse(stdout).result;
  };
  const env = { TRACEPARENT: SPAN, TRACESTATE: 'vendor=1' };
  assert.deepEqual(await run(env, 'tells'), [trace, SPAN]);
  // The worker was started with that span: it is none of the next task's.
  assert.deepEqual(await run({}, 'tells'), [null, null]);
  assert.deepEqual(await run({ TRACEPARENT: 'no' }, 'tells'), [null, null]);
});
