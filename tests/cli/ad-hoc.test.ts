/** A program that is submitted without a recipe: where it runs, with what, how it ends, and who can end it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { BIN, type Doc, gone, Scene, until } from './scene.js';

const LIMIT = { timeout: 120_000 };

type AdHoc = Doc & { command?: string[]; cwd?: string; warnings?: string[]; lines?: string[] };

/** A shell of its own: another folder, and variables beside those of the project. */
function shell(scene: Scene, { env = {}, cwd = scene.folder }: { env?: Record<string, string>; cwd?: string } = {}) {
  return (...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
    new Promise((resolve) => {
      const how = { cwd, env: { ...scene.project.env, ...env } };
      execFile(process.execPath, [BIN, 'background', ...args], how, (error, stdout, stderr) =>
        resolve({ code: Number(error?.code ?? 0), stdout, stderr }),
      );
    });
}

const json = async (run: Promise<{ code: number; stdout: string }>): Promise<AdHoc> => {
  const { code, stdout } = await run;
  return { ...(JSON.parse(stdout) as AdHoc), exit: code };
};

test(
  'a program, its arguments as they are, in the folder of its submit; the id is printed, the result kept',
  LIMIT,
  async (t) => {
    const scene = new Scene(t);
    const folder = join(scene.folder, 'deep', "it's here");
    mkdirSync(folder, { recursive: true });
    const run = shell(scene, { cwd: folder });
    const waited = await run('submit', '--wait', '--', 'printf', '%s|', 'a b', '$HOME', '*', "'", '--json', '--');
    assert.deepEqual([waited.code, waited.stdout], [0, "a b|$HOME|*|'|--json|--|\n"]);
    const doc = await json(run('submit', '--json', '--', 'pwd', '-P'));
    assert.deepEqual([doc.exit, doc.recipe, doc.status], [0, '', 'pending']);
    const ended = await json(run('wait', doc.task_id, '--json'));
    assert.deepEqual([ended.result, ended.name, ended.command, ended.cwd], [folder, 'pwd', ['pwd', '-P'], folder]);
    assert.deepEqual([ended.timeout_sec, ended.input, ended.max_attempts], [null, null, 1]);
    const { stdout } = await run('status', doc.task_id);
    assert.match(stdout, /^Command: pwd -P$/m);
    assert.ok(stdout.includes(`\nFolder: ${folder}\n`), stdout);
    assert.match((await run('list')).stdout, /\] pwd - completed/);
  },
);

test(
  'this environment: all of it but what is of the terminal, and PWD; not that of the worker, which lives already',
  LIMIT,
  async (t) => {
    const scene = new Scene(t);
    const seen = ['submit', '--wait', '--', 'sh', '-c', 'echo "$COLOUR $TERM $PWD $OFFSTAGE_TASK_NAME"'];
    const first = await shell(scene, { env: { COLOUR: 'red', TERM: 'xterm' } })(...seen);
    assert.equal(first.stdout, `red  ${scene.folder} sh\n`);
    const pids = scene.project.workers();
    const second = await shell(scene, { env: { COLOUR: 'blue' } })(...seen);
    assert.equal(second.stdout, `blue  ${scene.folder} sh\n`);
    assert.deepEqual(scene.project.workers(), pids, 'the values were handed to the worker that lived');
    assert.ok(!readFileSync(scene.project.store).includes('blue'), 'no value is stored');
  },
);

test('logs show what it prints on both streams, while it runs and when it has failed', LIMIT, async (t) => {
  const scene = new Scene(t);
  const run = shell(scene);
  const script = 'echo out; echo err >&2; until [ -e go ]; do sleep 0.05; done; echo "::progress 1"; echo last; exit 3';
  const { task_id } = await json(run('submit', '--json', '--', 'sh', '-c', script));
  await until(
    async () => {
      const { lines } = await json(run('logs', task_id, '--json'));
      return JSON.stringify([...(lines ?? [])].sort()) === '["err","out"]';
    },
    { what: 'both lines of the running command' },
  );
  writeFileSync(scene.file('go'), '');
  await run('wait', task_id);
  const { stdout } = await run('logs', task_id);
  const loud = await json(run('submit', '--wait', '--json', '--', 'sh', '-c', 'yes "ü 123456789" | head -n 30000'));
  assert.equal((loud.result as string).length, 30_000 * 12 - 1);
  const { lines = [] } = await json(run('logs', loud.task_id, '--json'));
  assert.ok(lines.length > 100 && lines.at(-1) === 'ü 123456789', `${lines.length} lines are kept, the last ones`);
  assert.deepEqual(stdout.split('\n').sort(), ['', 'err', 'last', 'out']);
});

