import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project, until } from '../js/client/project.js';
import { BIN, Cli, Spoken } from './process.js';

type Doc = TaskJson & { taskId: string };

const never = (project: Project): string => JSON.stringify({ until: project.file('never') });

test('Ctrl-C ends a wait with 130 and leaves the task running', async (t) => {
  const project = new Project(t);
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'waits', '-i', never(project));
  for (const [signal, exit] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    const cli = new Cli(t, project, ['background', 'wait', task_id]);
    await cli.prints(({ stderr }) => stderr.includes(`Waiting for ${task_id}`));
    cli.child.kill(signal);
    const { code, stdout, stderr } = await cli.ended;
    assert.deepEqual([code, stdout], [exit, '']);
    const go = `Go on: offstage background wait ${task_id}`;
    assert.ok(stderr.endsWith(`error: stopped waiting; task ${task_id} runs on\n${go}\n`), stderr);
  }
  const status = await project.json<Doc>('background', 'status', task_id);
  assert.ok(['pending', 'running'].includes(status.status), status.status);
});

test('Ctrl-C cancels what recipe run waits for', async (t) => {
  const project = new Project(t);
  const cli = new Cli(t, project, ['recipe', 'run', 'waits', '-i', never(project)]);
  await cli.prints(({ stderr }) => stderr.includes('Running task_'));
  cli.child.kill('SIGINT');
  const { code, stdout, stderr } = await cli.ended;
  assert.deepEqual([code, stdout], [130, '']);
  const id = /cancelled task (task_[0-9a-f]{32})/.exec(stderr)?.[1] ?? '';
  assert.equal((await project.json<Doc>('background', 'status', id)).status, 'cancelled');
});

test('a worker in the foreground prints its events, and stops in order at SIGTERM', async (t) => {
  const project = new Project(t);
  const cli = new Cli(t, project, ['background', 'worker', '--concurrency', '1', '--json']);
  await cli.prints(({ stdout }) => stdout.includes('"ready"'));
  const done = await project.json<Doc>(
    'background',
    'submit',
    '--recipe',
    'echo',
    '-i',
    '{"value":1}',
    '--wait',
    '--no-worker',
  );
  assert.deepEqual([done.status, done.exit], ['completed', 0]);
  const running = await project.json<Doc>(
    'background',
    'submit',
    '--recipe',
    'waits',
    '-i',
    never(project),
    '--no-worker',
  );
  await cli.prints(({ stdout }) => stdout.split('"started"').length === 3);
  const begun = async () => (await project.json<Doc>('background', 'status', running.task_id)).progress === 0.25;
  await until(begun, { what: 'its code to begin' }); // one that has not is given back uncounted
  cli.child.kill('SIGTERM');
  const { code, stdout, stderr } = await cli.ended;
  assert.deepEqual([code, stderr], [143, '']);
  const events = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { event: string; task_id?: string; pid: number });
  assert.deepEqual(
    events.slice(0, 4).map(({ event, task_id }) => [event, task_id]),
    [
      ['ready', undefined],
      ['started', done.task_id],
      ['finished', done.task_id],
      ['started', running.task_id],
    ],
  );
  assert.equal(events.at(-1)?.event, 'stopped');
  assert.ok(events.every(({ pid }) => pid === cli.child.pid));
  const lost = await project.json<Doc>('background', 'status', running.task_id);
  assert.deepEqual([lost.status, lost.error?.code], ['failed', 'lost']);
});

test('a worker without work ends by itself', async (t) => {
  const project = new Project(t);
  const { code, stdout } = await project.run('background', 'worker', '--exit-when-idle', '0.05');
  assert.equal(code, 0);
  assert.match(stdout, /^\S+Z ready process \d+\n(.*\n)*\S+Z stopped process \d+ \S+\n$/);
});

test('input comes from stdin, and a result of megabytes goes to a pipe in full', async (t) => {
  const project = new Project(t);
  const cli = new Cli(t, project, ['recipe', 'run', 'echo', '--input', '-', '--quiet']);
  const value = 'äöü\n'.repeat(500_000);
  cli.child.stdin?.end(JSON.stringify({ value }));
  const { code, stdout, stderr } = await cli.ended;
  assert.deepEqual([code, stderr, stdout.length], [0, '', value.length]);
  assert.ok(stdout === value);
});

