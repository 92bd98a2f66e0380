/** What is around submits and attempts: handed to a client, or named by the configuration. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import {
  type AttemptFacts,
  type AttemptOutcome,
  type Client,
  defineRecipe,
  type Hooks,
  NonRetryableError,
  openBackground,
} from '#offstage';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { openStore } from '#offstage/store/index.js';
import { until, within } from '../../waiting.js';
import { unhandledDuring } from '../runner/invariants.js';
import { storeThrough } from '../store/through.js';
import { keepAlive } from './drive.js';
import { Project } from './project.js';

/** Writes down what it is told. */
class Witness implements Hooks {
  readonly name: string;
  readonly attempts: AttemptFacts[] = [];
  readonly outcomes: AttemptOutcome[] = [];
  readonly order: string[];

  constructor(name = 'witness', order: string[] = []) {
    this.name = name;
    this.order = order;
  }

  async around(attempt: AttemptFacts, run: () => Promise<AttemptOutcome>): Promise<AttemptOutcome> {
    this.attempts.push(attempt);
    this.order.push(`${this.name} begins`);
    const outcome = await run();
    this.order.push(`${this.name} ends`);
    this.outcomes.push(outcome);
    return outcome;
  }
}

async function clientWith(t: TestContext, hooks: readonly Hooks[]): Promise<{ client: Client; project: Project }> {
  keepAlive(t);
  const project = new Project(t);
  const at = { cwd: project.folder, home: project.folder, env: project.env };
  const client = makeClient(await openVerbs({ ...at, worker: 'app', hooks }));
  t.after(() => client.close());
  return { client, project };
}

const double = defineRecipe({ name: 'double', run: ({ n }: { n: number }) => n * 2 });
const fails = defineRecipe({
  name: 'fails',
  run: () => {
    throw new NonRetryableError('no luck');
  },
});

test('recipes in code, folders and commands: each attempt has the hooks around it, and they are told how it ended', async (t) => {
  const witness = new Witness();
  const { client } = await clientWith(t, [witness]);
  const tasks = [
    await client.submit({ recipe: double, input: { n: 2 }, sessionId: 's', priority: 'high' }),
    await client.submit({ recipe: 'echo', input: { value: 7 } }),
    await client.submit({ command: ['echo', '5'] }),
  ];
  assert.deepEqual(await Promise.all(tasks.map((task) => task.wait(60))), [4, 7, 5]);
  await assert.rejects((await client.submit({ recipe: 'throws' })).wait(60), { code: 'failed' });
  await assert.rejects((await client.submit({ recipe: fails })).wait(60), { code: 'failed' });
  await until(() => witness.outcomes.length === 5, { what: 'the end of five attempts' });
  const facts = witness.attempts.find(({ recipeName }) => recipeName === 'double') as AttemptFacts;
  const { createdAt, queueMs, workerId, ...rest } = facts;
  assert.ok(createdAt instanceof Date && queueMs >= 0 && /^worker_/.test(workerId));
  assert.deepEqual(rest, {
    taskId: tasks[0]?.id,
    name: 'double',
    recipeName: 'double',
    sessionId: 's',
    parentId: null,
    attempt: 1,
    maxAttempts: 1,
    priority: 10,
  });
  const failed = witness.outcomes.flatMap(({ kind, error }) => (kind === 'failed' ? [error?.message] : []));
  assert.deepEqual(failed.sort(), ['model unavailable', 'no luck']);
  assert.equal(witness.outcomes.filter(({ kind }) => kind === 'succeeded').length, 3);
});

test('the first hooks are the outermost; one that is told to end is cancelled', async (t) => {
  const order: string[] = [];
  const [outer, inner] = [new Witness('outer', order), new Witness('inner', order)];
  const { client, project } = await clientWith(t, [outer, inner]);
  const task = await client.submit({ recipe: 'waits', input: { until: project.file('never') } });
  await until(async () => (await task.snapshot()).progress > 0, { what: 'the code to run' });
  await task.cancel('enough', { stopped: true });
  await until(() => order.length === 4, { what: 'the end of both' });
  assert.deepEqual(order, ['outer begins', 'inner begins', 'inner ends', 'outer ends']);
  assert.deepEqual(inner.outcomes, [{ kind: 'cancelled' }]);
});

