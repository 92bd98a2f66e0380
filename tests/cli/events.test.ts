import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { TaskEventJson } from '#offstage/wire/event.js';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project } from '../js/client/project.js';
import { Cli } from './process.js';

type Doc = TaskJson & { taskId: string };
interface Events {
  task_id: string;
  events: TaskEventJson[];
  next_after: number;
  first_seq: number;
}

const keys = (doc: object): string[] =>
  Object.keys(doc)
    .filter((key) => key !== 'exit')
    .sort();
const lines = <T>(text: string): T[] =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T);

test('events of another process: the document of the contract, pages by cursor, and the same to follow', async (t) => {
  const project = new Project(t);
  const done = await project.json<Doc>('background', 'submit', '--recipe', 'echo', '-i', '{"value":1}', '--wait');
  const all = await project.json<Events>('background', 'events', done.task_id);
  assert.deepEqual(keys(all), ['events', 'first_seq', 'next_after', 'ok', 'task_id']);
  assert.deepEqual([all.ok, all.task_id, all.first_seq, all.exit], [true, done.task_id, 1, 0]);
  assert.deepEqual(
    all.events.map(({ kind }) => kind),
    ['submitted', 'started', 'completed'],
  );
  for (const [index, event] of all.events.entries()) {
    assert.deepEqual(Object.keys(event), ['task_id', 'seq', 'at', 'kind', 'data']);
    assert.deepEqual([event.task_id, event.seq], [done.task_id, index + 1]);
    assert.match(event.at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  }
  const paged: TaskEventJson[] = [];
  for (let after = 0; ; ) {
    const args = ['--after', String(after), '--limit', '2'];
    const page = await project.json<Events>('background', 'events', done.task_id.slice(5, 13), ...args);
    if (page.events.length === 0) break;
    paged.push(...page.events);
    after = page.next_after;
  }
  assert.deepEqual(paged, all.events);
  const followed = await project.run('background', 'events', done.task_id, '--follow', '--json');
  assert.deepEqual([lines(followed.stdout), followed.code], [all.events, 0]);
  const human = await project.run('background', 'events', done.task_id);
  assert.equal(human.stdout.split('\n').length, 4);
});

test('--follow sees what another process does while it does it, and ends after the end', async (t) => {
  const project = new Project(t);
  const input = JSON.stringify({ until: project.file('go') });
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'waits', '-i', input);
  const follow = new Cli(t, project, ['background', 'events', task_id, '--follow', '--json']);
  const watch = new Cli(t, project, ['background', 'status', task_id, '--watch', '--json']);
  await follow.prints(({ stdout }) => stdout.includes('"progress"'));
  await watch.prints(({ stdout }) => stdout.includes('"progress":0.25'));
  writeFileSync(project.file('go'), '');
  const { stdout, code } = await follow.ended;
  const events = lines<TaskEventJson>(stdout);
  assert.deepEqual([events.at(-1)?.kind, code], ['completed', 0]);
  assert.deepEqual(
    events.map(({ seq }) => seq),
    events.map((_, index) => index + 1),
  );
  const watched = await watch.ended;
  const states = lines<Doc & { ok: boolean }>(watched.stdout);
  assert.deepEqual([states.at(-1)?.status, states.at(-1)?.result, watched.code], ['completed', 'seen', 0]);
  assert.ok(states.every(({ ok, task_id: id }) => ok && id === task_id));
});

for (const [signal, exit] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const) {
  test(`${signal} ends the following and the watching, never the task`, async (t) => {
    const project = new Project(t);
    const input = JSON.stringify({ until: project.file('go') });
    const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'waits', '-i', input);
    for (const argv of [
      ['events', task_id, '--follow'],
      ['status', task_id, '--watch'],
    ]) {
      const watching = new Cli(t, project, ['background', ...argv]);
      await watching.prints(({ stdout }) => stdout.includes('25%'));
      watching.child.kill(signal);
      const { code, stderr } = await watching.ended;
      assert.equal(code, exit);
      assert.match(stderr, /^error: stopped (following|watching); task \S+ goes on$/m);
    }
    assert.equal((await project.json<Doc>('background', 'status', task_id)).status, 'running');
  });
}

test('a reader that closes early ends the following', async (t) => {
  const project = new Project(t);
  const input = JSON.stringify({ until: project.file('go') });
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'waits', '-i', input);
  const follow = new Cli(t, project, ['background', 'events', task_id, '--follow', '--json']);
  await follow.prints(({ stdout }) => stdout.includes('"progress"'));
  follow.child.stdout?.destroy();
  await project.json('background', 'cancel', task_id, '--wait');
  assert.equal((await follow.ended).code, 0);
});

