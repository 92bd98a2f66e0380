/** offstage service: what it writes, and that what it has started runs what was due while nobody lived. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Project } from '../js/client/project.js';
import { until } from '../waiting.js';
import { Spoken } from './process.js';

interface Answer {
  kind: string;
  name: string;
  path: string;
  unit: string;
  commands: string[];
  changed?: boolean;
  removed?: boolean;
}

test('install writes what print prints, for this user alone, and runs nothing; uninstall takes it back', async (t) => {
  const project = new Project(t);
  const printed = await project.json<Answer>('service', 'print', '--systemd');
  assert.match(printed.name, /^offstage-[0-9a-f]{8}$/);
  assert.equal(printed.path, project.file(`.config/systemd/user/${printed.name}.service`));
  assert.deepEqual([existsSync(printed.path), existsSync(project.store)], [false, false]);
  assert.equal((await project.run('service', 'print', '--systemd')).stdout, printed.unit);

  const installed = await project.json<Answer>('service', 'install', '--systemd');
  assert.deepEqual([installed.changed, readFileSync(installed.path, 'utf8')], [true, printed.unit]);
  assert.equal(statSync(installed.path).mode & 0o777, 0o600);
  const { commands, name } = installed;
  assert.deepEqual(commands.slice(0, 3), [
    'systemctl --user daemon-reload',
    `systemctl --user enable ${name}.service`,
    `systemctl --user restart ${name}.service`,
  ]);
  assert.match(commands[3] ?? '', /^loginctl enable-linger \S+$/);
  const again = await project.run('service', 'install', '--systemd');
  assert.equal(again.stdout, `${commands.join('\n')}\n`);
  assert.match(again.stderr, /^Unchanged: /);

  const wants = join(dirname(installed.path), 'default.target.wants');
  mkdirSync(wants);
  symlinkSync(installed.path, join(wants, `${name}.service`)); // as `systemctl enable` does
  const gone = await project.json<Answer>('service', 'uninstall', '--systemd');
  assert.deepEqual([gone.removed, existsSync(gone.path), statSync(wants).nlink], [true, false, 2]);
  assert.equal((await project.json<Answer>('service', 'uninstall', '--systemd')).removed, false);
});

/** Of everything that the project starts from now on. */
function withEnv(project: Project, more: Record<string, string>): void {
  Object.defineProperty(project, 'env', { value: { ...project.env, ...more }, configurable: true });
}

test('without systemd, its bus or any program of it files are written and removed all the same', async (t) => {
  const project = new Project(t);
  mkdirSync(project.file('nothing'));
  withEnv(project, { PATH: project.file('nothing') }); // it has no DBUS_SESSION_BUS_ADDRESS and no XDG_RUNTIME_DIR
  for (const kind of ['--systemd', '--cron', '--launchd']) {
    const { path, exit } = await project.json<Answer>('service', 'install', kind);
    assert.deepEqual([exit, existsSync(path)], [0, true], kind);
    const gone = await project.json<Answer>('service', 'uninstall', kind);
    assert.deepEqual([gone.exit, gone.removed, existsSync(path)], [0, true, false], kind);
  }
});

test('XDG_CONFIG_HOME is where the files are, whatever signs are in it; a relative one is none', async (t) => {
  const project = new Project(t);
  const config = project.file(`my con'fig "x" $HOME 100%`);
  withEnv(project, { XDG_CONFIG_HOME: config });
  const { path, name, commands } = await project.json<Answer>('service', 'install', '--systemd');
  assert.equal(path, join(config, `systemd/user/${name}.service`));
  assert.deepEqual([statSync(path).mode & 0o777, statSync(dirname(path)).mode & 0o777], [0o600, 0o700]);
  assert.equal(commands[1], `systemctl --user enable ${name}.service`);
  assert.equal((await project.json<Answer>('service', 'uninstall', '--systemd')).removed, true);
  assert.equal(existsSync(path), false);
  withEnv(project, { XDG_CONFIG_HOME: 'relative' });
  const relative = await project.json<Answer>('service', 'print', '--systemd');
  assert.equal(relative.path, project.file(`.config/systemd/user/${name}.service`));
});