test('hooks that do not run an attempt fail it, and none of the code runs', async (t) => {
  let ran = 0;
  const counts = defineRecipe({ name: 'counts', run: () => ++ran });
  const throwing: Hooks = {
    name: 'throwing',
    around: async () => {
      throw new Error('not today');
    },
  };
  const idle: Hooks = { name: 'idle', around: async () => ({ kind: 'succeeded' }) };
  for (const [hooks, message] of [
    [throwing, /hooks 'throwing': Error: not today/],
    [idle, /hooks 'around': they have ended without running the attempt/],
  ] as const) {
    const { client } = await clientWith(t, [hooks]);
    for (const spec of [{ recipe: counts }, { recipe: 'echo', input: { value: 1 } }]) {
      await assert.rejects((await client.submit(spec as never)).wait(60), { code: 'failed', message });
    }
    const retried = await client.submit({ recipe: counts, retries: 1, backoff: { initial: 0 } });
    await assert.rejects(retried.wait(60), { code: 'failed', message });
    assert.equal((await retried.snapshot()).attempt, 2, 'a further attempt is made, as after any failure');
    await client.close();
  }
  assert.equal(ran, 0);
});

test('what hooks do after the end of the code changes nothing: a throw is a warning, a lie stays theirs', async (t) => {
  const liar: Hooks = {
    name: 'liar',
    around: async (_, run) => {
      await Promise.all([run(), run()]); // once
      throw new Error('too late');
    },
  };
  const pretends: Hooks = {
    name: 'pretends',
    around: async (_, run) => {
      await run();
      return { kind: 'failed', error: { code: 'failed', name: 'Error', message: 'made up', retryable: true } };
    },
  };
  const warnings: string[] = [];
  const listen = (warning: Error): void => void warnings.push(warning.message);
  process.on('warning', listen);
  t.after(() => process.off('warning', listen));
  let ran = 0;
  const counts = defineRecipe({ name: 'counts', run: () => ++ran });
  const { client } = await clientWith(t, [liar, pretends]);
  assert.equal(await (await client.submit({ recipe: counts })).wait(60), 1);
  await until(() => warnings.some((text) => text.includes("hooks 'liar': Error: too late")), { what: 'a warning' });
  assert.equal(ran, 1);
});

test('hooks that never begin an attempt keep no cancel from ending it', async (t) => {
  const stuck: Hooks = { name: 'stuck', around: () => new Promise(() => {}) };
  const { client } = await clientWith(t, [stuck]);
  const task = await client.submit({ recipe: double, input: { n: 1 } });
  await until(async () => (await task.status()) === 'running', { what: 'the attempt' });
  assert.equal(await task.cancel('enough', { stopped: true }), true);
  assert.equal(await task.status(), 'cancelled');
});

test('onSubmit adds to a request before anything is checked, also of children; what it throws rejects the submit', async (t) => {
  const tags: Hooks = {
    name: 'tags',
    onSubmit: (request) => {
      if (request.name === 'forbidden') throw new Error('not from here');
      return { ...request, metadata: { ...request.metadata, by: 'tags' } };
    },
  };
  const { client } = await clientWith(t, [tags]);
  const parent = defineRecipe({
    name: 'parent',
    run: async (_: undefined, ctx) => (await ctx.submit(double, { input: { n: 3 } })).taskId,
  });
  await client.work({ recipes: [double] });
  const task = await client.submit({ recipe: parent, metadata: { a: 1 } });
  const child = await client.get(String(await task.wait(60)));
  assert.deepEqual((await task.snapshot()).metadata, { a: 1, by: 'tags' });
  assert.deepEqual(child?.metadata, { by: 'tags' });
  await assert.rejects(client.submit({ recipe: double, input: { n: 1 }, name: 'forbidden' }), /not from here/);
  const odd = (onSubmit: unknown) => clientWith(t, [{ name: 'odd', onSubmit } as Hooks]);
  for (const wrong of [() => undefined, async () => ({})]) {
    const { client: other } = await odd(wrong);
    await assert.rejects(other.submit({ recipe: double, input: { n: 1 } }), {
      code: 'invalid_argument',
      message: /onSubmit of hooks 'odd': got .*, expected the request/,
    });
  }
});

test('what are no hooks is refused with what is wrong', async () => {
  for (const [hooks, message] of [
    [{}, /hooks: got .*, expected an array of hooks/],
    [[{ around() {} }], /hooks\.name/],
    [[{ name: 'x', around: 1 }], /hooks\.around: got 1, expected a function/],
    [[{ name: 'x', arround() {} }], /unknown option 'hooks\.arround'; did you mean 'around'/],
  ] as const) {
    await assert.rejects(openBackground(':memory:', { hooks: hooks as never }), { code: 'invalid_argument', message });
  }
});

