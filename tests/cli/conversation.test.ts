/** Prompts in a session: each is told what was said before, in whichever process, and whatever was killed meanwhile. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Answering, Models } from '../js/program/agents/models.js';
import { kill, Scene, until } from './scene.js';

async function staged(t: TestContext, answering: Answering) {
  const models = await Models.start(t, answering);
  const scene = new Scene(t);
  const env = { ...scene.project.env, OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local' };
  Object.defineProperty(scene.project, 'env', { value: env, configurable: true });
  return { models, scene };
}

const say = (scene: Scene, prompt: string, ...flags: string[]) =>
  scene.cli('submit', '--prompt', prompt, '-s', 'chat', ...flags);

type Said = [role: string, content: string | null][];
const heard = (models: Models, index: number): Said =>
  models.asked[index]?.body.messages.map(({ role, content }) => [role, content]) ?? [];

const FIRST: Said = [
  ['user', 'I am Ada.'],
  ['assistant', 'answer 1'],
];
const SECOND: Said = [...FIRST, ['user', 'Who am I?']];
const THIRD: Said = [...SECOND, ['assistant', 'answer 3'], ['user', 'And now?']];

interface Page {
  messages: { role: string; content: string; task_id: string }[];
  tasks: unknown[];
}

test('three prompts of three processes, a kill -9 in the second: the third one knows what was said', async (t) => {
  let hold = new Promise<void>(() => {});
  const { models, scene } = await staged(t, (_asked, index) => {
    const text = `answer ${index + 1}`;
    return index === 1 ? { text, before: hold } : text;
  });
  const first = await say(scene, 'I am Ada.', '--wait');
  assert.equal(first.result, 'answer 1');
  const second = await say(scene, 'Who am I?', '--on-lost', 'retry');
  const third = await say(scene, 'And now?');
  await until(() => models.asked.length === 2, { what: 'the call of the second prompt' });
  assert.equal((await scene.status(third.task_id)).status, 'pending', 'it waits for its turn');
  kill((await scene.status(second.task_id)).worker?.pid as number);
  await models.asked[1]?.closed;
  hold = Promise.resolve();
  const done = await scene.cli('wait', third.task_id);
  assert.deepEqual([done.status, done.result], ['completed', 'answer 4']);
  assert.deepEqual(heard(models, 0), [['user', 'I am Ada.']]);
  assert.deepEqual([heard(models, 1), heard(models, 2)], [SECOND, SECOND]);
  assert.deepEqual(heard(models, 3), THIRD);
  const page = await scene.project.json<Page>('background', 'session', 'chat');
  const said = page.messages.map(({ role, content }) => [role, content]);
  assert.deepEqual(said, [...THIRD, ['assistant', 'answer 4']]);
  const { stdout } = await scene.project.run('background', 'session', 'chat');
  assert.match(stdout, /user: I am Ada\.\nassistant: answer 1\nuser: Who am I\?\n/);
});

test('what was said outlives the tasks, goes with clear --session, and belongs to no other session', async (t) => {
  const { models, scene } = await staged(t, (_asked, index) => `answer ${index + 1}`);
  await say(scene, 'I am Ada.', '--wait');
  await scene.project.json('background', 'clear');
  await scene.cli('submit', '--prompt', 'Who am I?', '-s', 'other', '--wait');
  assert.deepEqual(heard(models, 1), [['user', 'Who am I?']]);
  await say(scene, 'Who am I?', '--wait');
  assert.deepEqual(heard(models, 2), SECOND);
  const cleared = await scene.project.json<{ cleared: number }>('background', 'clear', '--session', 'chat');
  assert.equal(cleared.cleared, 1);
  await say(scene, 'Who am I?', '--wait');
  assert.deepEqual(heard(models, 3), [['user', 'Who am I?']]);
  assert.equal((await scene.project.json<Page>('background', 'session', 'other')).messages.length, 2);
});

test('a prompt that fails is not part of what was said; an agent of a folder is given it, too', async (t) => {
  const { models, scene } = await staged(t, (_asked, index) => (index === 1 ? { status: 401 } : `answer ${index + 1}`));
  mkdirSync(scene.file('recipes/friend'));
  writeFileSync(
    scene.file('recipes/friend/agents.yaml'),
    'agents: { f: { role: Friend } }\nsteps:\n  - { agent: f, action: "Say: {{prompt}}" }\n  - { agent: f, action: Again. }\n',
  );
  await say(scene, 'I am Ada.', '--wait');
  assert.equal((await say(scene, 'lost', '--wait')).status, 'failed');
  await say(scene, 'Hello', '--agent', 'friend', '--wait');
  assert.deepEqual(heard(models, 2), [['system', 'You are Friend.'], ...FIRST, ['user', 'Say: Hello']]);
  assert.equal(heard(models, 3)[1]?.[1]?.startsWith('Again.'), true, 'only its first step goes on with it');
  const page = await scene.project.json<Page>('background', 'session', 'chat');
  assert.deepEqual(
    page.messages.map(({ content }) => content),
    ['I am Ada.', 'answer 1', 'Hello', 'answer 4'],
  );
});

test('who has tools is told of those that were used, also when the tasks are gone; who has none is not', async (t) => {
  const { models, scene } = await staged(t, (_asked, index) =>
    index === 0 ? { calls: [{ name: 'read_file', args: { path: 'notes.txt' } }] } : `answer ${index}`,
  );
  writeFileSync(scene.file('notes.txt'), 'n '.repeat(2500));
  const named = { reader: { instructions: 'Read.', tools: ['read_file'] } };
  writeFileSync(scene.file('offstage.config.json'), JSON.stringify({ agents: { named } }));
  await say(scene, 'Read them.', '--agent', 'reader', '--wait');
  await scene.project.json('background', 'clear');
  await say(scene, 'What else?', '--agent', 'reader', '--wait');
  const [, asked, used, gave, answered, next] = models.asked[2]?.body.messages ?? [];
  assert.deepEqual(
    [asked?.content, used?.role, used?.content, answered?.content, next?.content],
    ['Read them.', 'assistant', null, 'answer 1', 'What else?'],
  );
  const [call] = (used?.tool_calls ?? []) as { id: string; function: { name: string } }[];
  assert.deepEqual([call?.function.name, gave?.role, gave?.tool_call_id], ['read_file', 'tool', call?.id]);
  assert.match(gave?.content ?? '', /^(n ){511}n\n… \(29\d\d characters left out\) …\n(n ){511,512}$/);
  await say(scene, 'And you?', '--wait');
  assert.deepEqual(heard(models, 3), [
    ['user', 'Read them.'],
    ['assistant', 'answer 1'],
    ['user', 'What else?'],
    ['assistant', 'answer 2'],
    ['user', 'And you?'],
  ]);
  const { stdout } = await scene.project.run('background', 'session', 'chat');
  assert.match(stdout, /^assistant: uses read_file \{"path":"notes.txt"\}\ntool: n+/m);
});