test('retry, respond, recover and a key over processes: the documents of the contract', async (t) => {
  const project = new Project(t);
  const submit = ['background', 'submit', '--recipe', 'echo', '-i', '{"value":1}'];
  const first = await project.json<Doc & { deduplicated?: boolean }>(...submit, '--idempotency-key', 'k', '--wait');
  assert.deepEqual([first.status, first.idempotency_key, first.deduplicated], ['completed', 'k', undefined]);
  const again = await project.json<Doc & { deduplicated?: boolean }>(...submit, '--key', 'k');
  assert.deepEqual([again.task_id, again.deduplicated, again.exit], [first.task_id, true, 0]);
  const other = await project.json('background', 'submit', '--recipe', 'echo', '--key', 'k');
  assert.deepEqual([other.ok, other.code, other.exit], [false, 'conflict', 4]);

  const retry = await project.json<Doc>('background', 'retry', first.task_id);
  assert.deepEqual(keys(retry), [...['ok', 'recipe', 'retried_from', 'session_id', 'status', 'taskId', 'task_id']]);
  assert.deepEqual([retry.retried_from, retry.recipe, retry.status], [first.task_id, 'echo', 'pending']);
  assert.equal((await project.json<Doc>('background', 'wait', retry.task_id)).result, 1);

  const recover = await project.json<{ tasks: object[] }>('background', 'recover', retry.task_id);
  assert.deepEqual(keys(recover), ['ok', 'tasks']);
  assert.deepEqual(recover.tasks, [{ task_id: retry.task_id, result: 'skipped_not_recoverable', status: 'completed' }]);
  assert.deepEqual((await project.json<{ tasks: object[] }>('background', 'recover', '--all')).tasks, []);

  const session = ['background', 'submit', '--recipe', 'echo', '--delay', '60', '-s', 's'];
  const live = await project.json<Doc>(...session);
  const refused = await project.json(...session, '--on-conflict', 'reject');
  assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'conflict', 4]);
  const early = await project.json('background', 'retry', live.task_id);
  assert.deepEqual([early.ok, early.code, early.exit], [false, 'conflict', 4]);
  const answer = await project.json('background', 'respond', live.task_id, 'k', '--decline');
  assert.deepEqual([answer.ok, answer.code, answer.exit], [false, 'conflict', 4]);
  const nobody = await project.json<Doc>('background', 'respond', live.task_id);
  assert.deepEqual([nobody.ok, nobody.task_id, nobody.input_requests], [true, live.task_id, {}]);
});

const UNKNOWN = 'f'.repeat(32);
for (const argv of [
  ['events', UNKNOWN],
  ['events', UNKNOWN, '--follow'],
  ['status', UNKNOWN, '--watch'],
  ['retry', UNKNOWN],
  ['recover', UNKNOWN],
  ['respond', UNKNOWN],
  ['respond', UNKNOWN, 'k', '--cancel'],
]) {
  test(`an unknown task: ${argv.join(' ').replace(UNKNOWN, 'ID')} exits with 7`, async (t) => {
    const project = new Project(t);
    for (const prepare of [
      async () => {},
      () => project.json('background', 'submit', '--recipe', 'echo', '--no-worker'),
    ]) {
      await prepare();
      const refused = await project.json<{ error: string }>('background', ...argv);
      assert.deepEqual([refused.ok, refused.code, refused.exit], [false, 'task_not_found', 7]);
      assert.ok(refused.error.includes(project.store), 'it names the store');
      const human = await project.run('background', ...argv);
      assert.deepEqual([human.stdout, human.code], ['', 7]);
    }
  });
}

test('a second signal ends the drain of a worker at once', async (t) => {
  const project = new Project(t);
  const worker = new Cli(t, project, ['background', 'worker', '--drain', '60', '--json']);
  await worker.prints(({ stdout }) => stdout.includes('"ready"'));
  const input = JSON.stringify({ until: project.file('never') });
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'waits', '-i', input);
  await worker.prints(({ stdout }) => stdout.includes('"started"'));
  worker.child.kill('SIGTERM');
  await worker.prints(({ stdout }) => stdout.includes('"stopping"'));
  assert.equal((await project.json<Doc>('background', 'status', task_id)).status, 'running', 'it drains');
  worker.child.kill('SIGTERM');
  const { code, stdout } = await worker.ended;
  assert.equal(code, 143);
  assert.equal(lines<{ event: string }>(stdout).at(-1)?.event, 'stopped');
  const task = await project.json<Doc>('background', 'status', task_id);
  assert.deepEqual([task.status, task.error?.code], ['failed', 'lost']);
});
