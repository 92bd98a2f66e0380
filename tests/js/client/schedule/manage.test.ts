/** Schedules over a store: added, looked at, changed, and what is submitted for them. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { makeClient } from '#offstage/client/index.js';
import { openContext, verbsOf } from '#offstage/client/open.js';
import { fireDue } from '#offstage/client/schedule/fire.js';
import { scheduleSweep } from '#offstage/client/schedule/sweep.js';
import type { VerbContext } from '#offstage/client/verb-context.js';
import type { Verbs } from '#offstage/client/verbs.js';
import type { ScheduleRow } from '#offstage/store/types.js';
import type { ScheduleRequest } from '#offstage/wire/schedule.js';
import { Project } from '../project.js';

const MINUTE = 60_000;
const DAY = 86_400_000;

interface Stage {
  project: Project;
  context: VerbContext;
  verbs: Verbs;
}

async function stage(t: TestContext): Promise<Stage> {
  const project = new Project(t);
  const { folder, env } = project;
  const context = await openContext({ cwd: folder, home: folder, env, mount: 'direct', worker: 'none' });
  t.after(() => context.close());
  return { project, context, verbs: verbsOf(context) };
}

const ECHO = { recipe: 'echo', input: { value: 1 } };

const request = (more: Partial<ScheduleRequest> = {}): ScheduleRequest => ({
  name: 'one',
  when: '1m',
  zone: 'UTC',
  request: ECHO,
  ...more,
});

const rowOf = async (context: VerbContext): Promise<ScheduleRow> =>
  (await context.run('schedules', { which: 'one' }))[0]?.row as ScheduleRow;

/** As if it had been added, and nobody had looked since, so many milliseconds ago. */
async function asleep(context: VerbContext, ms: number): Promise<void> {
  const { id, epoch, next_at, data } = await rowOf(context);
  const definition = JSON.parse(data);
  const at = (next_at as number) - ms;
  const older = JSON.stringify({ ...definition, anchor: definition.anchor - ms });
  await context.run('changeSchedule', { id, epoch, change: { next_at: at, due_at: at, data: older }, start: null });
}

const fire = async (context: VerbContext, now = Date.now()) => fireDue(context, await rowOf(context), { now });

test('one that is added is shown with all that it is', async (t) => {
  const { verbs } = await stage(t);
  const before = Date.now();
  const added = await verbs.schedules.add(request({ when: ' every 2 hours ', jitter: '1m', limit: 3 }));
  const { schedule_id, created_at, next_at, ...rest } = added;
  assert.match(schedule_id, /^sched_[0-9a-f]{16}$/);
  assert.ok(Date.parse(created_at) >= before);
  assert.equal(Date.parse(next_at as string), Date.parse(created_at) + 120 * MINUTE);
  assert.deepEqual(rest, {
    name: 'one',
    when: 'every 2 hours',
    kind: 'interval',
    zone: 'UTC',
    state: 'active',
    last_at: null,
    last_task_id: null,
    last_error: null,
    fired: 0,
    skipped: 0,
    catch_up: 'one',
    overlap: 'skip',
    jitter: 60,
    starts: null,
    ends: null,
    limit: 3,
    request: ECHO,
    message: null,
    schedule_status: { signal: 'no_worker', needs_attention: true, next_action: 'service' },
  });
  assert.deepEqual(await verbs.schedules.list(), [added]);
  assert.deepEqual(await verbs.schedules.get(schedule_id), added);
});

