import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { SubmitRequest, Verbs } from '#offstage/client/index.js';
import { InvalidArgumentError } from '#offstage/errors/index.js';
import { cancelled, cli, document, done, failed, ID, pending, submit, waiting } from './fake.js';

test('submit hands over every option and prints the document of the contract', async () => {
  const argv =
    'background submit --recipe r -i {"a":1} -c {"b":2} -s s1 --timeout 60 --name n --priority high --retries 2';
  const ran = await cli([...argv.split(' '), '--delay', '5m', '--on-lost', 'retry', '--json'], { verbs: { submit } });
  assert.deepEqual(document(ran), {
    ok: true,
    task_id: ID,
    taskId: ID,
    recipe: 'my-recipe',
    session_id: 'session_123',
    status: 'pending',
  });
  const request = { recipe: 'r', config: { b: 2 }, sessionId: 's1', timeout: 60, input: { a: 1 }, name: 'n' };
  const more = { priority: 'high', retries: 2, delay: '5m', onLost: 'retry' };
  assert.deepEqual(ran.calls, [['submit', [{ ...request, ...more }]]]);
  assert.deepEqual([ran.code, ran.stderr, ran.closed], [0, '', 1]);
});

test('submit hands over a program, name, tags, metadata, moment and patience', async () => {
  const argv = ['submit', '--name', 'n', '--tag', 'a', '--tag', 'b c', '--metadata', '{"who":"ada"}', '--ttl', '5m'];
  const ran = await cli(['background', ...argv, '--run-at', '2030-01-02T03:04Z', '--', 'ls', '-l', '--json'], {
    verbs: { submit },
  });
  const request = { command: ['ls', '-l', '--json'], name: 'n', tags: ['a', 'b c'], metadata: { who: 'ada' } };
  const runAt = new Date('2030-01-02T03:04:00Z');
  assert.deepEqual(ran.calls, [['submit', [{ ...request, runAt, ttl: '5m' }]]]);
  assert.deepEqual([ran.code, ran.stdout], [0, `${ID}\n`], '--json behind -- is not ours');
});

test('a moment that is over is told of, and a text that may be a file', async () => {
  const told = async (...flags: string[]): Promise<string> =>
    (await cli(['background', 'submit', '--recipe', 'r', ...flags], { verbs: { submit }, cwd: '/' })).stderr;
  assert.match(await told('--run-at', '2020-01-01'), /^Note: --run-at is over, so it starts now\n/);
  assert.match(
    await told('--input', 'etc'),
    /^Note: --input is that text; what is in the file is given by --input @etc\n/,
  );
  assert.doesNotMatch(await told('--input', '{"a":1}', '--run-at', '23:59'), /^Note/m);
});

test('submit sends nothing that was not given, and --no-worker opens without one', async () => {
  const ran = await cli(['background', 'create', '--recipe', 'r', '--no-worker'], { verbs: { submit } });
  assert.deepEqual(ran.calls, [['submit', [{ recipe: 'r' }]]]);
  assert.equal((ran.opened[0] as { worker: string }).worker, 'none');
  assert.equal(
    'worker' in ((await cli(['background', 'run', '--recipe', 'r'], { verbs: { submit } })).opened[0] as object),
    false,
  );
});

test('for a person submit prints the id, and on stderr the commands that follow', async () => {
  const setup = { verbs: { submit }, program: 'background' as const };
  const ran = await cli(['background', 'submit', '--recipe', 'r', '--store', "/it's here"], setup);
  assert.equal(ran.stdout, `${ID}\n`);
  assert.equal(ran.stderr.split('\n')[0], `Status: background status ${ID} --store '/it'\\''s here'`);
  assert.match(ran.stderr, /^Cancel: background cancel /m);
  assert.equal((await cli(['background', 'submit', '--recipe', 'r', '--quiet'], setup)).stderr, '');
});