const MODULE = `import { appendFileSync } from 'node:fs';
  const note = (text) => appendFileSync(new URL('./seen', import.meta.url), text + '\\n');
  export default { name: 'file',
    onSubmit: (request) => ({ ...request, tags: [...(request.tags ?? []), 'hooked'] }),
    async around({ name, attempt }, run) {
      note('begins ' + name + ' ' + attempt);
      const outcome = await run();
      note('ends ' + name + ' ' + outcome.kind);
      return outcome;
    } };`;

function configured(t: TestContext, module = MODULE): Project {
  const project = new Project(t);
  writeFileSync(project.file('offstage.config.json'), JSON.stringify({ hooks: ['./hooks.mjs'] }));
  writeFileSync(project.file('hooks.mjs'), module);
  return project;
}

test('modules that the configuration names are around what detached workers run, and told of what commands submit', async (t) => {
  const project = configured(t);
  const done = await project.json<{ task_id: string }>(
    'background',
    'submit',
    '--recipe',
    'echo',
    '--input',
    '{"value":3}',
    '--wait',
  );
  assert.equal(done.exit, 0, JSON.stringify(done));
  await project.run('background', 'submit', '--wait', '--', 'true');
  await within(
    until(() => (existsSync(project.file('seen')) ? lines(project).length === 4 : false)),
    { what: 'what the hooks have seen' },
  );
  assert.deepEqual(lines(project), ['begins echo 1', 'ends echo succeeded', 'begins true 1', 'ends true succeeded']);
  const { tags } = await project.json<{ tags: string[] }>('background', 'status', done.task_id);
  assert.deepEqual(tags, ['hooked']);
});

const lines = (project: Project): string[] => readFileSync(project.file('seen'), 'utf8').trim().split('\n');

test('a submit that was answered before asks for no hooks: what is wrong with them is told to nobody else', async (t) => {
  const project = new Project(t);
  const at = { cwd: project.folder, home: project.folder, env: project.env, worker: 'none' } as const;
  const once = { requestKey: 'once' };
  const before = await openVerbs(at);
  t.after(() => before.close());
  const [first] = await before.submit([{ recipe: 'echo' }], once);
  const module = project.file('broken.mjs');
  writeFileSync(module, "throw new Error('broken');");
  writeFileSync(project.file('offstage.config.json'), JSON.stringify({ hooks: ['./broken.mjs'] }));
  const verbs = await openVerbs({
    ...at,
    async openStore(path) {
      const store = await openStore(path, { mount: 'direct' });
      const run: typeof store.run = async (op, args) => {
        // one that was asked for by then has failed by then
        if (op === 'answered') await import(pathToFileURL(module).href).catch(() => {});
        return store.run(op, args);
      };
      return storeThrough(store, run);
    },
  });
  t.after(() => verbs.close());
  const unhandled = await unhandledDuring(async () => {
    const [again] = await verbs.submit([{ recipe: 'echo' }], once);
    assert.equal(again?.task_id, first?.task_id);
  });
  assert.deepEqual(unhandled, []);
  await assert.rejects(verbs.submit([{ recipe: 'echo' }]), {
    code: 'invalid_argument',
    message: /cannot be loaded: broken$/,
  });
});

test('a module that others can write is refused, as one is that is none', async (t) => {
  const project = configured(t);
  const submit = () => project.json('background', 'submit', '--recipe', 'echo', '--no-worker');
  chmodSync(project.file('hooks.mjs'), 0o666);
  const refused = await submit();
  assert.deepEqual([refused.code, refused.exit], ['policy_denied', 4], JSON.stringify(refused));
  assert.match(
    String(Object(refused).error),
    /the configuration names .*hooks\.mjs \(hooks\), but .* is writable by others/,
  );
  chmodSync(project.file('hooks.mjs'), 0o600);
  for (const [source, message] of [
    ['export const name = 1;', /hooks: .*hooks\.mjs has no default export/],
    ['export default { name: 3 };', /hooks\.mjs\.name: got 3, expected a text/],
    ['throw new Error("broken");', /hooks: .*hooks\.mjs cannot be loaded: broken/],
  ] as const) {
    writeFileSync(project.file('hooks.mjs'), source);
    const wrong = await submit();
    assert.deepEqual([wrong.code, wrong.exit], ['invalid_argument', 2], JSON.stringify(wrong));
    assert.match(String(Object(wrong).error), message);
  }
  assert.equal((await project.json<{ total: number }>('background', 'list')).total, 0, 'reading needs none');
});