/** A crontab that is a file. */
const CRONTAB = `#!/bin/sh
file="$(dirname "$0")/table"
if [ "$1" = -l ]; then cat "$file"; else cat >"$file.next" && mv "$file.next" "$file"; fi
`;

test('what is printed for cron adds the line once and takes it back, in a folder with spaces and quotes', async (t) => {
  const project = new Project(t);
  mkdirSync(project.file('bin'));
  writeFileSync(project.file('bin/crontab'), CRONTAB, { mode: 0o755 });
  writeFileSync(project.file('bin/table'), '@daily other\n');
  withEnv(project, { XDG_CONFIG_HOME: project.file(`my con'fig $HOME`) });
  const env = { ...project.env, PATH: `${project.file('bin')}:${project.env.PATH}` };
  const type = (command = '') => assert.equal(spawnSync('sh', ['-c', command], { env, timeout: 60_000 }).status, 0);
  const table = () => readFileSync(project.file('bin/table'), 'utf8');
  const { unit, commands } = await project.json<Answer>('service', 'install', '--cron');
  for (const _ of [1, 2]) {
    type(commands[0]);
    assert.equal(table(), `@daily other\n${unit}`);
  }
  const gone = await project.json<Answer>('service', 'uninstall', '--cron');
  type(gone.commands[0]);
  assert.deepEqual([table(), gone.removed], ['@daily other\n', true]);
});

test("a file of somebody else's stays, and what cannot be is refused", async (t) => {
  const project = new Project(t);
  const { path } = await project.json<Answer>('service', 'print', '--launchd');
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, 'mine');
  for (const verb of ['install', 'uninstall']) {
    const refused = await project.json('service', verb, '--launchd');
    assert.deepEqual([refused.exit, refused.code], [4, 'conflict'], JSON.stringify(refused));
  }
  assert.equal(readFileSync(path, 'utf8'), 'mine');
  for (const args of [['--cron', '--systemd'], ['--serve']]) {
    assert.equal((await project.json('service', 'print', ...args)).exit, 2, args.join());
  }
  assert.equal((await project.json('service', 'print', '--store', ':memory:')).exit, 2);
});

test('after everything was killed what ExecStart names, started by hand, runs what is due', async (t) => {
  const project = new Project(t);
  const lost = await project.json<{ task_id: string }>(
    ...['background', 'submit', '--recipe', 'waits', '--input', JSON.stringify({ until: project.file('now') })],
  );
  const status = async (id: string) => (await project.json<{ status: string }>('background', 'status', id)).status;
  await until(async () => (await status(lost.task_id)) === 'running', { what: 'the second task' });
  await until(
    () => {
      for (const pid of project.processes()) process.kill(pid, 'SIGKILL');
      return project.processes().length === 0;
    },
    { what: 'the end of every process' },
  );
  const due = await project.json<{ task_id: string }>(
    ...['background', 'submit', '--recipe', 'echo', '--input', '{"value": 1}', '--no-worker'],
  );
  await project.json('service', 'install', '--systemd');
  const { path } = await project.json<Answer>('service', 'print', '--systemd');
  const unit = readFileSync(path, 'utf8');
  const [, line = ''] = /^ExecStart=(.*)$/m.exec(unit) ?? [];
  const [, folder = ''] = /^WorkingDirectory=(.*)$/m.exec(unit) ?? [];
  const [program = '', ...args] = line.split(' ');
  assert.equal(program, process.execPath);
  assert.deepEqual(args.slice(1), ['background', 'worker', '--store', project.store, '--drain', '20', '--any-env']);
  const service = new Spoken(t, spawn(program, args, { cwd: folder, env: project.env }));
  await service.prints(({ stdout }) => stdout.includes(`${due.task_id} echo attempt 1 completed`));
  assert.deepEqual([await status(due.task_id), await status(lost.task_id)], ['completed', 'failed']);
});