test('input comes from JSON, text, a file or stdin', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-cli-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'in.json'), '{"from":"file"}');
  writeFileSync(join(folder, 'in.txt'), 'plain\n');
  const inputOf = async (value: string) => {
    const setup = { verbs: { submit }, cwd: folder, stdin: '[1,2]' };
    const ran = await cli(['background', 'submit', '--recipe', 'r', '--input', value, '--json'], setup);
    return ((ran.calls[0]?.[1] ?? []) as SubmitRequest[])[0]?.input;
  };
  assert.deepEqual(await inputOf('@in.json'), { from: 'file' });
  assert.equal(await inputOf('@in.txt'), 'plain\n');
  assert.equal(await inputOf(`@${join(folder, 'in.txt')}`), 'plain\n');
  assert.deepEqual(await inputOf('-'), [1, 2]);
  assert.equal(await inputOf('not json'), 'not json');
  assert.equal(await inputOf('0'), 0);
});

test('JSON of which something is missing is refused wherever it comes from, other texts with brackets only as a word', async (t) => {
  const cwd = mkdtempSync(join(tmpdir(), 'offstage-cli-'));
  t.after(() => rmSync(cwd, { recursive: true }));
  const answer = async (text: string, given: '@in' | '-' | undefined): Promise<unknown> => {
    writeFileSync(join(cwd, 'in'), text);
    const setup = { verbs: { submit }, cwd, stdin: text };
    const ran = await cli(['background', 'submit', '--recipe', 'r', '--input', given ?? text, '--json'], setup);
    if (ran.code === 0) return ((ran.calls[0]?.[1] ?? []) as SubmitRequest[])[0]?.input;
    assert.deepEqual([ran.code, ran.calls], [2, []]);
    return document<{ error: string }>(ran).error;
  };
  for (const given of ['@in', '-'] as const) {
    const got = given === '-' ? 'stdin' : given;
    assert.equal(
      await answer('\ufeff{"name":\n  ', given),
      `--input: got "${got}", expected JSON: a value at line 2, column 3, where it ends; a text that begins so is given as a JSON string`,
    );
    for (const cut of ['{', '[', '{"a', '[{"a": 1}', '["a" "b"]']) {
      assert.match(String(await answer(cut, given)), /expected JSON: /, cut);
    }
    for (const text of ['{{name}}', '[12:00] begun', '[link](x)', '{"a":1}\n{"a":2}\n', '["a"] is a list']) {
      assert.equal(await answer(text, given), text);
      assert.match(String(await answer(text, undefined)), /expected JSON: .*single quotes/, text);
      assert.equal(await answer(JSON.stringify(text), given), text);
      assert.equal(await answer(JSON.stringify(text), undefined), text);
    }
  }
});

for (const [flag, value, message] of [
  [
    '--input',
    '{"name": ',
    /^--input: got "\{\\"name\\": ", expected JSON: a value at character 10, where it ends; JSON/,
  ],
  ['--input', '{name:1}', /expected JSON: a name in double quotes or } at character 2; .*'{"key": "value"}'/],
  ['--input', ' [1,]', /expected JSON: a value at character 5;/],
  ['--input', '@absent.json', /^--input: got "@absent.json", expected a file that can be read: ENOENT/],
  ['--config', '{', /^--config: got "\{", expected a JSON object/],
  ['--config', '[]', /^--config: .*expected a JSON object$/],
  ['--timeout', '-1', /^--timeout: got "-1", expected seconds/],
  ['--timeout', 'NaN', /^--timeout: got "NaN"/],
  ['--delay', '-1s', /^--delay: got "-1s"/],
  ['--retries', '-1', /^--retries: got "-1", expected a whole number, 0 or more$/],
  ['--retries', '1.5', /^--retries: got "1.5"/],
  ['--priority', 'soon', /^--priority: got "soon"/],
  ['--on-lost', 'ignore', /^--on-lost: got "ignore", expected fail or retry$/],
  ['--run-at', '25:00', /^--run-at: got "25:00", expected a time such as 18:30/],
  ['--run-at', '2026-02-30', /^--run-at: got "2026-02-30"/],
  ['--ttl', 'soon', /^--ttl: got "soon", expected seconds/],
  ['--metadata', '[1]', /^--metadata: .*expected a JSON object$/],
] as const) {
  test(`submit refuses ${flag} ${value} before any store is opened`, async () => {
    const ran = await cli(['background', 'submit', '--recipe', 'r', flag, value, '--json']);
    const doc = document<{ error: string; code: string }>(ran);
    assert.match(doc.error, message);
    assert.deepEqual([doc.code, ran.code, ran.opened], ['invalid_argument', 2, []]);
  });
}

