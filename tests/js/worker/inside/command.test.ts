/** Command recipes in a real child process. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { CommandProgram } from '#offstage/program/command/reading-command.js';
import { endGroup } from '#offstage/worker/children/group.js';
import type { FromChild, RunMessage } from '#offstage/worker/protocol.js';
import { within } from '../../../waiting.js';
import { isLive, kill, membersOf, until } from '../processes.js';
import { errorOf, resultOf, start } from './commands.js';

test('input comes on stdin and in a file of its own, config in another, all gone afterwards', async (t) => {
  const { folder, temporary, sh, run } = await start(t);
  const input = { text: 'ä\n', n: [1] };
  assert.deepEqual(await resultOf(sh('cat', { input })), input);
  assert.deepEqual(await resultOf(sh('cat "$OFFSTAGE_INPUT_FILE"', { input })), input);
  assert.deepEqual(await resultOf(sh('cat "$OFFSTAGE_CONFIG_FILE"', { config: { k: 1 } })), { k: 1 });
  assert.equal(
    await resultOf(sh('stat -c "m%a" "$OFFSTAGE_INPUT_FILE" "$(dirname "$OFFSTAGE_INPUT_FILE")"')),
    'm600\nm700',
  );
  const path = await resultOf(sh('echo "$OFFSTAGE_INPUT_FILE"'));
  assert.ok(String(path).startsWith(temporary));
  assert.equal(existsSync(String(path)), false);
  assert.equal(existsSync(join(String(path), '..')), false);
  assert.equal(await resultOf(sh('pwd')), folder);
  // A large input that nobody reads harms nobody.
  assert.equal(await resultOf(run(['-p', '1'], { input: 'x'.repeat(4_000_000) })), 1);
});

test('the environment is the few variables that are passed, what the run brings, and what is its own', async (t) => {
  const { folder, temporary, run } = await start(t);
  const read = run(['-p', 'JSON.stringify(process.env)'], { env: { API_KEY: 'k' } });
  const { OFFSTAGE_INPUT_FILE, OFFSTAGE_CONFIG_FILE, ...env } = (await resultOf(read)) as Record<string, string>;
  assert.ok(OFFSTAGE_INPUT_FILE?.startsWith(temporary) && OFFSTAGE_CONFIG_FILE?.startsWith(temporary));
  assert.deepEqual(env, {
    PATH: process.env.PATH,
    HOME: folder,
    TMPDIR: temporary,
    LANG: 'C',
    API_KEY: 'k',
    OFFSTAGE_GROUP: 'worker_1',
    OFFSTAGE_TASK_ID: 'task_1',
    OFFSTAGE_TASK_NAME: 'it',
    OFFSTAGE_ATTEMPT: '2',
  });
});

test('progress, log and result; the process is used again', async (t) => {
  const { sh } = await start(t);
  const running = sh(
    'echo "::progress 0.5 half"; echo one >&2; echo text; echo "::progress 7"; printf two >&2; echo "[1]"',
  );
  assert.deepEqual(await resultOf(running), [1]);
  assert.deepEqual(running.logs(), ['one', 'two']);
  const progress = running.facts().filter(({ kind }) => kind === 'progress');
  assert.deepEqual(progress.at(0), { kind: 'progress', fraction: 0.5, message: 'half' });
  assert.deepEqual(progress.at(-1), { kind: 'progress', fraction: 1, message: null });
  assert.equal((await running.done).clean, true);
  assert.equal(await resultOf(sh('echo plain; echo text')), 'plain\ntext');
});

test('another exit code than 0 fails with the code and the last lines of stderr', async (t) => {
  const { sh } = await start(t);
  const error = await errorOf(sh('for n in 1 2 3 4 5 6 7; do echo "line $n" >&2; done; echo out; exit 3'));
  assert.deepEqual([error.code, error.name, error.retryable], ['failed', 'CommandError', true]);
  assert.match(error.message, /^sh …: exit code 3: line 3\nline 4\nline 5\nline 6\nline 7$/);
  assert.deepEqual(error.details, { code: 3 });
  assert.match((await errorOf(sh('echo said; exit 1'))).message, /: exit code 1: said$/);
  assert.match((await errorOf(sh('exit 9'))).message, /: exit code 9$/);
});

test('an end by a signal says which', async (t) => {
  const { sh } = await start(t);
  const error = await errorOf(sh('echo last >&2; kill -KILL $$'));
  assert.match(error.message, /: ended by SIGKILL \(signal 9\): last$/);
  assert.deepEqual(error.details, { code: 'SIGKILL' });
});

test('a program that cannot be started says why', async (t) => {
  const { run } = await start(t);
  const error = await errorOf(run([], { file: 'no-such-program-here' }));
  assert.match(error.message, /^no-such-program-here: could not be started: .*ENOENT/);
  assert.deepEqual(error.details, { code: 'ENOENT' });
});

test('a folder that is not there is told apart from a program that is not there', async (t) => {
  const { folder, run } = await start(t);
  const gone = join(folder, 'gone');
  const error = await errorOf(run(['-p', '1'], { cwd: gone }));
  assert.ok(error.message.endsWith(`: could not be started: its folder is not there: ${gone} (ENOENT)`), error.message);
  assert.deepEqual(error.details, { code: 'ENOENT' });
});

test('what the system refuses before there is a process fails like any other start, and the next one runs', async (t) => {
  const { folder, run, sh } = await start(t);
  const cases: [string, string[], RegExp, string | undefined][] = [
    [folder, [], /EACCES/, 'EACCES'],
    ['echo', ['a'.repeat(3_000_000)], /E2BIG/, 'E2BIG'],
    ['echo', ['a\0b'], /null bytes/, 'ERR_INVALID_ARG_VALUE'],
  ];
  for (const [file, args, says, code] of cases) {
    const error = await errorOf(run(args, { file }));
    assert.ok(error.message.length < 3000, `${error.message.length} characters`);
    assert.match(error.message, /: could not be started: /);
    assert.match(error.message, says);
    assert.deepEqual(error.details, { code });
  }
  assert.equal(await resultOf(sh('echo goes on')), 'goes on');
});

test('more stdout than a result may have fails at once, however long the program would go on', async (t) => {
  const { sh } = await start(t);
  const running = sh('yes | head -c 17000000; exec sleep 1000');
  const error = await errorOf(running);
  assert.deepEqual([error.code, error.retryable], ['unserializable', false]);
  assert.equal(error.message, 'stdout has more than the limit of a result, 16777216 bytes');
  assert.equal((await running.done).clean, false);
});

/** A process that notes its end by SIGTERM, and a shell over it that does the same. */
const TREE = `
  sh -c 'trap "echo grandchild ended >&2; exit 0" TERM; echo "pid $$" >&2; while :; do sleep 0.05; done' &
  trap 'wait; echo child ended >&2; exit 0' TERM
  echo "pid $$" >&2
  while :; do sleep 0.05; done`;

