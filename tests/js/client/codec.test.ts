/** Stored values that go through a codec: a real one, which compresses and encrypts. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { type Client, type Codec, defineRecipe, NonRetryableError, openBackground } from '#offstage';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { openStore } from '#offstage/store/index.js';
import { connect } from '#offstage/store/sqlite/driver.js';
import { until } from '../../waiting.js';
import { ROOT } from '../root.js';
import { aes } from './aes.js';
import { keepAlive } from './drive.js';
import { Project } from './project.js';

const SECRET = 'a word that must not be in the file';

type Options = { codecs?: readonly Codec[]; worker?: 'app' | 'none' };

async function clientOf(t: TestContext, project: Project, { codecs, worker = 'app' }: Options): Promise<Client> {
  keepAlive(t);
  const at = { cwd: project.folder, home: project.folder, env: project.env };
  const client = makeClient(await openVerbs({ ...at, worker, ...(codecs === undefined ? {} : { codecs }) }));
  t.after(() => client.close());
  return client;
}

/** All that lies in the payloads and steps of a store. */
function stored(project: Project): string[] {
  const db = connect(project.store);
  const rows = db.prepare('SELECT data FROM payloads UNION ALL SELECT data FROM steps').all();
  db.close();
  return rows.map(({ data }) => String(data));
}

/** A step in a first attempt, and in a second one its result; fails with details where it is told to. */
const steps = defineRecipe({
  name: 'steps',
  async run({ word, fail }: { word: string; fail?: boolean }, ctx) {
    const kept = await ctx.step('one', async () => `${word}!`);
    if (ctx.attempt === 1) throw new Error('again');
    if (fail) throw new NonRetryableError('no luck', { details: { word } });
    return { kept, config: ctx.config };
  },
});

test('inputs, configs, results, error details and steps are encoded; code and readers see what was given', async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, { codecs: [aes()] });
  const spec = { recipe: steps, retries: 1, backoff: { initial: 0 } };
  const config = { tone: SECRET };
  const done = await client.submit({ ...spec, input: { word: SECRET }, config, metadata: { plain: 'to see' } });
  assert.deepEqual(await done.wait(60), { kept: `${SECRET}!`, config });
  const failed = await client.submit({ ...spec, input: { word: SECRET, fail: true } });
  await assert.rejects(failed.wait(60), { code: 'failed', message: 'no luck' });
  assert.match(Object(await failed.snapshot()).error.details.stack, /NonRetryableError: no luck/);
  const echo = await client.submit({ recipe: 'echo', input: { value: SECRET } });
  assert.equal(await echo.wait(60), SECRET);
  const { tasks } = await client.list();
  assert.deepEqual(tasks.find(({ taskId }) => taskId === done.id)?.input, { word: SECRET });
  assert.equal(
    tasks.some(({ undecoded }) => undecoded !== undefined),
    false,
  );
  const texts = stored(project);
  assert.ok(texts.length >= 9, `${texts.length} values`);
  assert.deepEqual(texts.filter((text) => !text.startsWith('codec:aes-256-gcm:')).sort(), ['{"plain":"to see"}']);
  for (const file of ['', '-wal']) assert.equal(readFileSync(project.store + file).includes(SECRET), false, file);
});

test('an idempotency key knows its input again, whatever the codec made of it', async (t) => {
  const project = new Project(t);
  const client = await clientOf(t, project, { codecs: [aes()], worker: 'none' });
  const submit = (input: object, config?: object) =>
    client.submit({ recipe: 'echo', input, idempotencyKey: 'k', ...(config === undefined ? {} : { config }) });
  const first = await submit({ value: 1, other: 2 });
  const again = await submit({ other: 2, value: 1 });
  assert.deepEqual([again.id, again.deduplicated], [first.id, true]);
  assert.deepEqual((await again.snapshot()).input, { value: 1, other: 2 });
  await assert.rejects(submit({ value: 2 }), { code: 'conflict', message: /has other input/ });
  await assert.rejects(submit({ value: 1, other: 2 }, { a: 1 }), { code: 'conflict', message: /has other config/ });
});

