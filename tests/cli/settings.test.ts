/** `offstage config`: every setting, its value, where that comes from; what is said to hold does hold. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { KEYS } from '#offstage/client/config.js';
import type { Setting } from '#offstage/client/index.js';
import { BIN, Scene } from './scene.js';

const LIMIT = { timeout: 120_000 };

interface Doc {
  ok: boolean;
  file: string | null;
  settings: Setting[];
}

const settings = async (scene: Scene, ...flags: string[]): Promise<Map<string, Setting>> => {
  const doc = await scene.project.json<Doc>('config', 'list', ...flags);
  assert.equal(doc.ok, true);
  return new Map(doc.settings.map((one) => [one.key, one]));
};

test('without a file all are defaults; they are those that tasks get', LIMIT, async (t) => {
  const scene = new Scene(t);
  const all = await settings(scene);
  assert.deepEqual(all.get('store'), {
    key: 'store',
    value: scene.project.store,
    from: 'default',
    where: 'nearest_package',
  });
  const groups = ['background', 'agents', 'agents.tools', 'agents.budget'];
  for (const key of Object.keys(KEYS)) if (!groups.includes(key)) assert.ok(all.has(key), key);
  assert.deepEqual(all.get('OFFSTAGE_WORKER_IDLE'), {
    key: 'OFFSTAGE_WORKER_IDLE',
    value: 120,
    from: 'environment',
    where: 'OFFSTAGE_WORKER_IDLE',
  });
  const { task_id } = await scene.cli('submit', '--recipe', 'echo', '--input', '{"value":1}', '--wait');
  const value = (name: string): unknown => all.get(`background.${name}`)?.value;
  assert.equal((await scene.status(task_id)).timeout_sec, value('taskTimeout'));
  const { record } = scene.stored(task_id);
  assert.equal(JSON.parse(record).cleanup_delay_ms, Number(value('cleanupDelaySec')) * 1000);
  const [{ seen = 0, drop = 0 } = {}] = scene.sql<{ seen: number; drop: number }>(
    'SELECT seen_at AS seen, drop_at AS "drop" FROM tasks WHERE id = ?',
    task_id,
  );
  assert.equal(drop - seen, Number(value('cleanupDelaySec')) * 1000);
  await scene.cli('submit', '--key', 'k', '--wait', '--', 'true');
  await scene.cli('submit', '--wait', '--', 'false');
  const kept = scene.sql<{ end: number; seen: number; drop: number; status: string }>(
    'SELECT completed_at AS "end", seen_at AS seen, drop_at AS "drop", status FROM tasks ORDER BY seq DESC LIMIT 2',
  );
  const [failed, keyed] = kept;
  assert.equal((failed?.drop ?? 0) - (failed?.seen ?? 0), Number(value('keepFailedSec')) * 1000);
  assert.equal((keyed?.drop ?? 0) - (keyed?.end ?? 0), Number(value('keepKeyedSec')) * 1000);
});

test('a value of the file, of the environment and of an option says so', LIMIT, async (t) => {
  const scene = new Scene(t);
  const file = scene.file('offstage.config.json');
  mkdirSync(scene.file('more'));
  writeFileSync(file, '{"recipes": ["more"], "store": "a.db", "background": {"taskTimeout": "30m", "enabled": true}}');
  const all = await settings(scene);
  assert.deepEqual(all.get('store'), { key: 'store', value: scene.file('a.db'), from: 'file', where: file });
  assert.deepEqual(all.get('recipes'), { key: 'recipes', value: [scene.file('more')], from: 'file', where: file });
  assert.deepEqual(all.get('background.taskTimeout')?.value, '30m');
  assert.equal(all.get('background.yieldMs')?.from, 'default');
  const named = (await settings(scene, '--store', 'b.db')).get('store');
  assert.deepEqual([named?.value, named?.from, named?.where], [scene.file('b.db'), 'option', '--store']);
  const one = await scene.project.run('config', 'get', 'background.taskTimeout');
  assert.deepEqual([one.code, one.stdout], [0, '30m\n']);
  const list = await scene.project.run('config');
  assert.match(list.stdout, /^background\.taskTimeout = 30m {2}\(file: .*offstage\.config\.json\)$/m);
  assert.match(list.stdout, /^background\.yieldMs = none {2}\(default\)$/m);
  assert.equal(list.stderr, `File: ${file}\n`);
  const env = { ...scene.project.env, OFFSTAGE_STORE: '/x/y.db', OFFSTAGE_RECIPE_PATH: '/r1:/r2' };
  const told = await new Promise<Doc>((resolve) =>
    execFile(process.execPath, [BIN, 'config', '--json'], { cwd: scene.folder, env }, (_, stdout) =>
      resolve(JSON.parse(stdout)),
    ),
  );
  const ofEnv = told.settings.filter(({ from }) => from === 'environment').map(({ key, value }) => [key, value]);
  assert.deepEqual(ofEnv, [
    ['store', '/x/y.db'],
    ['OFFSTAGE_RECIPE_PATH', ['/r1', '/r2']],
    ['OFFSTAGE_WORKER_IDLE', 120],
  ]);
  writeFileSync(file, '{"background": {"taskTimout": 1}}');
  const broken = await scene.project.run('config');
  assert.deepEqual([broken.code, broken.stdout], [2, '']);
  assert.match(broken.stderr, /unknown key 'background\.taskTimout'; did you mean 'background\.taskTimeout'\?/);
});
