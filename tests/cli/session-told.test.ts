/** The address `session:ID`: an end comes into that session as a prompt of it, once, whoever was killed before it was told. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { SubmitRequest } from '#offstage/client/index.js';
import type { Answering, Models } from '../js/program/agents/models.js';
import { staged } from './agents-stage.js';
import { kill, type Scene, until } from './scene.js';

type Said = [role: string, content: string | null][];

const heard = (models: Models, index: number): Said =>
  models.asked[index]?.body.messages.map(({ role, content }) => [role, content]) ?? [];

const say = (scene: Scene, prompt: string, ...flags: string[]) =>
  scene.cli('submit', '--prompt', prompt, '-s', 'chat', ...flags);

/** The question of somebody who walks away, and what was answered. */
const BEFORE: Said = [
  ['user', 'Tell me when it is done.'],
  ['assistant', 'answer 1'],
];

async function talking(t: TestContext, answering: Answering = (_asked, index) => `answer ${index + 1}`) {
  const stage = await staged(t, answering);
  assert.equal((await say(stage.scene, 'Tell me when it is done.', '--wait')).result, 'answer 1');
  return stage;
}

interface Page {
  messages: { role: string; content: string; task_id: string }[];
}

/** What was said in the session, once there are so many messages. */
async function conversation(scene: Scene, count: number): Promise<Page['messages']> {
  return until(
    async () => {
      const { messages } = await scene.project.json<Page>('background', 'session', 'chat');
      return messages.length >= count ? messages : undefined;
    },
    { what: `${count} messages in the session` },
  );
}

const tasksIn = async (scene: Scene, ...flags: string[]) =>
  (
    await scene.project.json<{ tasks: { task_id: string; attempt: number }[] }>(
      ...['background', 'list', '--session-id', 'chat', ...flags],
    )
  ).tasks;

/** The one message that tells of a task. */
function tellsOf(said: Said, id: string): string {
  const found = said.filter(([, content]) => content?.includes(id));
  assert.deepEqual(
    found.map(([role]) => role),
    ['user'],
    'it is told once',
  );
  return found[0]?.[1] ?? '';
}

const ended = (id: string): object => ({ task_id: id, name: 'echo', status: 'completed', result: 42 });

/** What ended, as the message has it behind its words. */
function endsIn(text: string): unknown {
  assert.match(text, /^What you have started in the background has ended:/);
  return JSON.parse(text.slice(text.lastIndexOf('\n')));
}

const ways: [what: string, SubmitRequest][] = [
  ['deliverTo', { recipe: 'echo', input: { value: 42 }, deliverTo: ['session:chat'] }],
  ['origin', { recipe: 'echo', input: { value: 42 }, origin: 'session:chat' }],
];

for (const [what, request] of ways) {
  test(`${what}: the prompt agent of that session is told of the end, and knows it later`, async (t) => {
    const { scene, models } = await talking(t);
    const verbs = await scene.project.verbs(t);
    const [work] = await verbs.submit([request]);
    const id = work?.task_id ?? assert.fail('not submitted');
    const messages = await conversation(scene, 4);
    assert.deepEqual(
      messages.map(({ role, content }) => [role, content]),
      [...heard(models, 1), ['assistant', 'answer 2']],
    );
    assert.deepEqual(heard(models, 1).slice(0, 2), BEFORE);
    assert.deepEqual(endsIn(tellsOf(heard(models, 1), id)), [ended(id)]);
    assert.equal((await say(scene, 'And now?', '--wait')).result, 'answer 3');
    assert.deepEqual(heard(models, 2), [...heard(models, 1), ['assistant', 'answer 2'], ['user', 'And now?']]);
    assert.deepEqual([models.asked.length, (await tasksIn(scene)).length], [3, 3], 'no other task was woken');
  });
}

test('kill -9 between the end and the message: who works next tells it, once', async (t) => {
  let hold = new Promise<void>(() => {});
  const { scene, models } = await talking(t, (_asked, index) => {
    const text = `answer ${index + 1}`;
    return index === 1 ? { text, before: hold } : text;
  });
  await say(scene, 'Take your time.', '--on-lost', 'retry');
  await until(() => models.asked.length === 2, { what: 'the call of the prompt that holds the session' });
  const work = await scene.cli(
    ...['submit', '--recipe', 'echo', '--input', '{"value": 42}', '--deliver-to', 'session:chat', '--wait'],
  );
  assert.deepEqual([work.status, work.result], ['completed', 42]);
  await scene.killAll();
  await models.asked[1]?.closed;
  hold = Promise.resolve();
  const never = (await tasksIn(scene, '--status', 'pending')).filter(({ attempt }) => attempt === 0);
  const [wake, ...more] = never;
  assert.deepEqual([more, models.asked.length], [[], 2], 'one is to tell of it, and nobody was told');
  const told = await scene.cli('wait', wake?.task_id ?? '');
  assert.deepEqual([told.status, told.result], ['completed', 'answer 4']);
  const [busy, message] = [heard(models, 2), heard(models, 3)];
  assert.deepEqual(busy, [...BEFORE, ['user', 'Take your time.']], 'what was lost is asked again');
  assert.deepEqual(message.slice(0, -1), [...busy, ['assistant', 'answer 3']]);
  assert.deepEqual(endsIn(tellsOf(message, work.task_id)), [ended(work.task_id)]);
  await say(scene, 'And now?', '--wait');
  tellsOf(heard(models, 4), work.task_id);
  assert.deepEqual([models.asked.length, (await tasksIn(scene)).length], [5, 4]);
});

test('kill -9 of the one that is being told: it is told again by who works next, and stands there once', async (t) => {
  let hold = new Promise<void>(() => {});
  const { scene, models } = await talking(t, (_asked, index) => {
    const text = `answer ${index + 1}`;
    return index === 1 ? { text, before: hold } : text;
  });
  const work = await scene.cli(
    ...['submit', '--recipe', 'echo', '--input', '{"value": 42}', '--deliver-to', 'session:chat', '--wait'],
  );
  await until(() => models.asked.length === 2, { what: 'the call that tells of the end' });
  const [wake] = await tasksIn(scene, '--status', 'running');
  const id = wake?.task_id ?? assert.fail('nobody is told');
  kill((await scene.status(id)).worker?.pid as number);
  await models.asked[1]?.closed;
  hold = Promise.resolve();
  const told = await scene.cli('wait', id);
  assert.deepEqual([told.status, told.result, told.attempt], ['completed', 'answer 3', 2]);
  assert.deepEqual(endsIn(tellsOf(heard(models, 2), work.task_id)), [ended(work.task_id)]);
  await say(scene, 'And now?', '--wait');
  tellsOf(heard(models, 3), work.task_id);
});
