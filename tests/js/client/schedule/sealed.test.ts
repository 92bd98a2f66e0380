/** Schedules of a store whose payloads go through a codec. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Client, type Codec, defineRecipe } from '#offstage';
import { makeClient, openVerbs, type Verbs } from '#offstage/client/index.js';
import { openContext } from '#offstage/client/open.js';
import { fireDue } from '#offstage/client/schedule/fire.js';
import type { VerbContext } from '#offstage/client/verb-context.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import type { ScheduleRow } from '#offstage/store/types.js';
import { aes } from '../aes.js';
import { Project } from '../project.js';

const SECRET = 'a word that must not be in the file';
const WHEN = { name: 'nightly', when: 'every day at 3am' };
const CONFIG = { tone: SECRET };

const echo = defineRecipe({
  name: 'echo-code',
  run: ({ value }: { value: string }, ctx) => ({ value, config: ctx.config }),
});

type Staff = 'app' | 'none';

async function opened(t: TestContext, project: Project, codec: Codec, worker: Staff): Promise<[Client, Verbs]> {
  const at = { cwd: project.folder, home: project.folder, env: project.env, worker };
  const verbs = await openVerbs({ ...at, codecs: [codec] });
  const client = makeClient(verbs);
  t.after(() => client.close());
  return [client, verbs];
}

function isInFile(project: Project): boolean {
  const files = ['', '-wal'].map((more) => project.store + more).filter((file) => existsSync(file));
  return files.some((file) => readFileSync(file).includes(SECRET));
}

function makeDue(project: Project): void {
  const db = connect(project.store);
  db.exec('PRAGMA busy_timeout = 5000');
  db.exec('UPDATE schedules SET next_at = next_at - 86400000, due_at = due_at - 86400000');
  db.close();
}

/** How often it was written. */
function epochOf(project: Project): unknown {
  const db = connect(project.store);
  const row = db.prepare("SELECT epoch FROM schedules WHERE name = 'nightly'").get();
  db.close();
  return (row as { epoch: number }).epoch;
}

test('what a schedule submits is encoded, shown to who has the codec, and given to its tasks', async (t) => {
  const project = new Project(t);
  const [client] = await opened(t, project, aes(), 'app');
  const request = { recipe: echo, input: { value: SECRET }, config: CONFIG, metadata: { plain: 'to see' } };
  const added = await client.schedules.add({ ...WHEN, request });
  assert.deepEqual([added.request?.input, added.request?.config, added.undecoded], [request.input, CONFIG, undefined]);
  assert.equal(isInFile(project), false);
  const first = await client.schedules.runNow('nightly');
  assert.deepEqual(await first?.wait(60), { value: SECRET, config: CONFIG });
  const updated = await client.schedules.update('nightly', { when: 'every day at 4am' });
  assert.deepEqual([updated.request?.input, updated.request?.metadata], [request.input, request.metadata]);
  const second = await client.schedules.runNow('nightly');
  assert.deepEqual(await second?.wait(60), { value: SECRET, config: CONFIG });
  assert.equal(isInFile(project), false);
});

