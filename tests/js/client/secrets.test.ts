import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { openVerbs, type Verbs } from '#offstage/client/index.js';
import { only } from '#offstage/wire/only.js';
import { traces } from '../worker/mask/random.js';
import { Project, until } from './project.js';

const SECRETS = {
  CANARY_KEY: 'sk-live-ABCDEFGH12345678',
  CANARY_URL: 'https://user:p"w\\d@api.example.test/?a=b&c=ü',
  CANARY_PIN: '9876543210123',
  CANARY_PEM: '-----BEGIN KEY-----\nQwErTyUiOpAsDfGhJkLzXcVbNm123456\nab=\n-----END KEY-----\n',
};
const REQUIRES = `requires: { env: [${Object.keys(SECRETS)}] }\n`;

/** A project, and how to get verbs and a worker in this process that has the variables; it ends before the project goes. */
function scene(t: TestContext, values: Record<string, string> = SECRETS) {
  let end = async (): Promise<void> => {};
  Object.assign(process.env, values);
  t.after(async () => {
    for (const name of Object.keys(values)) delete process.env[name];
    await end();
  });
  const project = new Project(t);
  const work = async (): Promise<Verbs> => {
    const env = { ...project.env, ...values };
    const verbs = await openVerbs({ cwd: project.folder, home: project.folder, env, mount: 'direct', worker: 'none' });
    const worker = await verbs.startWork({ folders: true });
    end = async () => {
      await worker.stop();
      await verbs.close();
    };
    return verbs;
  };
  return { project, work };
}

async function run(verbs: Verbs, recipe: string, more: object = {}) {
  const [task] = await verbs.submit([{ recipe, backoff: { initial: 0.001 }, ...more }]);
  return only((await verbs.wait([task?.task_id ?? ''])).tasks);
}

async function saidOf(verbs: Verbs, id: string): Promise<string> {
  return (await verbs.events([id])).events.map(({ kind, data }) => `${kind} ${JSON.stringify(data)}`).join('\n');
}

/** Everything in the store's folder but its key. */
function stored(project: Project): string {
  const folder = dirname(project.store);
  const files = readdirSync(folder, { withFileTypes: true }).filter((file) => file.isFile() && file.name !== 'env.key');
  return files.map(({ name }) => readFileSync(join(folder, name), 'utf8')).join('\n');
}

function assertHidden(text: string, values: Record<string, string> = SECRETS): void {
  for (const [name, value] of Object.entries(values)) {
    for (const trace of traces(value)) assert.ok(!text.includes(trace), `${name} is readable as ${trace}`);
  }
}

const EVERYTHING = `
  const { CANARY_KEY: key, CANARY_URL: url, CANARY_PIN: pin, CANARY_PEM: pem } = process.env;
  const b64 = (text) => Buffer.from(text).toString('base64');
  const all = {
    list: [key, 'a ' + url, Number(pin), pin, pem, '***', '*** ' + key], [key]: { [url]: 1 },
    coded: [b64(key), b64('u:' + key), b64('us:' + url), Buffer.from(pem).toString('hex'), encodeURIComponent(url)],
    nested: JSON.stringify({ url, pem }),
  };
  const pieces = key.match(/.{1,6}/g);
`;

test('nothing that a run says, wherever, leaves a value readable in the store, and code gets all of it back', async (t) => {
  const { project, work } = scene(t);
  project.addRecipe(
    'child',
    `import { isDeepStrictEqual } from 'node:util';
     export default async (input, ctx) => {
       ctx.log('got ' + JSON.stringify(input)); ctx.output(input);
       if (input.ask === undefined) return { given: input, config: ctx.config.of };
       return (await ctx.requestInput({ key: 'who ' + input.ask, message: 'for ' + input.ask })).content;
     };`,
  );
  project.addRecipe(
    'leaks',
    `import { deepStrictEqual } from 'node:assert';
     export default async (input, ctx) => { ${EVERYTHING}
       console.error(pem); console.log(JSON.stringify(all)); process.stdout.write(pieces.join(''));
       for (const piece of pieces) { ctx.output(piece); ctx.log(piece); }
       ctx.output(all); ctx.progress(0.5, 'at ' + url); ctx.log(url);
       const kept = await ctx.step('get ' + key, () => all);
       deepStrictEqual(kept, all);
       if (ctx.attempt === 1) {
         throw Object.assign(new Error('with ' + url, { cause: new Error(pem) }), { code: key, name: 'Error ' + key });
       }
       const child = await ctx.submit('child', { name: 'n ' + key, input: all, config: { of: all }, metadata: all,
         sessionId: 's ' + key, idempotencyKey: 'i ' + key });
       deepStrictEqual(await child.wait(), { given: all, config: all });
       deepStrictEqual((await child.snapshot()).input, all);
       const asked = await ctx.submit('child', { input: { ask: key }, key: 'k ' + key });
       for await (const { kind } of asked.events({ follow: true })) if (kind === 'input_requested') break;
       await asked.respond('who ' + key, { action: 'accept', content: all });
       deepStrictEqual(await asked.wait(), all);
       const never = await ctx.submit('child', { delay: 600 });
       await never.cancel('because of ' + url);
       const { content } = await ctx.requestInput({ key: 'q ' + key, message: 'is it ' + url, schema: { title: key } });
       deepStrictEqual(content, '***');
       return all;
     };`,
    REQUIRES,
  );
  const verbs = await work();
  const [task] = await verbs.submit([{ recipe: 'leaks', retries: 1, backoff: { initial: 0.001 } }]);
  const id = task?.task_id ?? '';
  let after = 0;
  let question: string | undefined;
  while (question === undefined) {
    const page = await verbs.events([id], { after, wait: true });
    const state = only(page.tasks);
    after = state.next_after;
    assert.ok(!state.over, only(await verbs.get([id])).error?.message);
    question = Object.keys(only(await verbs.get([id])).input_requests)[0];
  }
  assert.match(question, /^q \*\*\*[0-9a-f]{6}$/);
  await verbs.respond(id, question, { action: 'accept', content: '***' });
  const ended = only((await verbs.wait([id])).tasks);
  assert.equal(ended.status, 'completed', ended.error?.message);
  const { tasks } = await verbs.list({});
  const said = await Promise.all(tasks.map(({ task_id }) => saidOf(verbs, task_id)));
  assertHidden(JSON.stringify(tasks) + JSON.stringify(ended) + said.join('\n'));
  assertHidden(stored(project));
  const child = tasks.find(({ name }) => name.startsWith('n '));
  assert.match(
    `${child?.name}, ${child?.session_id}, ${child?.idempotency_key}`,
    /^n (\*\*\*[0-9a-f]{6}), s \1, i \1$/,
  );
  const [masked] = (ended.result as { list: unknown[] }).list;
  assert.equal(masked, '***', 'who asks from outside gets the masked result');
});

