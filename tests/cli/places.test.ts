/** Stores on a full disk and on a read-only mount: small file systems of their own, which only root may mount. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { BIN, Scene, until } from './scene.js';

const MAY_MOUNT = spawnSync('unshare', ['-m', 'true']).status === 0;
const ROOT = { skip: MAY_MOUNT ? false : 'only root may mount' };

/** Runs commands one after the other in a mount namespace of its own, in which `mount` was done before; as documents. */
function inside(
  scene: Scene,
  mount: string,
  ...commands: string[][]
): { code: number; doc: Record<string, unknown> }[] {
  const quoted = (words: string[]): string => words.map((word) => `'${word}'`).join(' ');
  const lines = commands.map((args) => `${quoted([process.execPath, BIN, ...args, '--json'])}; echo " $?"`);
  const out = execFileSync('unshare', ['-m', 'sh', '-c', [mount, ...lines].join('\n')], {
    cwd: scene.folder,
    env: scene.project.env,
    encoding: 'utf8',
  });
  const rows = out.trim().split('\n');
  return commands.map((_, n) => ({ doc: JSON.parse(rows[2 * n] as string), code: Number(rows[2 * n + 1]) }));
}

const READ_ONLY = (folder: string): string =>
  `mount --bind '${folder}' '${folder}' && mount -o remount,ro,bind '${folder}'`;

async function submitted(t: TestContext): Promise<{ scene: Scene; id: string }> {
  const scene = new Scene(t);
  const id = await scene.submit('counted', '--no-worker');
  return { scene, id };
}

test('a store on a read-only mount is read; a write says that it is read-only', ROOT, async (t) => {
  const { scene, id } = await submitted(t);
  const [list, status, refused, check] = inside(
    scene,
    READ_ONLY(scene.folder),
    ['background', 'list'],
    ['background', 'status', id],
    ['background', 'cancel', id],
    ['store', 'check'],
  );
  assert.deepEqual([list?.code, list?.doc.total, status?.doc.status], [0, 1, 'pending']);
  assert.deepEqual([refused?.code, (refused?.doc.details as { reason: string } | undefined)?.reason], [1, 'readonly']);
  assert.equal(check?.doc.ok, true);
});

test('the same with a log that a killed process left over: what only the log has is read', ROOT, async (t) => {
  const { scene } = await submitted(t);
  await scene.worker('--concurrency', '1');
  await scene.written('runs');
  await scene.killAll();
  const [list] = inside(scene, READ_ONLY(scene.folder), ['background', 'list']);
  const [task] = (list?.doc.tasks ?? []) as { status: string; task_status: { kind: string } }[];
  assert.deepEqual([task?.status, task?.task_status.kind], ['running', 'overdue']);
});

test('a full disk is named by reads', ROOT, async (t) => {
  const scene = new Scene(t);
  const folder = scene.file('.offstage');
  mkdirSync(folder, { mode: 0o700 });
  const [list] = inside(
    scene,
    `mount -t tmpfs -o size=2m,mode=700 tmpfs '${folder}'
     '${process.execPath}' '${BIN}' background submit --recipe echo --no-worker --quiet > /dev/null
     dd if=/dev/zero of='${folder}/fill' bs=4k 2> /dev/null; true`,
    ['background', 'list'],
  );
  assert.deepEqual([list?.code, list?.doc.code], [1, 'store']);
  assert.match(String(list?.doc.error), /the disk is full/);
});

test(
  'who has a store open in another file system, where its file has the same number, holds up nobody',
  ROOT,
  async (t) => {
    const scene = new Scene(t);
    const folders = ['one', 'two'].map((name) => scene.file(name));
    for (const folder of folders) mkdirSync(folder, { mode: 0o700 });
    const [one, two] = folders.map((folder) => `${folder}/tasks.db`) as [string, string];
    const mounts = folders.map((folder) => `mount -t tmpfs -o size=4m,mode=700 tmpfs '${folder}'`).join('\n');
    const [submitted, list] = inside(
      scene,
      `${mounts}
     '${process.execPath}' '${BIN}' background worker --store '${one}' --quiet > worker.out 2>&1 &
     timeout 60 sh -c 'while ! grep -q ready worker.out; do sleep 0.05; done'
     '${process.execPath}' '${BIN}' background submit --recipe echo --no-worker --store '${two}' --quiet > /dev/null
     [ "$(stat -c %i '${one}')" = "$(stat -c %i '${two}')" ] && [ ! -e '${two}-wal' ] || exit 9`,
      ['background', 'submit', '--recipe', 'echo', '--no-worker', '--store', two],
      ['background', 'list', '--store', two],
    );
    assert.deepEqual([submitted?.code, list?.code, list?.doc.total], [0, 0, 2], JSON.stringify([submitted, list]));
    await scene.killAll();
    await until(() => scene.project.processes().length === 0);
  },
);

test('a full disk while a worker has the store open: reads answer from what is stored', ROOT, async (t) => {
  const scene = new Scene(t);
  const folder = scene.file('.offstage');
  mkdirSync(folder, { mode: 0o700 });
  const worker = `'${process.execPath}' '${BIN}' background worker --quiet > worker.out 2>&1 &`;
  const [list, gone] = inside(
    scene,
    `mount -t tmpfs -o size=2m,mode=700 tmpfs '${folder}'
     ${worker}
     timeout 60 sh -c 'while ! grep -q ready worker.out; do sleep 0.05; done'
     '${process.execPath}' '${BIN}' background submit --recipe counted --input '{"folder":"${scene.folder}"}' --quiet > /dev/null
     timeout 60 sh -c 'while [ ! -s runs ]; do sleep 0.05; done'
     dd if=/dev/zero of='${folder}/fill' bs=4k 2>/dev/null; true`,
    ['background', 'list'],
    ['background', 'status', 'task_00000000000000000000000000000000'],
  );
  assert.deepEqual([list?.code, list?.doc.total, gone?.doc.code], [0, 1, 'task_not_found']);
  await scene.killAll();
  await until(() => scene.project.processes().length === 0);
});
