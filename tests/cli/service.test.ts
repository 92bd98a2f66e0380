/** offstage service: what it writes, and that what it has started runs what was due while nobody lived. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
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