for (const [command, flag, value] of [
  ['list', '--page', '0'],
  ['list', '--page-size', '1001'],
  ['list', '--status', 'finished'],
  ['clear', '--older-than', '-1'],
  ['clear', '--status', 'running'],
  ['worker', '--concurrency', '0'],
  ['worker', '--exit-when-idle', 'NaN'],
  ['worker', '--drain', '-1'],
] as const) {
  test(`${command} refuses ${flag} ${value} before any store is opened`, async () => {
    const ran = await cli(['background', command, flag, value, '--json']);
    assert.ok(document<{ error: string }>(ran).error.startsWith(`${flag}: got "${value}"`), ran.stdout);
    assert.deepEqual([ran.code, ran.opened], [2, []]);
  });
}

test('submit --wait: with --json the whole task and the exit code of its end, else the bare result', async () => {
  const argv = ['background', 'submit', '--recipe', 'r', '--wait'];
  for (const [task, exit] of [
    [done({ a: 1 }), 0],
    [failed(), 3],
    [cancelled, 8],
  ] as const) {
    const ran = await cli([...argv, '--json'], { verbs: waiting(task) });
    assert.deepEqual([document(ran), ran.code], [{ ok: true, taskId: ID, ...task }, exit]);
    assert.equal((await cli(argv, { verbs: waiting(task) })).code, exit);
  }
  assert.equal((await cli(argv, { verbs: waiting(done('text')) })).stdout, 'text\n');
});

test('submit hands over key and conflict policy, under both names of the key', async () => {
  for (const name of ['--key', '--idempotency-key']) {
    const argv = ['background', 'submit', '--recipe', 'r', name, 'order-17', '--on-conflict', 'enqueue', '--json'];
    const ran = await cli(argv, { verbs: { submit } });
    assert.deepEqual(ran.calls, [['submit', [{ recipe: 'r', idempotencyKey: 'order-17', onConflict: 'enqueue' }]]]);
    assert.equal('deduplicated' in document<object>(ran), false);
  }
});

test('a submit that added nothing says so', async () => {
  const known: Verbs['submit'] = async () => [{ ...pending, deduplicated: true }];
  const ran = await cli(['background', 'submit', '--recipe', 'r', '--key', 'k', '--json'], {
    verbs: { submit: known },
  });
  assert.equal(document<{ deduplicated: boolean }>(ran).deduplicated, true);
  const human = await cli(['background', 'submit', '--recipe', 'r', '--key', 'k'], { verbs: { submit: known } });
  assert.match(human.stderr, /^It was there already, under this key; nothing was added\.\n/);
  const waited = await cli(['background', 'submit', '--recipe', 'r', '--key', 'k', '--wait', '--json'], {
    verbs: { ...waiting(done(1)), submit: known },
  });
  assert.equal(document<{ deduplicated: boolean }>(waited).deduplicated, true);
});

test('errors of what lies below name the option as it was typed', async () => {
  const refusing = (message: string): Partial<Verbs> => ({
    submit: async () => {
      throw new InvalidArgumentError(message);
    },
  });
  const said = async (message: string) =>
    document<{ error: string; details?: unknown }>(
      await cli(['background', 'submit', '--recipe', 'r', '--json'], { verbs: refusing(message) }),
    );
  assert.deepEqual(await said('timeout: got 1e+99, expected less'), {
    ok: false,
    error: '--timeout: got 1e+99, expected less',
    code: 'invalid_argument',
    details: { option: '--timeout' },
  });
  assert.equal((await said('idempotency_key: got 0 characters')).error, '--idempotency-key: got 0 characters');
  assert.equal((await said('sessionId: got ""')).error, '--session-id: got ""');
  assert.equal((await said('runAt: got 3')).error, '--run-at: got 3');
  assert.equal((await said('backoff: got 3')).error, 'backoff: got 3', 'no option of this command');
});

test('recipe run goes to the background after yieldMs of the configuration', async () => {
  const verbs = { ...waiting(pending, 'timeout'), config: { background: { yieldMs: 1500 } } };
  const ran = await cli(['recipe', 'run', 'r', '--json'], { verbs });
  assert.deepEqual([document<{ taskId: string; status: string }>(ran).taskId, ran.code], [ID, 0]);
  assert.equal((ran.calls.at(-1) as [string, string, { timeout: number }])[2].timeout, 1.5);
});