test(
  'the input is stdin and OFFSTAGE_INPUT_FILE: a text as it is, anything else as JSON, none as nothing',
  LIMIT,
  async (t) => {
    const scene = new Scene(t);
    const run = shell(scene);
    const cat = ['--', 'sh', '-c', 'cat; printf "|"; cat "$OFFSTAGE_INPUT_FILE"'];
    const given = async (...input: string[]): Promise<string> =>
      (await run('submit', '--wait', ...input, ...cat)).stdout;
    assert.equal(await given(), '|\n');
    assert.equal(await given('--input', 'two words'), 'two words|two words\n');
    assert.equal(await given('--input', '{"a": [1]}'), '{"a":[1]}|{"a":[1]}\n');
    writeFileSync(scene.file('in.txt'), 'from a file\nof two lines\n');
    assert.equal(await given('--input', '@in.txt'), 'from a file\nof two lines\n|from a file\nof two lines\n');
  },
);

test(
  'what a program says: its last line is the result where that is JSON, stderr is the log, ::progress is progress',
  LIMIT,
  async (t) => {
    const scene = new Scene(t);
    const run = shell(scene);
    const line = `echo '::progress 0.5 half'; echo '::data {"n": [1]}'; echo why >&2; echo text; echo '{"n": 1}'`;
    const doc = await json(run('submit', '--wait', '--json', '--', 'sh', '-c', line));
    assert.deepEqual(
      [doc.exit, doc.result, doc.progress_message, doc.progress_data],
      [0, { n: 1 }, 'half', { n: [1] }],
    );
    const { stdout } = await run('events', doc.task_id, '--json');
    const { events } = JSON.parse(stdout) as { events: { kind: string; data: { message?: string; line?: string } }[] };
    assert.ok(
      events.some(({ kind, data }) => kind === 'log' && JSON.stringify(data).includes('why')),
      stdout,
    );
  },
);

test('a program that fails fails the task, and says its exit code', LIMIT, async (t) => {
  const scene = new Scene(t);
  const run = shell(scene);
  const doc = await json(run('submit', '--wait', '--json', '--', 'sh', '-c', 'echo because >&2; exit 7'));
  assert.deepEqual([doc.exit, doc.status, doc.error?.code], [3, 'failed', 'failed']);
  assert.match((doc.error as { message?: string }).message ?? '', /^sh …: exit code 7: because$/);
  const timed = await json(run('submit', '--wait', '--json', '--timeout', '0.2', '--', 'sleep', '60'));
  assert.deepEqual([timed.exit, timed.error?.code], [3, 'timeout']);
});

