/** A prompt that is woken by the ends of tasks, over processes: also by that of one whose worker was killed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Verbs } from '#offstage/client/index.js';
import { Models } from '../js/program/agents/models.js';
import { kill, Scene, until } from './scene.js';

interface Ended {
  task_id: string;
  status: string;
  result: unknown;
}

async function endedOf(verbs: Verbs, id: string): Promise<Ended[]> {
  const { input } = await verbs.peek(id);
  return (input as { ended: Ended[] }).ended;
}

test('a prompt is told of two ends at once, one of them by kill -9, and its session goes on', async (t) => {
  const models = await Models.start(t, (_asked, index) => `answer ${index + 1}`);
  const scene = new Scene(t);
  const env = { ...scene.project.env, OPENAI_BASE_URL: models.url, OFFSTAGE_MODEL: 'local' };
  Object.defineProperty(scene.project, 'env', { value: env, configurable: true });
  await scene.cli('submit', '--prompt', 'Start two.', '-s', 'chat', '--wait');
  const verbs = await scene.project.verbs(t);
  const onComplete = { submit: { prompt: 'What became of them?', sessionId: 'chat' } };
  const [lost, done] = await verbs.submit([
    // while it runs, what is to tell of ends waits for its turn in the session
    { recipe: 'waits', input: { until: scene.file('never') }, sessionId: 'chat', onComplete },
    { recipe: 'echo', input: { value: 7 }, onComplete },
  ]);
  await verbs.wait([done?.task_id ?? '']);
  const running = await until(
    async () => {
      const { status, worker } = await scene.status(lost?.task_id ?? '');
      return status === 'running' ? worker : undefined;
    },
    { what: 'the start of the task that is to be lost' },
  );
  kill(running.pid);
  const [gone] = (await verbs.wait([lost?.task_id ?? ''])).tasks;
  assert.equal(gone?.error?.code, 'lost');
  const { tasks } = await verbs.list({ recipe: 'prompt' });
  assert.equal(tasks.length, 2, 'one tells of both');
  const id = tasks[0]?.task_id ?? '';
  const ended = await endedOf(verbs, id);
  assert.deepEqual(
    ended.map(({ task_id, status, result }) => [task_id, status, result]),
    [
      [done?.task_id, 'completed', 7],
      [lost?.task_id, 'failed', null],
    ],
  );
  const [woken] = (await verbs.wait([id])).tasks;
  assert.equal(woken?.result, 'answer 2');
  const said = models.asked[1]?.body.messages.map(({ content }) => content) ?? [];
  assert.deepEqual(said.slice(0, 2), ['Start two.', 'answer 1']);
  assert.match(
    said[2] ?? '',
    /^What became of them\?\n\nTasks that you have started have ended:\n\[\{"task_id":"task_/,
  );
});