test('an abort sends SIGTERM to the whole tree; what ends by it has done what it was told', async (t) => {
  const { child, temporary, sh } = await start(t);
  for (const cause of ['cancelled', 'timeout'] as const) {
    const running = sh(TREE);
    const pids = (): number[] =>
      running.logs().flatMap((line) => (line.startsWith('pid ') ? [Number(line.slice(4))] : []));
    await until(() => pids().length === 2);
    running.abort(cause);
    assert.deepEqual((await running.done).outcome, { kind: 'aborted' });
    assert.deepEqual(
      running.logs().filter((line) => line.endsWith(' ended')),
      ['grandchild ended', 'child ended'],
    );
    assert.deepEqual(pids().filter(isLive), []);
    assert.deepEqual(membersOf(child.group.pgid), [child.group.pgid]);
    assert.equal(await resultOf(sh(`ls '${temporary}' | wc -l`)), 1);
  }
});

test('an abort before the start keeps the program from being started', async (t) => {
  const { folder, sh } = await start(t);
  const running = sh('touch started');
  running.abort();
  assert.deepEqual((await running.done).outcome, { kind: 'aborted' });
  assert.equal(existsSync(join(folder, 'started')), false);
});

test('what does not end by SIGTERM is left to the worker, which ends the group; its input file is gone by then', async (t) => {
  const { child, sh } = await start(t);
  const running = sh('trap "" TERM; echo "$OFFSTAGE_INPUT_FILE" >&2; while :; do sleep 0.05; done');
  await until(() => running.logs().length > 0);
  const [path = ''] = running.logs();
  assert.equal(existsSync(path), true);
  running.abort();
  await until(() => !existsSync(path));
  assert.ok(membersOf(child.group.pgid).length > 1);
  assert.equal(await endGroup(child.group), true);
  assert.deepEqual(membersOf(child.group.pgid), []);
});

test('the end of the program is the end of the run: what it leaves behind is not waited for, and is told', async (t) => {
  const { child, sh } = await start(t);
  const running = sh('sleep 1000 & echo 5');
  assert.equal(await resultOf(running), 5);
  assert.equal((await running.done).clean, false);
  assert.equal(membersOf(child.group.pgid).length, 2);
});

test('a program that signals its own group does not end the process that it runs in', async (t) => {
  const { sh } = await start(t);
  const error = await errorOf(sh('kill -TERM 0; sleep 1000'));
  assert.match(error.message, /: ended by SIGTERM \(signal 15\)$/);
});

test('a worker that is gone takes the input files with it', async (t) => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-command-')));
  const main = fileURLToPath(import.meta.resolve('#offstage/worker/inside/main.js'));
  const child = spawn(process.execPath, [main], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    serialization: 'advanced',
    env: { PATH: process.env.PATH, TMPDIR: folder },
  });
  const pid = child.pid ?? 0;
  t.after(() => {
    kill(pid);
    rmSync(folder, { recursive: true, force: true });
  });
  const logged = new Promise<string>((resolve) => {
    child.on('message', (message: FromChild) => {
      for (const fact of message.kind === 'facts' ? message.facts : [])
        if (fact.kind === 'log') resolve(fact.lines[0] ?? '');
    });
  });
  const script = 'echo "$OFFSTAGE_INPUT_FILE" >&2; sleep 1000';
  const program: CommandProgram = { kind: 'command', file: 'sh', args: ['-c', script], folder };
  child.send({
    kind: 'run',
    run: 1,
    program,
    env: { PATH: process.env.PATH ?? '', TMPDIR: folder },
    task: { taskId: 'task_1', name: 'it', sessionId: null, attempt: 1, version: '1' },
    input: '{}',
    config: '{}',
  } satisfies RunMessage);
  const path = await within(logged, { what: 'a line of its log' });
  assert.ok(path.startsWith(folder) && existsSync(path));
  child.disconnect();
  await until(() => membersOf(pid).length === 0);
  assert.equal(existsSync(path), false);
});

test('a program of the folder runs with its arguments as they are, without a shell', async (t) => {
  const { folder, run } = await start(t);
  writeFileSync(join(folder, 'args.sh'), '#!/bin/sh\nprintf "%s|" "$@"\n', { mode: 0o755 });
  const running = run(['$HOME', 'a b', '*', ''], { file: join(folder, 'args.sh') });
  assert.equal(await resultOf(running), '$HOME|a b|*||');
});
