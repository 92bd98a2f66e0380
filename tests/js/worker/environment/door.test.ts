import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { type Door, type DoorOptions, handOver, openDoor } from '#offstage/worker/environment/door.js';
import type { HandedValue } from '#offstage/worker/environment/environments.js';

const VALUE: HandedValue = { name: 'A', key: 'k', hash: 'h', value: 'v\n"ü' };

function folder(t: TestContext, below = ''): string {
  const root = mkdtempSync(join(tmpdir(), 'offstage-door-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const path = join(root, below);
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

async function open(t: TestContext, options: Partial<DoorOptions> = {}): Promise<Door & { taken: HandedValue[] }> {
  const taken: HandedValue[] = [];
  const onValues = async (values: HandedValue[]): Promise<void> => void taken.push(...values);
  const door = await openDoor({ folder: options.folder ?? folder(t), worker: 'worker_1', onValues, ...options });
  const alive = setInterval(() => {}, 1000); // a door keeps no process alive
  t.after(() => {
    clearInterval(alive);
    return door.close();
  });
  return { ...door, taken };
}

test('values are handed to the worker that is meant, by its user alone', async (t) => {
  const door = await open(t);
  assert.equal(statSync(door.path).mode & 0o777, 0o600);
  await handOver(door.path, 'worker_1', [VALUE]);
  assert.deepEqual(door.taken, [VALUE]);
  await assert.rejects(handOver(door.path, 'worker_2', [VALUE]), /this is worker_1, not worker_2/);
  assert.equal(door.taken.length, 1);
});

test('who hands over is told when they are not taken', async (t) => {
  const door = await open(t, { onValues: async () => Promise.reject(new Error('the store is full')) });
  await assert.rejects(handOver(door.path, 'worker_1', [VALUE]), /the store is full/);
  await assert.rejects(
    handOver(door.path, 'worker_1', [{ name: 'A' } as HandedValue]),
    /expected \{ worker, values \}/,
  );
});

test('nothing is handed to a socket that others can use, and to what is none', async (t) => {
  const door = await open(t);
  chmodSync(door.path, 0o660);
  await assert.rejects(handOver(door.path, 'worker_1', [VALUE]), /is no socket of this user alone/);
  await assert.rejects(handOver(import.meta.filename, 'worker_1', [VALUE]), /is no socket of this user alone/);
  chmodSync(door.path, 0o600);
  chmodSync(dirname(door.path), 0o777);
  await assert.rejects(handOver(door.path, 'worker_1', [VALUE]), /writable by others/);
  assert.deepEqual(door.taken, []);
});

test('a path too long for a socket gives way to a temporary folder, which goes with the door', async (t) => {
  const door = await open(t, { folder: folder(t, 'x'.repeat(120)) });
  assert.ok(Buffer.byteLength(door.path) < 104 && statSync(dirname(door.path)).mode % 0o1000 === 0o700);
  await handOver(door.path, 'worker_1', [VALUE]);
  assert.deepEqual(door.taken, [VALUE]);
  await door.close();
  assert.equal(existsSync(dirname(door.path)), false);
});

test('sockets of dead workers go, those of the living stay', async (t) => {
  const place = folder(t);
  const living = await open(t, { folder: place, worker: 'worker_aa' });
  const dead = createServer();
  await new Promise<void>((resolve) => dead.listen(join(place, 'dead'), resolve));
  // Without its process a socket's file stays; renamed, nobody finds it to remove it.
  renameSync(join(place, 'dead'), join(place, 'worker_dd.sock'));
  await new Promise((resolve) => dead.close(resolve));
  const door = await open(t, { folder: place, worker: 'worker_bb' });
  assert.deepEqual(
    readdirSync(place).sort(),
    [living.path, door.path].map((path) => path.slice(place.length + 1)),
  );
});