test('a pipe that does not block and is read slowly gets all of it before the process ends', async (t) => {
  const project = new Project(t);
  const cli = new Cli(t, project, [
    'background',
    'submit',
    '--recipe',
    'echo',
    '--input',
    '-',
    '--no-worker',
    '--json',
  ]);
  cli.child.stdin?.end(JSON.stringify({ value: 'x'.repeat(1_000_000) }));
  const { task_id } = JSON.parse((await cli.ended).stdout) as Doc;
  const path = project.file('pipe');
  execFileSync('mkfifo', [path]);
  const pipe = openSync(path, constants.O_RDWR | constants.O_NONBLOCK); // whoever writes there does not block either
  t.after(() => closeSync(pipe));
  const args = [BIN, 'background', 'status', task_id, '--json'];
  const { cwd, env } = { cwd: project.folder, env: project.env };
  const status = new Spoken(t, spawn(process.execPath, args, { cwd, env, stdio: ['ignore', pipe, 'pipe'] }));
  let text = '';
  const isWhole = () => {
    text += taken(pipe);
    return text.endsWith('\n');
  };
  await until(isWhole, { what: 'the whole document' });
  const { code, stderr } = await status.ended;
  assert.deepEqual([code, stderr], [0, '']);
  assert.equal((JSON.parse(text) as { input: { value: string } }).input.value.length, 1_000_000);
});

/** What is in a pipe, up to less than it holds. */
function taken(pipe: number): string {
  const some = Buffer.alloc(20_000);
  try {
    return some.toString('utf8', 0, readSync(pipe, some));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    return '';
  }
}

test('a reader that closes early is no error', async (t) => {
  const project = new Project(t);
  const big = JSON.stringify({ value: 'x'.repeat(2_000_000) });
  const cli = new Cli(t, project, ['recipe', 'run', 'echo', '--input', '-', '--json']);
  cli.child.stdin?.end(big);
  cli.child.stdout?.destroy();
  const { code, stderr } = await cli.ended;
  assert.deepEqual([code, stderr], [0, '']);
  const head = execFileSync('sh', ['-c', `"${process.execPath}" "${BIN}" background --help | head -c 1`], {
    encoding: 'utf8',
  });
  assert.equal(head.length, 1);
});

test('the bin background is offstage background, and both are executable', async (t) => {
  const project = new Project(t);
  const background = fileURLToPath(import.meta.resolve('#offstage/cli/background.cjs'));
  for (const bin of [BIN, background]) assert.ok(readFileSync(bin, 'utf8').startsWith('#!/usr/bin/env node\n'));
  const cli = new Cli(t, project, ['submit', '--recipe', 'echo', '--no-worker', '--delay', '1h'], background);
  const { code, stdout, stderr } = await cli.ended;
  assert.equal(code, 0);
  assert.match(stderr, new RegExp(`^Status: background status ${stdout.trim()}$`, 'm'));
  const list = new Cli(t, project, ['list', '--json'], background);
  assert.equal((JSON.parse((await list.ended).stdout) as { total: number }).total, 1);
});

test('a warning is one line on stderr, and none with --quiet', async (t) => {
  const project = new Project(t);
  const args = ['background', 'submit', '--recipe', 'echo', '--timeout', '100000', '--no-worker', '--delay', '1h'];
  const loud = await project.run(...args);
  assert.match(loud.stderr, /^warning: .*100000.*milliseconds/m);
  assert.equal(loud.code, 0);
  assert.equal((await project.run(...args, '--quiet')).stderr, '');
  const json = await project.run(...args, '--json');
  assert.equal((JSON.parse(json.stdout) as { ok: boolean }).ok, true);
});

test('a working directory that is gone is an error that says so', (t) => {
  const project = new Project(t);
  const command = `mkdir gone && cd gone && rmdir ../gone && "$0" "$@"`;
  const args = ['-c', command, process.execPath, BIN, 'background', 'list', '--json'];
  const { status, stdout } = spawnSync('sh', args, { cwd: project.folder, env: project.env, encoding: 'utf8' });
  assert.equal(status, 2);
  assert.match(JSON.parse(stdout).error, /working directory does not exist/);
});

test('a stdout that cannot be written is one line on stderr, no stack', (t) => {
  const project = new Project(t);
  const stdout = openSync('/dev/full', 'w');
  t.after(() => closeSync(stdout));
  const args = [BIN, 'background', 'list', '--json'];
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: project.folder,
    env: project.env,
    encoding: 'utf8',
    stdio: ['ignore', stdout, 'pipe'],
  });
  assert.equal(status, 1);
  assert.match(stderr, /^error: .*ENOSPC.*\n$/);
});
