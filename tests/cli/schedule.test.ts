/** Schedules, as processes have them: what is due fires, whoever has died. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { connect } from '#offstage/store/sqlite/driver.js';
import type { ScheduleJson } from '#offstage/wire/schedule.js';
import { Project } from '../js/client/project.js';
import { kill } from '../js/worker/processes.js';
import { until } from '../waiting.js';

type Doc = ScheduleJson & { schedules: ScheduleJson[]; next: string[]; task_ids: string[]; error: string };

test('a schedule that is added fires in a worker that stays; killed, it is missed, and one that is started by hand goes on', async (t) => {
  const project = new Project(t);
  const schedule = (...args: string[]) => project.json<Doc>('schedule', ...args);
  const added = await schedule('add', 'often', '--when', '1s', '--recipe', 'nothing', '--tag', 'mine');
  assert.deepEqual([added.ok, added.kind, added.state, added.exit], [true, 'interval', 'active', 0]);
  const fired = async (least: number) => (await schedule('show', 'often')).fired >= least;
  await until(() => fired(1));
  const [listed] = (await schedule('list')).schedules;
  assert.deepEqual([listed?.name, listed?.schedule_status.signal], ['often', null]);
  for (const pid of project.processes()) kill(pid);
  await until(async () => (await schedule('list')).schedules[0]?.schedule_status.signal === 'no_worker');
  const list = await project.run('schedule', 'list');
  assert.match(list.stdout, /^often {2}1s {2}next .* fired.* no worker\n$/);
  assert.match(list.stderr, /No worker lives that would submit\. Start one: .*background worker/);
  const before = (await schedule('show', 'often')).fired;
  assert.deepEqual(project.workers(), [], 'nobody was started by a look');
  const worker = project.run('background', 'worker', '--exit-when-idle', '0');
  await until(() => fired(before + 2));
  const removed = await schedule('remove', 'often');
  assert.equal(removed.name, 'often');
  assert.equal((await worker).code, 0, 'with none left it is idle');
});

test('what is refused is refused with what was expected, exit 2; what is not there 7; a name that is taken 4', async (t) => {
  const project = new Project(t);
  const add = (...args: string[]) => project.run('schedule', 'add', 'a', '--no-worker', ...args);
  const bad: [string[], RegExp][] = [
    [['--recipe', 'echo'], /--when: got nothing/],
    [['--when', '*/0s', '--recipe', 'echo'], /--when: got "\*\/0s", expected a whole number/],
    [['--when', 'mon-fri 9am', '--recipe', 'echo'], /nearest form is "weekdays at 9am"/],
    [['--when', '1h'], /--recipe, --prompt, --message or --: got none/],
    [['--when', '1h', '--recipe', 'echo', '--message', 'x'], /got --recipe and --message/],
    [['--when', '1h', '--recipe', 'echo', '--catch-up', 'all'], /--catch-up: got "all"/],
    [['--when', '1h', '--recipe', 'echo', '--tz', '+01:00'], /the name of a time zone/],
  ];
  for (const [args, message] of bad) {
    const { code, stderr } = await add(...args);
    assert.equal(code, 2, stderr);
    assert.match(stderr, message);
  }
  const dry = await project.json<Doc>('schedule', 'add', 'a', '--when', '30m', '--message', 'x', '--dry-run');
  assert.deepEqual([dry.next.length, (await project.json<Doc>('schedule', 'list')).schedules.length], [5, 0]);
  assert.equal((await add('--when', '1h', '--message', 'x')).code, 0);
  assert.equal((await add('--when', '1h', '--message', 'x')).code, 4);
  assert.equal((await add('--when', '1h', '--message', 'x', '--replace')).code, 0);
  assert.equal((await project.run('schedule', 'show', 'b')).code, 7);
});

test('paused, resumed, run now and by a system cron', async (t) => {
  const project = new Project(t);
  const schedule = (...args: string[]) => project.json<Doc>('schedule', ...args);
  await schedule('add', 'hourly', '--when', '1h', '--no-worker', '--', 'true');
  assert.equal((await schedule('pause', 'hourly')).state, 'paused');
  assert.equal((await schedule('resume', 'hourly', '--catch-up', 'one')).state, 'active');
  const { task_ids } = await schedule('run-now', 'hourly');
  assert.equal(task_ids.length, 1);
  const ended = await project.json('background', 'wait', task_ids[0] as string);
  assert.equal(ended.exit, 0);
  assert.deepEqual((await schedule('run-due')).task_ids, []);
  assert.match((await project.run('schedule', 'show', 'hourly')).stdout, /^hourly {2}1h .*\nId: +sched_/);
});

test('what a system cron cannot submit for is told beside what it has submitted for, and decides the exit', async (t) => {
  const project = new Project(t);
  for (const name of ['gone', 'there']) {
    const recipe = name === 'gone' ? 'echo' : 'nothing';
    await project.json('schedule', 'add', name, '--when', 'every day at 3am', '--recipe', recipe, '--no-worker');
  }
  const db = connect(project.store);
  db.exec('UPDATE schedules SET next_at = next_at - 86400000, due_at = due_at - 86400000');
  db.close();
  rmSync(project.file('recipes/echo'), { recursive: true });
  const { code, stdout, stderr } = await project.run('schedule', 'run-due', '--json', '--quiet');
  const { ok, task_ids, failed, warnings } = JSON.parse(stdout);
  assert.deepEqual([code, ok, task_ids.length, failed.length], [2, true, 1, 1]);
  assert.deepEqual([failed[0].name, failed[0].error.code], ['gone', 'invalid_argument']);
  assert.match(failed[0].error.message, /Recipe 'echo' not found/);
  assert.match(stderr, /^warning: schedule 'gone' was not submitted for: /);
  assert.equal(warnings.length, 1);
});