const REFUSED: [string, Partial<ScheduleRequest> | Record<string, unknown>, RegExp][] = [
  ['a text that is none', { when: 'cron:bad' }, /^when: got "cron:bad", expected five cron fields/],
  ['nothing', { when: undefined }, /^when: got undefined/],
  ['no name', { name: '' }, /^name: got ""/],
  ['an id as a name', { name: 'sched_0123456789abcdef' }, /a name that is no id/],
  ['another option', { tz: 'UTC' }, /unknown option 'tz'/],
  ['an unknown zone', { zone: 'Mars/Olympus' }, /^zone: got "Mars\/Olympus"/],
  ['an offset', { zone: '+02:00' }, /the name of a time zone/],
  ['catch-up of 0', { catchUp: 0 }, /^catchUp: got 0, expected a whole number from 1 to 1000/],
  ['catch-up of 1001', { catchUp: 1001 }, /^catchUp: got 1001/],
  ['catch-up of a word', { catchUp: 'two' }, /^catchUp: got "two"/],
  ['an overlap', { overlap: 'wait' }, /^overlap: got "wait", expected skip, queue, cancel, allow/],
  ['a limit of 0', { limit: 0 }, /^limit: got 0/],
  ['a date that there is not', { starts: '2027-02-30' }, /^starts: got "2027-02-30", expected a date/],
  ['an end before its first moment', { ends: '2020-01-01' }, /^when: got "1m", expected a moment that is to come/],
  ['neither request nor message', { request: undefined }, /^request: got undefined/],
  ['both', { message: 'tea' }, /^message: got "tea", expected none beside a request/],
  ['an empty message', { request: undefined, message: '' }, /^message: got ""/],
  ['a delay', { request: { ...ECHO, delay: 5 } }, /^request\.delay: got 5, expected nothing/],
  ['a time to start', { request: { ...ECHO, runAt: '2027-01-01' } }, /^request\.runAt/],
  ['a key', { request: { ...ECHO, idempotencyKey: 'k' } }, /^request\.idempotencyKey/],
  ['a parent', { request: { ...ECHO, parent: 'task_1' } }, /^request\.parent/],
  ['what refuses', { request: { ...ECHO, onConflict: 'reject' } }, /^request\.onConflict: got "reject"/],
  [
    'an option of a request',
    { request: { ...ECHO, inptu: 1 } },
    /unknown option 'request\.inptu'; did you mean 'input'/,
  ],
  ['no such recipe', { request: { recipe: 'ehco' } }, /Recipe 'ehco' not found\. Did you mean: echo/],
];

test('what cannot be used is refused, and nothing is stored', async (t) => {
  const { verbs } = await stage(t);
  for (const [what, more, message] of REFUSED) {
    await assert.rejects(verbs.schedules.add(request(more as Partial<ScheduleRequest>)), { message }, what);
  }
  assert.deepEqual(await verbs.schedules.list(), []);
});

test('one that is not there is said to be not there, with the nearest', async (t) => {
  const { verbs } = await stage(t);
  await verbs.schedules.add(request({ name: 'report' }));
  const missing = {
    code: 'not_found',
    name: 'ScheduleNotFoundError',
    message: /no schedule 'reprot' in .*did you mean 'report'\?/,
  };
  for (const verb of ['get', 'remove', 'pause', 'resume', 'runNow'] as const) {
    await assert.rejects(verbs.schedules[verb]('reprot'), missing, verb);
  }
  const client = makeClient(verbs);
  assert.equal(await client.schedules.get('reprot'), undefined);
  assert.deepEqual([await client.schedules.remove('reprot'), await client.schedules.remove('report')], [false, true]);
});

test('a moment becomes a task that says whose and for when it is', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request({ request: { ...ECHO, tags: ['nightly'], sessionId: 's' } }));
  await asleep(context, 10 * MINUTE);
  const fired = await fire(context);
  const [task] = await verbs.get(fired?.tasks.map(({ id }) => id) ?? []);
  const { schedule_id, last_at, last_task_id, fired: count, skipped, next_at } = await verbs.schedules.get('one');
  const known = task as unknown as Record<string, unknown>;
  assert.deepEqual(
    [known.schedule_id, known.scheduled_for, known.recipe, known.session_id, known.tags, known.input],
    [schedule_id, last_at, 'echo', 's', ['nightly'], { value: 1 }],
  );
  assert.equal(task?.idempotency_key, `schedule:${schedule_id}:${last_at}`);
  assert.deepEqual(
    [last_task_id, count, skipped > 0, Date.parse(next_at as string) > Date.now()],
    [task?.task_id, 1, true, true],
  );
  assert.equal(await fireDue(context, { ...(await rowOf(context)), epoch: 1 }, { now: Date.now() }), undefined);
});

/** What is submitted after a year asleep, by what is made up for. */
const YEAR: [ScheduleRequest['catchUp'], number, string][] = [
  ['one', 1, '1m'],
  ['one', 1, '* * * * *'],
  [5, 5, '1m'],
  [5, 5, '* * * * *'],
];