test('who is told of ends gets them in the clear, and nothing of them is in the file', async (t) => {
  const project = new Project(t);
  const codecs = [aes()];
  const client = await clientOf(t, project, { codecs });
  const say = defineRecipe({
    name: 'say',
    run: (word: string) => (word === 'much' ? randomBytes(200_000).toString('hex') : word),
  });
  type Told = { topic: string; ended: { name: string; result: unknown; error?: string }[] };
  const listen = defineRecipe({ name: 'listen', run: (told: Told) => told });
  await client.work({ recipes: [say, listen] });
  const onComplete = { submit: { recipe: 'listen', input: { topic: SECRET } } };
  const words = [`${SECRET} 1`, `${SECRET} 2`, 'much'];
  await client.submitMany(words.map((input) => ({ recipe: say, input, name: input.slice(-1), onComplete })));
  const seen: Told['ended'] = [];
  for (let count = 1; seen.length < words.length; count += 1) {
    const tasks = await until(
      async () => {
        const all = (await client.list({ recipe: 'listen' })).tasks;
        return all.length >= count ? all : undefined;
      },
      { what: 'who is told' },
    );
    const told = (await client.wait(tasks.at(-count)?.taskId ?? '', 60)) as Told;
    assert.equal(told.topic, SECRET);
    seen.push(...told.ended);
  }
  const byName = new Map(seen.map((end) => [end.name, end]));
  assert.deepEqual([byName.get('1')?.result, byName.get('2')?.result], words.slice(0, 2));
  assert.deepEqual(
    [byName.get('h')?.result, byName.get('h')?.error?.slice(0, 29)],
    [null, 'its result is kept by a codec'],
  );
  assert.ok(stored(project).every((data) => !data.includes(SECRET)));
  const other = await clientOf(t, project, { worker: 'none' });
  const { tasks } = await other.list({ recipe: 'listen' });
  const unread = await other.handle(tasks[0]?.taskId ?? '').snapshot();
  assert.deepEqual([unread.undecoded?.codec, unread.undecoded?.kinds], ['aes-256-gcm', ['input', 'result']]);
});

test('who has no such codec reads the status, is told why there is no result, and counts as no reader', async (t) => {
  const project = new Project(t);
  const [right, wrong] = [aes(), aes()];
  const owner = await clientOf(t, project, { codecs: [right] });
  const task = await owner.submit({ recipe: 'echo', input: { value: SECRET } });
  await until(async () => (await owner.list()).tasks[0]?.status === 'completed', { what: 'the end of the task' });
  const status = await project.json<{ undecoded: object; warnings: string[]; drop_at: string }>(
    'background',
    'status',
    task.id,
  );
  assert.deepEqual([status.exit, Object(status).result, Object(status).input], [0, null, null]);
  const reason =
    "it is kept by the codec 'aes-256-gcm', which is not here: give it to openBackground, or name its module in the configuration";
  assert.deepEqual(status.undecoded, { codec: 'aes-256-gcm', kinds: ['config', 'input', 'result'], reason });
  assert.deepEqual(status.warnings, [`config and input and result cannot be read here: ${reason}`]);
  assert.ok(Date.parse(status.drop_at) - Date.now() > 29 * 24 * 3_600_000, `unread, so kept: ${status.drop_at}`);
  const result = await project.json('background', 'result', task.id);
  assert.deepEqual([result.ok, result.code, result.exit], [false, 'codec', 6], JSON.stringify(result));
  const other = await clientOf(t, project, { codecs: [wrong], worker: 'none' });
  await assert.rejects(other.wait(task.id, 60), {
    name: 'CodecError',
    message: /the codec 'aes-256-gcm' cannot decode it/,
  });
  assert.equal(await task.wait(60), SECRET);
});

