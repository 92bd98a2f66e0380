/** Workers that cannot start, have no log, inherit descriptors, or are process 1. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { makeHandle } from '#offstage/client/index.js';
import { WaitTimeoutError } from '#offstage/errors/index.js';
import { Project, until } from '../js/client/project.js';
import { BIN, Cli, Spoken } from './process.js';
import type { Doc } from './scene.js';

/** A project whose workers cannot start: what Node is told to load lies where only the submitter stands. */
class Broken extends Project {
  broken = true;

  override get env(): NodeJS.ProcessEnv {
    return this.broken ? { ...super.env, NODE_OPTIONS: '--require ./setup.cjs' } : super.env;
  }
}

function broken(t: TestContext): Broken {
  const project = new Broken(t);
  mkdirSync(project.file('sub'));
  return project;
}

/** The command line, standing in `sub`; only its own process can load what it is told to. */
function inSub(t: TestContext, project: Broken, ...args: string[]): Spoken {
  const env = { ...project.env, NODE_OPTIONS: '' };
  const code = `process.env.NODE_OPTIONS = '--require ./setup.cjs'; process.argv.splice(1, 1, 'background'); await import(${JSON.stringify(BIN)});`;
  const argv = ['--input-type=module', '-e', code, '--', 'x', ...args];
  return new Spoken(t, spawn(process.execPath, argv, { cwd: project.file('sub'), env }));
}

test('whoever waits is told once why no worker starts and where it is written; the wait goes on', async (t) => {
  const project = broken(t);
  const cli = inSub(
    t,
    project,
    'background',
    'submit',
    '--recipe',
    'echo',
    '--input',
    '{"value":5}',
    '--wait',
    '--quiet',
  );
  await cli.prints(({ stderr }) => stderr.includes('setup.cjs'));
  assert.match(
    cli.stderr,
    /^warning: no worker could be started: it ended at once \(exit code 1\); see .*worker\.log$/m,
  );
  assert.match(cli.stderr, /^Error: Cannot find module '.*setup\.cjs'$/m);
  assert.doesNotMatch(cli.stderr, /node:internal/);
  project.broken = false;
  const { tasks } = await project.json<{ tasks: Doc[] }>('background', 'list');
  const [task] = tasks;
  assert.deepEqual([task?.status, task?.task_status.signals], ['pending', ['no_worker']]);
  const done = await project.json<Doc>('background', 'wait', task?.task_id ?? '', '--timeout', '60');
  assert.deepEqual([done.status, done.attempt], ['completed', 1]);
  const { code, stdout, stderr } = await cli.ended;
  assert.deepEqual([code, stdout], [0, '5\n']);
  assert.equal(stderr.split('no worker could be started').length - 1, 1, stderr);
});

test('a wait that times out says so in its JSON', async (t) => {
  const project = broken(t);
  const submitted = inSub(t, project, 'background', 'submit', '--recipe', 'echo', '--no-worker', '--json');
  const { task_id } = JSON.parse((await submitted.ended).stdout);
  const { code, stdout } = await inSub(t, project, 'background', 'wait', task_id, '--timeout', '3', '--json').ended;
  const { wait_status, warnings } = JSON.parse(stdout);
  assert.deepEqual([code, wait_status, warnings.length], [5, 'timeout', 1]);
  assert.match(warnings[0], /worker\.log[\s\S]*setup\.cjs/);
});

test('an app is told by a warning of its process, and by the error of a wait that timed out', async (t) => {
  const project = broken(t);
  const warnings: string[] = [];
  const onWarning = ({ message }: Error): void => void warnings.push(message);
  process.on('warning', onWarning);
  t.after(() => process.off('warning', onWarning));
  const verbs = await project.verbs(t);
  const [task] = await verbs.submit([{ recipe: project.file('recipes/echo'), input: { value: 1 } }]);
  const handle = makeHandle(verbs, task?.task_id ?? '');
  await until(async () => {
    const error = await handle.wait(0.5).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof WaitTimeoutError);
    return /still waits for a worker: no worker could be started[\s\S]*setup\.cjs/.test(error.message);
  });
  await until(() => warnings.some((text) => text.includes('setup.cjs')));
  assert.equal(warnings.filter((text) => text.includes('no worker could be started')).length, 1);
});

test('a log that cannot be written keeps no worker from its tasks', async (t) => {
  const project = new Project(t);
  mkdirSync(join(project.folder, '.offstage', 'worker.log'), { recursive: true, mode: 0o700 });
  const { code, stdout, stderr } = await project.run(
    ...['background', 'submit', '--recipe', 'echo', '--input', '{"value":7}', '--wait'],
  );
  assert.deepEqual([code, stdout], [0, '7\n']);
  assert.match(stderr, /warning: the worker that was started has no log: .*worker\.log/);
});

const linux = { skip: process.platform !== 'linux' };

test('a detached worker, and its children, hold nothing that their starter was given', linux, async (t) => {
  const project = new Project(t);
  const input = JSON.stringify({ until: project.file('go') });
  const script = `exec 200>lock 9<package.json; flock -n 200 || exit 9
    exec "$0" "$1" background submit --recipe waits --input '${input}' --quiet`;
  const cli = new Spoken(
    t,
    spawn('bash', ['-c', script, process.execPath, BIN], { cwd: project.folder, env: project.env }),
  );
  const { code, stdout } = await cli.ended;
  assert.equal(code, 0);
  await until(async () => (await project.json<Doc>('background', 'status', stdout.trim())).status === 'running');
  const ours = [project.file('lock'), project.file('package.json')];
  const held = project.processes().flatMap((pid) => targets(pid).filter((target) => ours.includes(target)));
  assert.ok(project.processes().length >= 2, 'a worker and a child');
  assert.deepEqual(held, []);
  assert.equal(spawnSync('flock', ['-n', project.file('lock'), 'true']).status, 0);
});

function targets(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return [];
      }
    });
  } catch {
    return [];
  }
}

const UNSHARE = [
  ['-p', '-f', '--mount-proc', '--kill-child'],
  ['-Urpf', '--mount-proc', '--kill-child'],
].find((flags) => spawnSync('unshare', [...flags, 'true']).status === 0);

test('a worker that is process 1 says that it needs an init', {
  skip: UNSHARE === undefined ? 'this machine lets nobody make a pid namespace' : false,
}, async (t) => {
  const project = new Project(t);
  const args = [...(UNSHARE ?? []), process.execPath, BIN, 'background', 'worker', '--exit-when-idle', '0'];
  const cli = new Spoken(t, spawn('unshare', args, { cwd: project.folder, env: project.env }));
  const { stderr, stdout } = await cli.ended;
  assert.match(stderr, /process 1.*--init/);
  assert.match(stdout, /ready process 1/);
});

test('a worker that is not process 1 says nothing of it', async (t) => {
  const project = new Project(t);
  const cli = new Cli(t, project, ['background', 'worker', '--exit-when-idle', '0']);
  assert.deepEqual((await cli.ended).stderr, '');
});
