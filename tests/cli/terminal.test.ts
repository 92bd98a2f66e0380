/** The commands on a real terminal: `script` (util-linux) makes a pseudo-terminal, and the tests type into it. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import type { TaskJson } from '#offstage/wire/task.js';
import { Project } from '../js/client/project.js';
import { BIN, Spoken } from './process.js';
import { Glass } from './screen.js';

const [ROWS, COLUMNS] = [24, 80];
const skip = spawnSync('script', ['--version'], { encoding: 'utf8' }).stdout?.includes('util-linux')
  ? false
  : 'needs script of util-linux';

/** A shell on a terminal; it runs the command line, then says what it ended with and how the terminal is. */
class Terminal extends Spoken {
  constructor(t: TestContext, { folder, env }: Project, args: readonly string[], more: NodeJS.ProcessEnv = {}) {
    const quoted = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
    // the shell is told of a Ctrl-C too, and goes on
    const line = `trap : INT; stty rows ${ROWS} cols ${COLUMNS}; stty -g; ${quoted}; echo "exit $?"; stty -g`;
    const child = spawn('script', ['-qfec', line, '/dev/null'], {
      cwd: folder,
      env: { ...env, TERM: 'xterm', LANG: 'C.UTF-8', SHELL: '/bin/sh', ...more },
    });
    super(t, child);
  }

  /** What a person sees. */
  get glass(): Glass {
    return new Glass(ROWS, COLUMNS).write(this.stdout);
  }

  get text(): string {
    return [...this.glass.past, this.glass.text].join('\n');
  }

  shows(what: RegExp): Promise<void> {
    return this.prints((self) => what.test(self.text));
  }

  type(keys: string): void {
    this.child.stdin?.write(keys);
  }

  /** What the command line ended with; the terminal must be as it was before. */
  async exit(): Promise<number> {
    await this.prints((self) => /exit \d+\r\n\S+\r\n$/.test(self.stdout));
    const modes = this.stdout.split('\r\n').filter((line) => /^[\da-f]+(:[\da-f]+){10,}$/.test(line));
    assert.equal(modes.length, 2, this.stdout);
    assert.equal(modes[0], modes[1], 'the terminal is as it was');
    assert.equal(this.stdout.includes('\x1b[?25l'), false, 'the cursor was never hidden');
    assert.deepEqual(this.glass.unknown, []);
    return Number(/exit (\d+)/.exec(this.stdout)?.[1]);
  }
}

const never = (project: Project): string => JSON.stringify({ until: project.file('never') });

function projectOf(t: TestContext): Project {
  const project = new Project(t);
  project.addRecipe(
    'asks',
    `export default async ({ schema }, ctx) =>
      ctx.requestInput({ key: 'approval', message: 'Deploy?', schema });`,
  );
  return project;
}

async function submit(project: Project, recipe: string, input: unknown): Promise<string> {
  const given = typeof input === 'string' ? input : JSON.stringify(input);
  return (await project.json<TaskJson>('background', 'submit', '--recipe', recipe, '-i', given)).task_id;
}

test('wait shows a line a task; Ctrl-C ends it only, and says how to go on', { skip }, async (t) => {
  const project = projectOf(t);
  const ids = [await submit(project, 'waits', never(project)), await submit(project, 'waits', never(project))];
  const terminal = new Terminal(t, project, ['background', 'wait', ...ids]);
  await terminal.shows(/\] waits - running \(\d+s\) 25% █+░+ waiting\n.*\] waits - running .* 25% █+░+ waiting/);
  const lines = terminal.stdout.split('\x1b[J').length;
  await terminal.prints((self) => self.stdout.split('\x1b[J').length > lines + 1); // time goes on
  terminal.type('\x03');
  assert.equal(await terminal.exit(), 130);
  assert.match(terminal.text, /error: stopped waiting; 2 tasks run on\nGo on: offstage background wait task_/);
  assert.doesNotMatch(terminal.text, /running/, 'the lines are gone');
  for (const { status } of (await project.json<{ tasks: TaskJson[] }>('background', 'status', ...ids)).tasks) {
    assert.equal(status, 'running');
  }
});

test('what a task asks is asked on the terminal, and a wrong answer is asked again', { skip }, async (t) => {
  const project = projectOf(t);
  const input = JSON.stringify({ schema: { type: 'integer', minimum: 3 } });
  const terminal = new Terminal(t, project, ['recipe', 'run', 'asks', '-i', input]);
  await terminal.shows(/\] asks asks \(approval\):\n {2}Deploy\?\n {2}a whole number; or .*\n> ?$/);
  terminal.type('1\r');
  await terminal.shows(/content: .*\n> ?$/);
  terminal.type('7\r');
  assert.equal(await terminal.exit(), 0);
  assert.match(terminal.text, /> 7\n\{\n {2}"action": "accept",\n {2}"content": 7\n\}\nexit 0/);
});

