import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Examination } from '#offstage/client/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { Project } from '../js/client/project.js';
import { Faked } from '../js/platform/faked.js';
import { until } from '../waiting.js';

type Doc = Examination & { ok: boolean; exit: number };

const doctor = (project: Project, ...args: string[]) => project.json<Doc>('doctor', ...args);
const is = ({ platform }: Doc, id: string) => platform.promises.find((one) => one.id === id)?.is;

test('doctor names the store and why it is that, before there is one, and makes none', async (t) => {
  const project = new Project(t);
  const found = await doctor(project);
  assert.deepEqual([found.ok, found.exit, found.refused, found.workers], [true, 0, [], []]);
  assert.deepEqual(
    [found.store?.path, found.store?.because, found.store?.exists, found.store?.schema, found.store?.key],
    [project.store, 'nearest_package', false, null, 'absent'],
  );
  assert.equal(existsSync(join(project.folder, '.offstage')), false);
  assert.equal(found.node.version, process.versions.node);
  assert.ok(found.node.supported);
  assert.match(found.sqlite?.version ?? '', /^3\.\d+/);
  assert.deepEqual([found.platform.os, found.platform.column, is(found, 'detached')], ['linux', 'linux', 'tested']);
});

test('doctor says who works for the store, and who has died, and decides nothing', async (t) => {
  const project = new Project(t);
  const input = JSON.stringify({ until: project.file('never') });
  await project.json('background', 'submit', '--recipe', 'waits', '--input', input);
  const [worker] = await until(async () => {
    const { workers } = await doctor(project);
    return workers[0]?.state === 'live' ? workers : undefined;
  });
  assert.deepEqual([worker?.alive, worker?.folders, worker?.recipes, worker?.concurrency], [true, true, [], 5]);
  await until(async () => (await doctor(project)).store?.tasks?.running === 1);
  process.kill(worker?.pid as number, 'SIGKILL');
  const after = await until(async () => {
    const found = await doctor(project);
    return found.workers.some(({ alive }) => !alive) ? found : undefined;
  });
  assert.deepEqual([after.workers.length, after.store?.tasks?.running], [1, 1], 'a look has decided something');
  const { stdout } = await project.run('doctor');
  assert.match(
    stdout,
    /Worker: worker_\w+ \(pid \d+ on \S+, gone: the next verb decides its tasks\), 5 at once: folders/,
  );
  await project.json('background', 'clear', '--all');
});

for (const [because, how] of [
  ['option', (project: Project) => ({ args: ['--store', project.file('other/tasks.db')] })],
  ['environment', (project: Project) => ({ env: { OFFSTAGE_STORE: project.file('other/tasks.db') } })],
  [
    'configuration',
    (project: Project) => {
      writeFileSync(project.file('offstage.config.json'), '{ "store": "other/tasks.db" }');
      return {};
    },
  ],
] as const) {
  test(`doctor says that a store is named by ${because}`, async (t) => {
    const project = new Project(t);
    const { args = [], env = {} } = how(project) as { args?: string[]; env?: NodeJS.ProcessEnv };
    Object.defineProperty(project, 'env', { value: { ...project.env, ...env } });
    const { store } = await doctor(project, ...args);
    assert.deepEqual([store?.because, store?.path, store?.exists], [because, project.file('other/tasks.db'), false]);
  });
}

test('doctor says what is refused, and exits with 0: store, key, configuration, file system, schema', async (t) => {
  const project = new Project(t);
  await project.json('background', 'submit', '--recipe', 'echo', '--no-worker');
  const refused = async (...args: string[]) => {
    const found = await doctor(project, ...args);
    assert.deepEqual([found.ok, found.exit], [true, 0]);
    return found.refused.map(({ what, code, error }) => `${what} ${code}: ${error}`);
  };
  writeFileSync(project.file('.offstage/env.key'), 'short', { mode: 0o644 });
  chmodSync(project.file('.offstage/env.key'), 0o644);
  assert.match((await refused()).join('\n'), /^key store: .*env\.key can be read by others \(mode 644\)/);
  const db = connect(project.store);
  db.exec('PRAGMA user_version = 9999');
  db.close();
  assert.match((await refused()).join('\n'), /store store: .*9999/);
  writeFileSync(project.file('offstage.config.json'), '{ "background": { "enabled": false } }');
  assert.match((await refused()).join('\n'), /submit policy_denied: switched off by the configuration/);
  writeFileSync(project.file('offstage.config.json'), '{ "bakground": {} }');
  assert.match((await refused()).join('\n'), /store invalid_argument: .*bakground.*did you mean 'background'/);
  const { code, stdout } = await project.run('doctor');
  assert.equal(code, 0);
  assert.match(stdout, /Store: none that could be used/);
});