for (const [catchUp, expected, when] of YEAR) {
  test(`a year asleep, ${when}, catch up ${catchUp}: ${expected}, in one short commit`, async (t) => {
    const { context, verbs } = await stage(t);
    await verbs.schedules.add(request({ when, catchUp, overlap: 'allow' }));
    await asleep(context, 365 * DAY);
    const asked: string[] = [];
    const { run } = context;
    let locked = 0;
    context.run = async (op, args) => {
      asked.push(op);
      const begin = performance.now();
      const answer = await run.call(context, op, args);
      if (op === 'fire') locked = performance.now() - begin;
      return answer as never;
    };
    const row = await rowOf(context);
    asked.length = 0;
    const fired = await fireDue(context, row, { now: Date.now() });
    assert.equal(fired?.tasks.length, expected);
    assert.deepEqual(asked, ['fire'], 'all else was found out before');
    t.diagnostic(`${locked.toFixed(1)} ms for the commit and the way to it`);
    const { next_at, skipped } = await verbs.schedules.get('one');
    assert.ok(Date.parse(next_at as string) > Date.now() && Date.parse(next_at as string) <= Date.now() + MINUTE);
    assert.equal(skipped, when === '1m' ? 365 * 1440 - expected : 1000 - expected);
  });
}

test('a year asleep with nothing to make up for: what is over a minute late is skipped', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request({ when: '1h', catchUp: 'none' }));
  await asleep(context, 365 * DAY + 30 * MINUTE);
  assert.deepEqual((await fire(context))?.tasks, []);
  const { fired, skipped, state } = await verbs.schedules.get('one');
  assert.deepEqual([fired, skipped, state], [0, 365 * 24, 'active']);
});

test('for once: it is submitted late rather than never, and has ended', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request({ when: 'in 10 minutes' }));
  assert.equal((await fire(context, Date.now() + DAY))?.tasks.length, 1);
  const { state, next_at, fired } = await verbs.schedules.get('one');
  assert.deepEqual([state, next_at, fired], ['ended', null, 1]);
  await assert.rejects(verbs.schedules.resume('one'), { message: /one that has ended/ });
  assert.equal((await verbs.schedules.update('one', { when: '1h' })).state, 'active');
});

test('the time of a pause is not made up for, unless that is asked for', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request());
  for (const [catchUp, expected] of [
    [undefined, 0],
    ['one', 1],
    [3, 3],
  ] as const) {
    const paused = await verbs.schedules.pause('one');
    assert.deepEqual([paused.state, paused.next_at], ['paused', null]);
    await asleep(context, 60 * MINUTE);
    const { id, epoch } = await rowOf(context);
    await context.run('changeSchedule', { id, epoch, change: { due_at: null }, start: null });
    const resumed = await verbs.schedules.resume('one', catchUp === undefined ? {} : { catchUp });
    assert.deepEqual([resumed.state, Date.parse(resumed.next_at as string) > Date.now()], ['active', true]);
    const { queued } = await rowOf(context);
    assert.equal(queued === null ? 0 : JSON.parse(queued).length, expected);
    for (let left = expected; left > 0; left--) {
      const fired = await fire(context);
      assert.equal(fired?.tasks.length, 1);
      await verbs.cancel(fired.tasks.map((task) => task.id));
    }
  }
});

test('what waits for the end of a task does not bring what comes next before its time', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request({ when: '1h', overlap: 'queue' }));
  await asleep(context, 65 * MINUTE);
  const sweep = await scheduleSweep(context, { folders: true });
  await sweep.run(Date.now());
  await asleep(context, 60 * MINUTE); // one more has come while the first one lives: it waits
  await sweep.run(Date.now());
  const [first] = (await verbs.list()).tasks;
  await verbs.cancel([first?.task_id as string]);
  const before = await verbs.schedules.get('one');
  assert.equal(await sweep.run(Date.now()), 1);
  const after = await verbs.schedules.get('one');
  assert.deepEqual([after.fired, after.skipped, after.next_at], [2, before.skipped, before.next_at]);
});

test('what a pause has missed keeps to the limit', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request({ limit: 3 }));
  await verbs.schedules.pause('one');
  await asleep(context, 10 * MINUTE);
  await verbs.schedules.resume('one', { catchUp: 10 });
  assert.equal(JSON.parse((await rowOf(context)).queued as string).length, 3);
});

