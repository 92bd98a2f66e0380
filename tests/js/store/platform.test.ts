/** Processes as other systems tell of them; what is asked runs in a process that believes to be there. */

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { startTime } from '#offstage/platform/process.js';
import { heard, until } from '../../waiting.js';
import { pretending } from '../platform/faked.js';

const PROCESS = import.meta.resolve('#offstage/platform/process.js');
const SIGHT = import.meta.resolve('#offstage/store/sight.js');
const REAP = import.meta.resolve('#offstage/reap/index.js');

/** What a process of that platform answers. */
function asked(platform: 'darwin' | 'win32', code: string, ...args: unknown[]): unknown {
  const script = `const { startTime, isAlive, hasLiveMember, here } = await import(${JSON.stringify(PROCESS)});
    const { sight } = await import(${JSON.stringify(SIGHT)});
    const reap = await import(${JSON.stringify(REAP)});
    const { due } = reap;
    const killGroup = (pgid, start_time, owner) => reap.killGroup({ pgid, start_time }, owner);
    const args = ${JSON.stringify(args)};
    console.log(JSON.stringify((await (${code})(...args)) ?? null));`;
  const env = { ...process.env, NODE_OPTIONS: pretending(platform), HOME: '/nonexistent' };
  const how = { env, encoding: 'utf8', detached: true } as const; // it leads a group of its own
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], how));
}

/** The leader of a group with one more member; both print when they are there. */
async function group(t: TestContext): Promise<number> {
  const child = spawn('sh', ['-c', 'sleep 1000 & echo ready; wait'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const pid = child.pid as number;
  t.after(() => {
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // it is gone, as it should be
    }
  });
  await heard(child.stdout, 'data');
  return pid;
}

test('macOS: a process is told from others by when it started, which ps(1) tells everybody alike', async (t) => {
  const pid = await group(t);
  const start = asked('darwin', 'startTime', pid);
  assert.match(String(start), /^\w+ \w+ +\d+ \d\d:\d\d:\d\d \d{4}$/);
  assert.notEqual(start, startTime(pid), 'it is not what /proc says');
  assert.equal(asked('darwin', 'startTime', pid), start);
  assert.equal(asked('darwin', 'isAlive', pid, start), true);
  assert.equal(asked('darwin', 'isAlive', pid, 'Mon Jan  1 00:00:00 2001'), false, 'another one with its pid');
});

test('macOS: a zombie does not live, nor does its group', () => {
  const zombie = `async () => {
    const { spawn, execFileSync } = process.getBuiltinModule('node:child_process');
    const { pid } = spawn('sh', ['-c', 'read line'], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    const start = startTime(pid);
    const before = [isAlive(pid, start), hasLiveMember(pid)];
    process.kill(pid, 'SIGKILL'); // and nobody asks for its end while this runs
    while (!execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z'));
    return [...before, isAlive(pid, start), hasLiveMember(pid), await killGroup(pid, start, 'worker')];
  }`;
  assert.deepEqual(asked('darwin', zombie), [true, true, false, false, true]);
});

test('macOS: a group is ended with all its members, that of a stranger is left alone', async (t) => {
  const pid = await group(t);
  const start = asked('darwin', 'startTime', pid);
  assert.equal(asked('darwin', 'hasLiveMember', pid, pid), true, 'the leader itself does not count here');
  assert.equal(asked('darwin', 'killGroup', pid, 'Mon Jan  1 00:00:00 2001', 'worker'), true);
  assert.equal(asked('darwin', 'hasLiveMember', pid), true, 'a stranger was killed');
  assert.equal(asked('darwin', 'killGroup', pid, start, 'worker'), true);
  assert.equal(asked('darwin', 'hasLiveMember', pid), false);
});

test('macOS: a process that leads its group alone is told so, though ps(1) is in its group', () => {
  const scene = `() => {
    const { spawn } = process.getBuiltinModule('node:child_process');
    const alone = hasLiveMember(process.pid, process.pid);
    const child = spawn('sleep', ['1000'], { stdio: 'ignore' });
    const joined = hasLiveMember(process.pid, process.pid);
    child.kill('SIGKILL');
    return [alone, joined];
  }`;
  assert.deepEqual(asked('darwin', scene), [false, true]);
});

test('macOS: where ps(1) cannot be asked nobody is taken for dead', () => {
  const scene = `async (pid) => {
    const start = startTime(pid);
    process.getBuiltinModule('node:child_process').spawnSync = () => ({ error: new Error('spawn ps EAGAIN') });
    const refused = async (look) => { try { return await look(); } catch (error) { return error.message; } };
    return [isAlive(pid, start), await refused(() => startTime(pid)), await refused(() => killGroup(pid, start, 'worker'))];
  }`;
  const message = 'ps(1) cannot be asked about processes: spawn ps EAGAIN';
  assert.deepEqual(asked('darwin', scene, process.pid), [true, message, message]);
});

test('macOS: members of a group whose leader is gone are not ended, and that is said', async (t) => {
  const pid = await group(t);
  const start = asked('darwin', 'startTime', pid);
  process.kill(pid, 'SIGKILL');
  await until(() => startTime(pid) === undefined);
  assert.equal(asked('darwin', 'killGroup', pid, start, 'worker'), false);
  assert.equal(asked('darwin', 'hasLiveMember', pid), true);
});

test('Windows: no process can be told from a later one with its pid', () => {
  assert.equal(asked('win32', 'startTime', process.pid), null);
  assert.equal(asked('win32', '() => sight.canSee(here())'), false);
  assert.equal(asked('darwin', '() => sight.canSee(here())'), true);
});

test('Windows: a worker is judged by its lease alone, which a judge has to see unrenewed for 30 s', () => {
  const scenario = `async (path) => {
    const { Machine, running, taskOf, watch } = await import(path);
    const left = [];
    const machine = new Machine({ after: (leave) => left.push(leave) });
    const id = await running(await machine.process(), { start_time: '' }); // of a process that is not there
    const judge = await machine.process();
    await due(judge);
    const seen = [];
    for (const ms of [29_000, 1_000]) {
      await watch(machine, judge, ms);
      const { status, reason } = await taskOf(judge, id);
      seen.push([status, reason]);
    }
    for (const leave of left.reverse()) await leave();
    return seen;
  }`;
  const seen = asked('win32', scenario, new URL('./machine.js', import.meta.url).href);
  assert.deepEqual(seen, [
    ['running', null],
    ['failed', 'lease_expired'],
  ]);
});