test('who has no such codec sees when, not what, and leaves the moment to others, which counts for nothing', async (t) => {
  const project = new Project(t);
  const codec = aes();
  const [owner, owning] = await opened(t, project, codec, 'none');
  const sayings = { recipe: 'echo', input: { value: SECRET } };
  await owner.schedules.add({ ...WHEN, request: sayings });
  const [other, verbs] = await opened(t, project, aes(undefined, 'another'), 'none');
  await other.schedules.add({ name: 'plain', when: 'every day at 3am', request: { recipe: 'nothing' } });
  const seen = await other.schedules.get('nightly');
  const reason =
    "it is kept by the codec 'aes-256-gcm', which is not here: give it to openBackground, or name its module in the configuration";
  assert.deepEqual(seen?.undecoded, { codec: 'aes-256-gcm', kinds: ['request'], reason });
  assert.deepEqual(seen?.request, { recipe: 'echo' });
  const refused = { code: 'codec', message: `the schedule's request: ${reason}` };
  await assert.rejects(other.schedules.runNow('nightly'), refused);
  await assert.rejects(other.schedules.update('nightly', { catchUp: 'none' }), refused);
  assert.equal((await other.schedules.pause('nightly')).state, 'paused');
  assert.equal((await other.schedules.resume('nightly')).state, 'active');
  makeDue(project);
  const { tasks, failed } = await verbs.schedules.runDue();
  assert.equal(tasks.length, 1, 'what it can read is not kept from its turn');
  assert.deepEqual(failed, [{ schedule_id: seen?.scheduleId, name: 'nightly', error: refused }]);
  await assert.rejects(verbs.schedules.runDue(), refused);
  const left = await other.schedules.get('nightly');
  const lastError = refused.message;
  assert.deepEqual([left?.state, left?.fired, left?.lastError], ['active', 0, lastError]);
  assert.deepEqual(left?.scheduleStatus, { signal: 'no_codec', needs_attention: true, next_action: 'codec' });
  assert.ok(Number(left?.nextAt) < Date.now(), 'the moment is still to come');
  await assert.rejects(verbs.schedules.runDue(), refused);
  assert.equal(epochOf(project), 4, 'added, paused, resumed, and noted once');
  const [submitted] = (await owning.schedules.runDue()).tasks;
  assert.deepEqual((await owner.get(submitted?.task_id ?? ''))?.input, sayings.input);
  const cleared = await other.schedules.get('nightly');
  assert.deepEqual([cleared?.lastError, cleared?.scheduleStatus.signal], [null, 'no_worker']);
  assert.equal(isInFile(project), false);
});

test('two that cannot read it for different reasons write theirs once each, and nothing within the first seconds', async (t) => {
  const project = new Project(t);
  const [owner] = await opened(t, project, aes(), 'none');
  await owner.schedules.add({ ...WHEN, request: { recipe: 'echo', input: { value: SECRET } } });
  const lacking = await contextOf(t, project, aes(undefined, 'another'));
  const wrong = await contextOf(t, project, aes());
  const looked = async (context: VerbContext, after: number) => {
    const row = (await context.run('schedules', { which: 'nightly' }))[0]?.row as ScheduleRow;
    await assert.rejects(fireDue(context, row, { now: Number(row.due_at) + after }), { code: 'codec' });
  };
  await looked(lacking, 4999);
  assert.equal(epochOf(project), 1, 'others have not had their turn yet');
  for (const context of [lacking, wrong, lacking, wrong]) await looked(context, 5000);
  assert.equal(epochOf(project), 3);
  assert.match((await owner.schedules.get('nightly'))?.lastError ?? '', /^the schedule's request: .* cannot decode it/);
});

async function contextOf(t: TestContext, { folder, env }: Project, codec: Codec): Promise<VerbContext> {
  const context = await openContext({
    cwd: folder,
    home: folder,
    env,
    mount: 'direct',
    worker: 'none',
    codecs: [codec],
  });
  t.after(() => context.close());
  return context;
}

test('the module of a codec is loaded once: schedules are shown and fired while its file is away', async (t) => {
  const project = new Project(t);
  writeFileSync(project.file('codec.mjs'), MODULE);
  writeFileSync(project.file('offstage.config.json'), JSON.stringify({ codec: './codec.mjs' }));
  const verbs = await openVerbs({ cwd: project.folder, home: project.folder, env: project.env, worker: 'none' });
  t.after(() => verbs.close());
  const request = { recipe: 'echo', input: { value: SECRET } };
  await verbs.schedules.add({ ...WHEN, request });
  rmSync(project.file('codec.mjs'));
  assert.deepEqual((await verbs.schedules.get('nightly')).request, request);
  makeDue(project);
  assert.equal((await verbs.schedules.runDue()).tasks.length, 1);
});

const MODULE = `export default {
  name: 'turned',
  encode: (text) => Buffer.from(text).reverse(),
  decode: (data) => Buffer.from(data).reverse().toString(),
};`;
