/** Who is told of a task: decided at its submit, by the first that says anything. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { defineRecipe, openBackground } from '#offstage';
import type { Verbs } from '#offstage/client/index.js';
import { until } from '../../../waiting.js';
import { rejection } from '../../recipe/helpers.js';
import { Project } from '../project.js';

async function staged(t: TestContext): Promise<{ project: Project; verbs: Verbs }> {
  const project = new Project(t);
  const channels = {
    ops: { type: 'command', argv: ['true'], on: ['failed'] },
    tg: { type: 'telegram', tokenEnv: 'TOKEN', targets: ['1', '2'] },
  };
  const config = { channels, background: { defaultDeliverTo: ['ops'] } };
  writeFileSync(project.file('offstage.config.json'), JSON.stringify(config));
  project.addRecipe('told', 'export default () => 1;', 'runtime: { background: { deliver_to: ["tg:1"] } }\n');
  return { project, verbs: await project.verbs(t, 'none') };
}

test('the submit counts first, then its origin, that of its session, the recipe, and the configuration', async (t) => {
  const { verbs } = await staged(t);
  const told = async (request: object): Promise<unknown> => (await verbs.submit([request as never]))[0]?.deliver;
  assert.deepEqual(await told({ recipe: 'nothing' }), ['ops']);
  assert.deepEqual(await told({ recipe: 'told' }), ['tg:1']);
  assert.deepEqual(await told({ recipe: 'told', sessionId: 's', origin: 'tg:2' }), ['tg:2']);
  assert.deepEqual(await told({ recipe: 'told', sessionId: 's' }), ['tg:2'], 'as the session was asked last');
  assert.deepEqual(await told({ recipe: 'told', sessionId: 's', deliverTo: ['ops', 'ops'] }), ['ops']);
  assert.equal(await told({ recipe: 'told', deliverTo: [] }), undefined);
});

test('of a child nobody is told, unless that is said', async (t) => {
  const { verbs } = await staged(t);
  const [parent] = await verbs.submit([{ recipe: 'nothing' }]);
  const child = async (more: object) =>
    (await verbs.submit([{ recipe: 'told', parent: parent?.task_id, ...more }]))[0]?.deliver;
  assert.equal(await child({}), undefined);
  assert.deepEqual(await child({ deliverTo: ['ops'] }), ['ops']);
});

test('what is no address is refused, with the nearest, and nothing is stored', async (t) => {
  const { verbs } = await staged(t);
  const refused = async (more: object): Promise<string> =>
    (await rejection(verbs.submit([{ recipe: 'nothing', ...more } as never]))).message;
  assert.match(await refused({ deliverTo: ['osp'] }), /deliverTo: got "osp".*did you mean 'ops'/);
  assert.match(await refused({ deliverTo: ['tg'] }), /'tg:' and a target/);
  assert.match(await refused({ deliverTo: ['tg:3'] }), /a target of 'tg': 1, 2/);
  assert.match(await refused({ deliverTo: ['ops:x'] }), /'ops' without a target/);
  assert.match(await refused({ origin: 'tg:3' }), /origin: got "tg:3"/);
  assert.match(await refused({ notifyOn: ['done'] }), /notifyOn: got "done"/);
  assert.match(await refused({ deliverTo: ['session:none'] }), /a session in which an agent or a recipe has worked/);
  assert.equal((await verbs.summary()).total, 0);
});

test('the configuration is that of the store, wherever somebody submits from', async (t) => {
  const { project } = await staged(t);
  mkdirSync(project.file('elsewhere'));
  writeFileSync(project.file('elsewhere/offstage.config.json'), JSON.stringify({ channels: {} }));
  const away = await openBackground(project.store, { worker: 'none' });
  t.after(() => away.close());
  const task = await away.submit({ command: ['true'], deliverTo: ['tg:2'] });
  assert.deepEqual((await task.snapshot()).deliver, ['tg:2']);
});

test('a secret that stands where a variable is to be named is refused, and not shown', async (t) => {
  const project = new Project(t);
  const wrong = async (channel: object): Promise<string> => {
    writeFileSync(project.file('offstage.config.json'), JSON.stringify({ channels: { x: channel } }));
    return (await rejection(project.verbs(t))).message;
  };
  assert.match(await wrong({ type: 'telegram', token: 'canary' }), /a secret never stands here.*tokenEnv/);
  assert.match(await wrong({ type: 'slack', url: 'https://hooks.example.org/canary' }), /urlEnv/);
  assert.match(await wrong({ type: 'webhook', url: 'https://u:canary@example.org/' }), /without user and password/);
  assert.match(await wrong({ type: 'webhook', url: 'http://example.org/canary' }), /https, or allowPrivate/);
  assert.match(await wrong({ type: 'telegram', tokenEnv: 'canary token' }), /name of an environment variable/);
  for (const channel of [
    { type: 'telegram', token: 'canary' },
    { type: 'webhook', url: 'https://u:canary@h/' },
  ]) {
    assert.doesNotMatch(await wrong(channel), /canary/);
  }
});

test('a session is told by a further task of what worked there last', async (t) => {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  const listen = defineRecipe({ name: 'listen', run: (input: { ended?: unknown[] }) => input.ended ?? [] });
  const double = defineRecipe({ name: 'double', run: (n: number) => n * 2 });
  await client.work({ recipes: [listen, double] });
  await (await client.submit({ recipe: listen, input: {}, sessionId: 'chat' })).wait('60s');
  const task = await client.submit({ recipe: double, input: 21, deliverTo: ['session:chat'] });
  await task.wait('60s');
  const woken = await until(async () => {
    const { tasks } = await client.list({ recipe: 'listen' });
    return tasks.length === 2 && tasks[0]?.status === 'completed' ? tasks[0] : undefined;
  });
  assert.equal(woken.sessionId, 'chat');
  assert.deepEqual(woken.result, [{ task_id: task.id, name: 'double', status: 'completed', result: 42 }]);
});