test('another value than at the write is put in, and the log says so', async (t) => {
  const { project, work } = scene(t, { CANARY_KEY: 'first-value-of-it' });
  project.addRecipe(
    'rotates',
    `export default async (input, ctx) => {
       const url = await ctx.step('url', () => 'https://x/?k=' + process.env.CANARY_KEY);
       if (ctx.attempt === 1) { await ctx.requestInput({ key: 'go', message: 'go on' }); throw new Error('again'); }
       return url.endsWith(process.env.CANARY_KEY);
     };`,
    'requires: { env: [CANARY_KEY] }\n',
  );
  const verbs = await work();
  const [task] = await verbs.submit([{ recipe: 'rotates', retries: 1, backoff: { initial: 0.001 } }]);
  const id = task?.task_id ?? '';
  let after = 0;
  await until(async () => {
    if (only(await verbs.get([id])).status === 'input_required') return true;
    after = only((await verbs.events([id], { after, wait: true })).tasks).next_after;
    return false;
  });
  process.env.CANARY_KEY = 'the-second-value';
  await verbs.respond(id, 'go', { action: 'accept' });
  const ended = only((await verbs.wait([id])).tasks);
  assert.deepEqual([ended.status, ended.result], ['completed', true]);
  const said = await saidOf(verbs, id);
  assert.match(
    said,
    /CANARY_KEY has another value than when the result of step 'url' was stored; the new one was put in/,
  );
  assertHidden(said, { old: 'first-value-of-it', new: 'the-second-value' });
});

test("what a run is given back has the values of its own environment, whatever became of the worker's", async (t) => {
  const { project, work } = scene(t, { CANARY_KEY: 'value-for-the-child' });
  project.addRecipe('keeps', 'export default () => process.env.CANARY_KEY;', 'requires: { env: [CANARY_KEY] }\n');
  project.addRecipe(
    'asks',
    `export default async (input, ctx) => {
       const child = await ctx.submit('keeps', {});
       if (input.later) { for await (const { kind } of child.events({ follow: true })) if (kind === 'completed') break;
         await ctx.requestInput({ key: 'go', message: 'go on' }); }
       return { same: (await child.wait()) === 'value-for-' + 'the-child' };
     };`,
  );
  const verbs = await work();
  const [task] = await verbs.submit([{ recipe: 'asks', input: { later: true } }]);
  const id = task?.task_id ?? '';
  let after = 0;
  await until(async () => {
    if (only(await verbs.get([id])).status === 'input_required') return true;
    after = only((await verbs.events([id], { after, wait: true })).tasks).next_after;
    return false;
  });
  delete process.env.CANARY_KEY;
  await verbs.respond(id, 'go', { action: 'accept' });
  const ended = only((await verbs.wait([id])).tasks);
  assert.deepEqual([ended.status, ended.result], ['completed', { same: true }]);
});

test('a variable that is said to be no secret is not hidden', async (t) => {
  const { project, work } = scene(t, { CANARY_REGION: 'eu-central-1' });
  const template = 'requires: { env: [{ name: CANARY_REGION, secret: false }] }\n';
  project.addRecipe('region', 'export default () => process.env.CANARY_REGION;', template);
  const verbs = await work();
  assert.equal((await run(verbs, 'region')).result, 'eu-central-1');
});

test('what a person gives is stored as it is given, and what a child has of its parent is hidden there', async (t) => {
  const { project, work } = scene(t, { CANARY_KEY: 'value-for-the-child' });
  project.addRecipe('echo', 'export default ({ value }) => value;');
  project.addRecipe(
    'hands',
    `export default async (input, ctx) =>
       (await (await ctx.submit('echo', { input: { value: 'x' + process.env.CANARY_KEY } })).wait()).length;`,
    'requires: { env: [CANARY_KEY] }\n',
  );
  const verbs = await work();
  const given = await run(verbs, 'echo', { input: { value: 'value-for-the-child' } });
  assert.equal(given.result, 'value-for-the-child');
  assert.ok(stored(project).includes('value-for-the-child'), 'what is readable in the files is found there');
  assert.equal((await run(verbs, 'hands')).result, 'xvalue-for-the-child'.length);
  const { tasks } = await verbs.list({});
  const child = tasks.find(({ parent_id }) => parent_id !== null);
  const whole = only(await verbs.get([child?.task_id ?? '']));
  assert.deepEqual([whole.input, whole.result], [{ value: 'x***' }, 'x***']);
});