test('a worker without the codec leaves a task to one that has it; old codecs are still read', async (t) => {
  const project = new Project(t);
  const old = aes(randomBytes(32), 'old');
  const submitter = await clientOf(t, project, { codecs: [old], worker: 'none' });
  const task = await submitter.submit({ recipe: 'echo', input: { value: SECRET } });
  const without = await clientOf(t, project, { worker: 'none' });
  const worker = await without.work();
  const given = async (): Promise<string> => {
    for await (const { kind, data } of submitter.events(task.id, { follow: true })) {
      if (kind === 'retry_scheduled') return JSON.stringify(data);
    }
    return 'nothing';
  };
  assert.match(await given(), /cannot be read by this worker: it is kept by the codec 'old'/);
  await worker.stop();
  await clientOf(t, project, { codecs: [aes(), old] }).then((client) => client.work());
  await assert.rejects(task.wait(60), { name: 'CodecError', message: /kept by the codec 'aes-256-gcm'/ });
  assert.equal((await task.snapshot()).attempt, 1, 'what was given back is not counted');
});

test('what a codec cannot encode refuses the submit and fails the attempt, and nothing is lost', async (t) => {
  const project = new Project(t);
  const picky: Codec = {
    name: 'picky',
    encode: (text) => {
      if (text.includes('bad')) throw new Error('not this one');
      return Buffer.from(text);
    },
    decode: (data) => Buffer.from(data).toString(),
  };
  const client = await clientOf(t, project, { codecs: [picky] });
  await assert.rejects(client.submit({ recipe: 'echo', input: { value: 'bad' } }), {
    code: 'unserializable',
    message: "input: the codec 'picky' cannot encode it: not this one",
  });
  const ends = defineRecipe({ name: 'ends', run: () => 'bad' });
  await assert.rejects((await client.submit({ recipe: ends })).wait(60), (error: Error) => {
    assert.match(error.message, /the codec 'picky' cannot encode it/);
    return true;
  });
});

test('without a codec the store is the very one that was opened', async (t) => {
  const project = new Project(t);
  const opened = await openStore(project.store, { mount: 'direct' });
  const at = { cwd: project.folder, home: project.folder, env: project.env, worker: 'none' } as const;
  let runs = 0;
  const run: typeof opened.run = (op, args) => {
    runs++;
    return opened.run(op, args);
  };
  const verbs = await openVerbs({ ...at, openStore: async () => ({ ...opened, run }) });
  t.after(() => verbs.close());
  await verbs.submit([{ recipe: 'echo', input: { value: 1 } }]);
  assert.ok(runs > 0);
  assert.deepEqual(stored(project).sort(), ['{"value":1}', '{}']);
});

test('what is no codec is refused with what is wrong', async () => {
  const codec = aes();
  for (const [given, message] of [
    [[], /codec: got .*, expected a codec, or a list of them/],
    [{ ...codec, name: 'A B' }, /codec\.name: got "A B"/],
    [{ ...codec, encode: 1 }, /codec\.encode: got 1, expected a function/],
    [[codec, codec], /codec\.name: got "aes-256-gcm", expected one codec of each name/],
    [{ ...codec, enc() {} }, /unknown option 'codec\.enc'/],
  ] as const) {
    await assert.rejects(openBackground(':memory:', { codec: given as never }), { code: 'invalid_argument', message });
  }
});

test('a module that the configuration names: commands and detached workers read and write by it', async (t) => {
  const project = new Project(t);
  const page = readFileSync(`${ROOT}/docs/CODEC.md`, 'utf8');
  const [, source = ''] = /```js\n([\s\S]*?)```/.exec(page) ?? [];
  assert.match(source, /createCipheriv/);
  writeFileSync(project.file('offstage.codec.mjs'), source);
  writeFileSync(project.file('offstage.config.json'), JSON.stringify({ codec: './offstage.codec.mjs' }));
  const env = { ...project.env, PAYLOAD_KEY: randomBytes(32).toString('hex') };
  Object.defineProperty(project, 'env', { value: env });
  const input = JSON.stringify({ value: SECRET });
  const done = await project.json<{ result: string; task_id: string }>(
    'background',
    'submit',
    '--recipe',
    'echo',
    '--input',
    input,
    '--wait',
  );
  assert.deepEqual([done.exit, done.result], [0, SECRET], JSON.stringify(done));
  assert.equal((await project.json<{ result: string }>('background', 'result', done.task_id)).result, SECRET);
  assert.ok(stored(project).every((text) => text.startsWith('codec:')));
});