test(
  'a program that is not there is refused before anything is stored (exit 6), with what to type',
  LIMIT,
  async (t) => {
    const scene = new Scene(t);
    const run = shell(scene);
    writeFileSync(scene.file('tool'), '#!/bin/sh\necho tool\n');
    const refused = async (...command: string[]): Promise<string> => {
      const doc = await json(run('submit', '--json', '--', ...command));
      assert.deepEqual([doc.exit, doc.code, doc.ok], [6, 'missing_dependency', false]);
      return (doc as unknown as { error: string }).error;
    };
    assert.match(await refused('no-such-program', 'x'), /^command: "no-such-program" is no program on the PATH/);
    assert.match(await refused('./absent.sh'), /^command: ".\/absent.sh" is not in \//);
    assert.match(await refused('./tool'), /^command: ".\/tool" is not an executable file \(chmod \+x\)$/);
    assert.match(
      await refused('echo a && echo b'),
      /on the PATH; a line for a shell is given as: -- sh -c 'echo a && echo b'$/,
    );
    chmodSync(scene.file('tool'), 0o755);
    assert.match(await refused('tool'), /on the PATH; the one in this folder is \.\/tool$/);
    assert.equal((await run('submit', '--wait', '--', './tool')).stdout, 'tool\n');
    assert.equal(((await json(run('list', '--json'))) as unknown as { total: number }).total, 1);
  },
);

test('a program, or a folder, that goes before the start fails the task, with what is missing', LIMIT, async (t) => {
  const scene = new Scene(t);
  const folder = join(scene.folder, 'sub');
  mkdirSync(folder);
  writeFileSync(join(folder, 'tool'), '#!/bin/sh\n', { mode: 0o755 });
  const run = shell(scene, { cwd: folder });
  const [first, second] = [
    await json(run('submit', '--no-worker', '--json', '--', './tool')),
    await json(run('submit', '--no-worker', '--json', '--', 'pwd')),
  ];
  rmSync(join(folder, 'tool'));
  const elsewhere = shell(scene);
  assert.match(await errorOf(elsewhere, first.task_id), /^\.\/tool: could not be started: .*ENOENT/);
  assert.equal((await json(elsewhere('wait', second.task_id, '--json'))).status, 'completed');
  await scene.killAll();
  const third = await json(run('submit', '--no-worker', '--json', '--', 'pwd'));
  rmSync(folder, { recursive: true });
  assert.match(
    await errorOf(elsewhere, third.task_id),
    /folder that the command was submitted in is not there any more/,
  );
});

async function errorOf(run: ReturnType<typeof shell>, id: string): Promise<string> {
  const doc = await json(run('wait', id, '--json'));
  assert.deepEqual([doc.exit, doc.error?.code], [3, 'failed'], JSON.stringify(doc));
  return (doc.error as unknown as { message: string }).message;
}

test('a cancel ends the whole group of the program', LIMIT, async (t) => {
  const scene = new Scene(t);
  const run = shell(scene);
  const line = 'sleep 1000 & echo $! > child; echo $$ > parent; wait';
  const { task_id } = await json(run('submit', '--json', '--', 'sh', '-c', line));
  const pids = [...(await scene.written('child')), ...(await scene.written('parent'))].map(Number);
  const cancelled = await json(run('cancel', task_id, '--wait', '--json'));
  assert.equal((cancelled as unknown as { cancelled: boolean }).cancelled, true);
  for (const pid of pids) await gone(pid);
});

test('recover and retry: the same program in the same folder, with the values of who retries', LIMIT, async (t) => {
  const scene = new Scene(t);
  const folder = join(scene.folder, 'sub');
  mkdirSync(folder);
  const line = 'echo "$COLOUR" >> seen; pwd; test -e go || sleep 1000';
  const red = shell(scene, { env: { COLOUR: 'red' }, cwd: folder });
  const { task_id } = await json(red('submit', '--json', '--', 'sh', '-c', line));
  await scene.written('sub/seen');
  await scene.killAll();
  const lost = await json(red('wait', task_id, '--json'));
  assert.deepEqual([lost.exit, lost.error?.code], [3, 'lost']);
  writeFileSync(join(folder, 'go'), '');
  const blue = shell(scene, { env: { COLOUR: 'blue' } });
  const again = await json(blue('retry', task_id, '--json'));
  const ended = await json(blue('wait', again.task_id, '--json'));
  assert.deepEqual([ended.result, ended.cwd], [folder, folder], 'not the folder of who retries');
  assert.deepEqual(scene.lines('sub/seen'), ['red', 'blue']);
  const running = await json(
    red('submit', '--json', '--on-lost', 'retry', '--', 'sh', '-c', 'echo x >> more; test -s two || sleep 1000'),
  );
  await until(() => scene.lines('sub/more').length === 1);
  writeFileSync(join(folder, 'two'), 'x');
  const recovered = await json(red('recover', running.task_id, '--force', '--retry', '--json'));
  assert.equal((recovered as unknown as { tasks: { result: string }[] }).tasks[0]?.result, 'applied');
  assert.equal((await json(red('wait', running.task_id, '--json'))).status, 'completed');
});

test('nobody has the values: no_worker says so, a waiting submit too', LIMIT, async (t) => {
  const scene = new Scene(t);
  const red = shell(scene, { env: { COLOUR: 'red' } });
  const { task_id } = await json(red('submit', '--json', '--no-worker', '--', 'true'));
  assert.equal((await json(red('wait', task_id, '--json'))).status, 'completed', '--no-worker binds to no values');
  const bound = await json(
    red('submit', '--json', '--on-lost', 'retry', '--', 'sh', '-c', 'echo x > began; sleep 1000'),
  );
  await scene.written('began');
  await scene.killAll();
  await scene.worker();
  const doc = await scene.until(async () => {
    const now = await json(shell(scene)('status', bound.task_id, '--json'));
    return now.task_status.signals.includes('no_worker') ? now : undefined;
  });
  assert.match(doc.warnings?.[0] ?? '', /no living worker has the whole environment as submitted/);
});

test('a key: the same command is the same task; another one, or another folder, is a conflict', LIMIT, async (t) => {
  const scene = new Scene(t);
  mkdirSync(scene.file('sub'));
  const run = shell(scene);
  const first = await json(run('submit', '--json', '--key', 'k', '--', 'true', 'a'));
  const same = await json(run('submit', '--json', '--key', 'k', '--', 'true', 'a'));
  assert.deepEqual([same.task_id, (same as unknown as { deduplicated: boolean }).deduplicated], [first.task_id, true]);
  for (const [where, word] of [
    [run, 'b'],
    [shell(scene, { cwd: scene.file('sub') }), 'a'],
  ] as const) {
    const other = await json(where('submit', '--json', '--key', 'k', '--', 'true', word));
    assert.deepEqual([other.exit, other.code], [4, 'conflict']);
  }
});

test('a command takes no config, and not a recipe beside it', LIMIT, async (t: TestContext) => {
  const run = shell(new Scene(t));
  const refused = async (...argv: string[]) => (await run('submit', ...argv)).stderr.split('\n')[0];
  assert.match(
    (await refused('--config', '{}', '--', 'true')) ?? '',
    /^error: --config: got .*expected none beside a command/,
  );
  assert.match((await refused('--recipe', 'echo', '--', 'true')) ?? '', /^error: --recipe and --: got both/);
  assert.match((await refused('--')) ?? '', /^error: nothing to submit: got no program behind --/);
});