test('an update leaves what has come and was not submitted yet', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request({ when: '1h' }));
  await asleep(context, 61 * MINUTE);
  const { next_at } = await rowOf(context);
  await verbs.schedules.update('one', { overlap: 'queue' });
  assert.equal((await rowOf(context)).next_at, next_at);
  assert.equal((await fire(context))?.tasks.length, 1);
});

test('now is now: what comes next stays, and what is live decides', async (t) => {
  const { verbs } = await stage(t);
  const added = await verbs.schedules.add(request({ when: '1h' }));
  const [task] = await verbs.schedules.runNow('one');
  assert.equal(task?.status, 'pending');
  assert.deepEqual(await verbs.schedules.runNow('one'), [], 'one is live, and skip is the default');
  const { next_at, fired, skipped } = await verbs.schedules.get('one');
  assert.deepEqual([next_at, fired, skipped], [added.next_at, 1, 1]);
  assert.deepEqual(await verbs.schedules.runDue(), { tasks: [], failed: [] });
});

test('a recipe that is gone: ten moments fail, then it is broken and asks for attention', async (t) => {
  const { project, context, verbs } = await stage(t);
  await verbs.schedules.add(request());
  rmSync(project.file('recipes/echo'), { recursive: true });
  for (let n = 1; n <= 10; n++) {
    const { state, last_error } = await verbs.schedules.get('one');
    assert.deepEqual([state, last_error === null], ['active', n === 1]);
    await asleep(context, 10 * MINUTE);
    assert.deepEqual((await fire(context))?.tasks, []);
  }
  const { state, last_error, fired, schedule_status } = await verbs.schedules.get('one');
  assert.match(last_error ?? '', /Recipe 'echo' not found/);
  assert.deepEqual([state, fired], ['broken', 0]);
  assert.deepEqual(schedule_status, { signal: 'broken', needs_attention: true, next_action: 'update' });
  project.addRecipe('echo', 'export default () => 1;');
  assert.equal((await verbs.schedules.resume('one')).state, 'active');
});

test('an update keeps what it does not name, and what has been does not come again', async (t) => {
  const { context, verbs } = await stage(t);
  await verbs.schedules.add(request({ when: 'every day at 9am', zone: 'Europe/Berlin', overlap: 'allow' }));
  const other = await verbs.schedules.update('one', { zone: 'Pacific/Apia', catchUp: 'none' });
  assert.deepEqual(
    [other.when, other.zone, other.catch_up, other.overlap, other.request],
    ['every day at 9am', 'Pacific/Apia', 'none', 'allow', ECHO],
  );
  assert.equal(new Date(other.next_at as string).getUTCHours(), 20);
  const told = await verbs.schedules.update('one', { message: 'tea' });
  assert.deepEqual([told.request, told.message, told.schedule_status.signal], [null, 'tea', null]);
  assert.equal((await rowOf(context)).runner, 'loop');
  await assert.rejects(verbs.schedules.runNow('one'), { message: /a message is for a ScheduleLoop/ });
});

test('the next moments of a text', async (t) => {
  const { verbs } = await stage(t);
  const next = await verbs.schedules.next('0 0 1 1 *', { zone: 'UTC', n: 2 });
  assert.deepEqual(
    next.map((at) => at.slice(4)),
    ['-01-01T00:00:00.000Z', '-01-01T00:00:00.000Z'],
  );
  assert.equal((await verbs.schedules.next('30m')).length, 5);
  assert.equal((await verbs.schedules.next('in 5 minutes')).length, 1);
  await assert.rejects(verbs.schedules.next('30m', { n: 0 }), { message: /^n: got 0/ });
});

test('a path is that of whoever adds it, a command runs in his folder', async (t) => {
  const { project, verbs } = await stage(t);
  const path = await verbs.schedules.add(request({ request: { recipe: './recipes/echo' } }));
  assert.deepEqual(path.request, { recipe: project.file('recipes/echo') });
  const command = await verbs.schedules.add(request({ name: 'two', request: { command: ['true'] } }));
  assert.deepEqual(command.request, { command: ['true'], cwd: project.folder });
});
