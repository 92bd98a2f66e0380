/** Schedules of a store whose payloads go through a codec. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Client, type Codec, defineRecipe } from '#offstage';
import { makeClient, openVerbs, type Verbs } from '#offstage/client/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
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
  assert.equal((await verbs.schedules.runDue()).length, 1, 'what it can read is not kept from its turn');
  await assert.rejects(verbs.schedules.runDue(), refused);
  const left = await other.schedules.get('nightly');
  assert.deepEqual([left?.state, left?.fired, left?.lastError], ['active', 0, null]);
  const [submitted] = await owning.schedules.runDue();
  assert.deepEqual((await owner.get(submitted?.task_id ?? ''))?.input, sayings.input);
  assert.equal(isInFile(project), false);
});