test('doctor refuses a folder that does not count with the same reason as any verb', async (t) => {
  const project = new Project(t);
  chmodSync(project.folder, 0o777);
  const found = await doctor(project);
  const list = await project.json<{ error: string; code: string }>('background', 'list');
  assert.deepEqual([found.ok, found.exit, found.store, list.exit], [true, 0, null, 4]);
  assert.deepEqual(
    found.refused.map(({ code, error }) => [code, error]),
    [[list.code, list.error]],
  );
});

test('doctor neither fills an empty file nor brings an older store forward', async (t) => {
  const project = new Project(t);
  mkdirSync(project.file('.offstage'), { mode: 0o700 });
  writeFileSync(project.store, '', { mode: 0o600 });
  const { store } = await doctor(project);
  assert.deepEqual([store?.exists, store?.schema, readdirSync(project.file('.offstage'))], [true, null, ['tasks.db']]);
});

test('doctor says what to type: for what nobody can run, and for a store that is not there', async (t) => {
  const project = new Project(t);
  const [first] = (await doctor(project)).troubles;
  assert.deepEqual(first?.help, [{ type: ['background', 'submit', '--recipe', 'bigint'] }]);
  project.addRecipe('needy', 'export default () => 1;', 'requires:\n  env: [NOBODY_HAS_THIS]\n');
  Object.defineProperty(project, 'env', { value: { ...project.env, NOBODY_HAS_THIS: 'value' } });
  const { task_id } = await project.json<{ task_id: string }>(
    'background',
    'submit',
    '--recipe',
    'needy',
    '--no-worker',
  );
  const [lonely] = (await doctor(project)).troubles;
  assert.deepEqual(lonely, {
    trouble: `1 task that no living worker can run, such as ${task_id}: none has NOBODY_HAS_THIS`,
    help: [{ say: 'where NOBODY_HAS_THIS is set:' }, { type: ['background', 'worker'] }],
  });
  const { stdout } = await project.run('doctor', '--store', project.store);
  assert.ok(stdout.includes(`    type: offstage background worker --store ${project.store}\n`), stdout);
});

test('doctor on Windows, and on macOS: what is promised there, and what is refused and why', async (t) => {
  const windows = await doctor(new Faked(t, 'win32'));
  assert.deepEqual([windows.exit, windows.platform.column, windows.store?.file_system], [0, 'windows', null]);
  assert.deepEqual(
    ['runner', 'detached', 'private'].map((id) => is(windows, id)),
    ['simulated', 'refused', 'not promised'],
  );
  const [folders] = windows.refused;
  assert.deepEqual([folders?.what, folders?.code], ['recipes that are folders', 'policy_denied']);
  assert.match(folders?.error ?? '', /WSL/);
  const macos = await doctor(new Faked(t, 'darwin'));
  assert.deepEqual([macos.platform.column, macos.refused], ['macos', []]);
  assert.deepEqual(
    ['detached', 'orphans'].map((id) => is(macos, id)),
    ['simulated', 'not promised'],
  );
});

test('doctor is in the help, and refuses what it does not know', async (t) => {
  const project = new Project(t);
  assert.match((await project.run('--help')).stdout, /^ +doctor +say what works here/m);
  assert.match((await project.run('doctor', '--help')).stdout, /^Usage: offstage doctor \[options\]/m);
  assert.deepEqual([(await project.run('doctor', 'now')).code, (await project.run('doctor', '--now')).code], [2, 2]);
  assert.match((await project.run('docter')).stderr, /unknown command "docter".*doctor/);
});