test('Ctrl-C in a question, and Ctrl-D, leave the terminal in order and the question open', { skip }, async (t) => {
  const project = projectOf(t);
  const id = await submit(project, 'asks', { schema: { type: 'boolean' } });
  const one = new Terminal(t, project, ['background', 'wait', id]);
  await one.shows(/y or n; or .*\n> ?$/);
  one.type('ye\x03');
  assert.equal(await one.exit(), 130);
  const two = new Terminal(t, project, ['background', 'wait', id]);
  await two.shows(/y or n; or .*\n> ?$/);
  two.type('\x04');
  await two.prints(({ stdout }) =>
    /later: offstage background respond task_\w+ approval --accept JSON\r\n/.test(stdout),
  );
  await project.json('background', 'respond', id, 'approval', '--accept', 'true');
  assert.equal(await two.exit(), 0);
  assert.match(two.text, /^Status: completed$/m);
});

test('a question that is answered elsewhere is asked no more', { skip }, async (t) => {
  const project = projectOf(t);
  const id = await submit(project, 'asks', {});
  const terminal = new Terminal(t, project, ['background', 'wait', id]);
  await terminal.shows(/JSON, or a text; or .*\n> ?$/);
  await project.json('background', 'respond', id, 'approval', '--decline');
  assert.equal(await terminal.exit(), 0);
  assert.match(terminal.text, /It is not asked any more\.\n|Task: /);
});

test('list --watch is redrawn in place while tasks go on, at most as high as the terminal', { skip }, async (t) => {
  const project = projectOf(t);
  const file = project.file('go');
  await submit(project, 'waits', { until: file });
  for (let n = 0; n < ROWS; n += 1) await project.json('background', 'submit', '--recipe', 'echo', '--delay', '1h');
  const terminal = new Terminal(t, project, ['background', 'list', '--watch', '--session-id', 'none']);
  await terminal.shows(/No background tasks match\n0 tasks; in the store 25: 24 pending, 1 \w+/);
  terminal.type('\x03');
  assert.equal(await terminal.exit(), 130);
  const whole = new Terminal(t, project, ['background', 'list', '--watch']);
  await whole.shows(/20 of 25 tasks: 24 pending, 1 running$/);
  await project.run(
    'background',
    'cancel',
    (await project.json<{ tasks: TaskJson[] }>('background', 'list')).tasks[0]?.task_id ?? '',
  );
  await whole.shows(/20 of 25 tasks: 23 pending, 1 running, 1 cancelled$/);
  const { past, lines } = whole.glass;
  assert.equal(past.filter((line) => line.startsWith('╭')).length, 0, 'no list has scrolled away');
  assert.ok(lines.length <= ROWS);
  whole.type('\x03');
  assert.equal(await whole.exit(), 130);
  assert.equal(whole.text.split('╭').length - 1, 1, 'one list is there');
});

test('a terminal that cannot move its cursor, and one without UTF-8, get plain lines', { skip }, async (t) => {
  const project = projectOf(t);
  const id = await submit(project, 'waits', never(project));
  const dumb = new Terminal(t, project, ['background', 'wait', id, '--timeout', '1'], { TERM: 'dumb' });
  assert.equal(await dumb.exit(), 5);
  assert.equal(dumb.stdout.includes('\x1b'), false);
  const ascii = new Terminal(t, project, ['background', 'wait', id], { LANG: 'C', NO_COLOR: '1' });
  await ascii.shows(/^> \[\w{8}\] waits - running \(\d+s\) 25% \[#+\.+\] waiting$/m);
  ascii.type('\x03');
  assert.equal(await ascii.exit(), 130);
  assert.match(ascii.stdout.replaceAll('\x1b', ''), /^[\x20-\x7e\s]*$/);
});

test('status --watch is redrawn in place and ends with the task', { skip }, async (t) => {
  const project = projectOf(t);
  const file = project.file('go');
  const id = await submit(project, 'waits', { until: file });
  const terminal = new Terminal(t, project, ['background', 'status', id, '--watch']);
  await terminal.shows(/^Status: running\nProgress: 25%$/m);
  writeFileSync(file, '');
  assert.equal(await terminal.exit(), 0);
  assert.match(terminal.text, /^Status: completed$/m);
  assert.equal(terminal.text.split('Status: ').length - 1, 1);
});
