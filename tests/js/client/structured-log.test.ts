/** OFFSTAGE_LOG: one line of one shape for each thing that a worker does. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { logged } from '#offstage/client/staff/structured-log.js';
import { Spoken } from '../../cli/process.js';
import { Project } from './project.js';

test('unless it is asked for nothing listens; another value is refused', () => {
  const options = { onTrouble: () => {} };
  for (const OFFSTAGE_LOG of [undefined, '', 'off']) assert.equal(logged({ OFFSTAGE_LOG }, options), options);
  assert.throws(() => logged({ OFFSTAGE_LOG: 'xml' }, options), {
    code: 'invalid_argument',
    message: /OFFSTAGE_LOG: got "xml", expected text, json or off/,
  });
});

test('a trouble is told to both, and stays one line as a text', () => {
  const lines: string[] = [];
  const told: string[] = [];
  const options = logged({ OFFSTAGE_LOG: 'text' }, { onTrouble: (text: string) => void told.push(text) }, (line) =>
    lines.push(line),
  );
  options.onTrouble('a\nb\u001b[1m');
  assert.deepEqual(told, ['a\nb\u001b[1m']);
  assert.match(lines.join(''), /^\S+Z warn trouble: a\\u000ab\\u001b\[1m\n$/);
});

test('a value that a child was given, and does not require itself, is masked in what a worker tells of its end', async (t) => {
  const project = new Project(t);
  const SECRET = 'correct-horse-battery';
  project.addRecipe(
    'parent',
    "export default (_, ctx) => void ctx.submit('child', { input: { t: process.env.API_KEY } });",
    'description: parent\nrequires:\n  env: [API_KEY]\n',
  );
  project.addRecipe('child', 'export default ({ t }) => { throw new Error(t); };');
  const env = { ...project.env, API_KEY: SECRET, OFFSTAGE_LOG: 'json' };
  const cli = (...args: string[]) => {
    const child = spawn(process.execPath, [project.bin, 'background', ...args], { cwd: project.folder, env });
    return new Spoken(t, child).ended;
  };
  await cli('submit', '--recipe', 'parent', '--no-worker');
  const { stderr } = await cli('worker', '--exit-when-idle', '0', '--any-env');
  const lines = stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ended = lines.find(({ event, recipe }) => event === 'attempt_ended' && recipe === 'child');
  assert.deepEqual(ended?.error, { code: 'failed', message: '***' }, stderr);
  assert.ok(!stderr.includes(SECRET));
});

test('a worker tells what it does on stderr; secrets are masked', async (t) => {
  const project = new Project(t);
  const SECRET = 'correct-horse-battery';
  project.addRecipe(
    'leaks',
    'export default () => { throw new Error("no luck with " + process.env.API_KEY); };',
    'description: leaks\nrequires:\n  env: [API_KEY]\n',
  );
  const env = { ...project.env, API_KEY: SECRET };
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  const cli = (...args: string[]) => spawn(process.execPath, [project.bin, ...args], { cwd: project.folder, env });
  const submit = new Spoken(
    t,
    spawn(process.execPath, [project.bin, 'background', 'submit', '--recipe', 'leaks', '--no-worker'], {
      cwd: project.folder,
      env: { ...env, TRACEPARENT: traceparent },
    }),
  );
  const id = (await submit.ended).stdout.trim();
  Object.assign(env, { OFFSTAGE_LOG: 'json' });
  const worker = await new Spoken(t, cli('background', 'worker', '--exit-when-idle', '0', '--any-env')).ended;
  assert.equal(worker.code, 0, worker.stderr);
  assert.ok(!worker.stderr.includes(SECRET), worker.stderr);
  const lines = worker.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({ level, event }) => `${level} ${event}`),
    [
      'info worker_ready',
      'info attempt_started',
      'error attempt_ended',
      ...lines.flatMap(({ event }) => (event === 'worker_stopping' ? ['info worker_stopping'] : [])),
      'info worker_stopped',
    ],
  );
  const { ts, pid, worker_id, ...ended } = lines.find(({ event }) => event === 'attempt_ended');
  assert.ok(!Number.isNaN(Date.parse(ts)) && Number.isInteger(pid) && /^worker_/.test(worker_id));
  assert.deepEqual(ended, {
    level: 'error',
    event: 'attempt_ended',
    msg: 'failed',
    error: { code: 'failed', message: 'no luck with ***' },
    task_id: id,
    recipe: 'leaks',
    attempt: 1,
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    span_id: 'b7ad6b7169203331',
  });
});
