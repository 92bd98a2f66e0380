/** Texts that code gives, each as a function from the text to the one that is read back. */
import type { TestContext } from 'node:test';
import { type Client, makeClient, openVerbs, type TaskSpec } from '#offstage/client/index.js';
import { defineRecipe, type RecipeContext } from '#offstage/recipe/index.js';
import { BackgroundRunner, type TaskContext } from '#offstage/runner/index.js';
import { keepAlive } from '../js/client/drive.js';
import { Project } from '../js/client/project.js';

/** Rejects when the text is refused. */
export type Texts = (t: TestContext, text: string) => Promise<unknown>;

type Do = (ctx: RecipeContext, input: { text: string }) => unknown;

/** A client, and a recipe that does what is wanted in a task of its own. */
async function clientOf(t: TestContext): Promise<Client> {
  keepAlive(t);
  const project = new Project(t);
  const verbs = await openVerbs({ cwd: project.folder, home: project.folder, env: project.env });
  t.after(() => verbs.close());
  return makeClient(verbs);
}

/** Submits a task of code with these options, and reads it back. */
const option =
  (name: 'name' | 'sessionId' | 'idempotencyKey' | 'parent', read: 'name' | 'sessionId' | 'idempotencyKey'): Texts =>
  async (t, text) => {
    const client = await clientOf(t);
    const recipe = defineRecipe({ name: 'r', run: () => 1 });
    const task = await client.submit({ recipe, [name]: text } as TaskSpec);
    return (await task.snapshot())[read];
  };

/** What the code of a task gets back; it is refused there too. */
const inside =
  (work: Do): Texts =>
  async (t, text) => {
    const client = await clientOf(t);
    const refused: unknown[] = [];
    const run = async (input: { text: string }, ctx: RecipeContext): Promise<unknown> => {
      try {
        return await work(ctx, input);
      } catch (error) {
        refused.push(error);
        return undefined;
      }
    };
    const result = await (await client.submit({ recipe: defineRecipe({ name: 'r', run }), input: { text } })).wait(30);
    if (refused.length > 0) throw refused[0];
    return result;
  };

/** What a runner's code gets back. */
const inRunner =
  (work: (ctx: TaskContext, text: string) => unknown): Texts =>
  async (_, text) => {
    const runner = new BackgroundRunner();
    try {
      return await runner.submit((ctx) => work(ctx, text)).wait(30);
    } catch (error) {
      throw (error as Error).cause ?? error;
    } finally {
      await runner.stop();
    }
  };

const submitted =
  (name: 'name' | 'sessionId' | 'idempotencyKey'): Texts =>
  async (_, text) => {
    const runner = new BackgroundRunner();
    try {
      return (await runner.submit(() => 1, { [name]: text }).snapshot())[name];
    } finally {
      await runner.stop();
    }
  };

/** The data of the first event of a kind. */
const event =
  (kind: 'log' | 'output' | 'progress', work: Do, read: (data: Record<string, unknown>) => unknown): Texts =>
  async (t, text) => {
    const client = await clientOf(t);
    const run = async (input: { text: string }, ctx: RecipeContext): Promise<void> => void (await work(ctx, input));
    const task = await client.submit({ recipe: defineRecipe({ name: 'r', run }), input: { text } });
    await task.wait(30);
    for await (const one of task.events()) if (one.kind === kind) return read(one.data as never);
    return undefined;
  };

const asks = defineRecipe({
  name: 'asks',
  run: async (_: undefined, ctx) => (await ctx.requestInput({ key: 'k', message: 'm' })).content,
});

const answer: Texts = async (t, text) => {
  const client = await clientOf(t);
  const task = await client.submit({ recipe: asks });
  for await (const { kind } of task.events({ follow: true })) if (kind === 'input_requested') break;
  await task.respond('k', { action: 'accept', content: { text } });
  return ((await task.wait(30)) as { text: string }).text;
};

const respondKey: Texts = async (t, text) => {
  const client = await clientOf(t);
  const task = await client.submit({ recipe: asks });
  for await (const { kind } of task.events({ follow: true })) if (kind === 'input_requested') break;
  await task.respond(text, { action: 'decline' });
  return text;
};

const payload =
  (name: 'input' | 'config' | 'metadata'): Texts =>
  async (t, text) => {
    const client = await clientOf(t);
    const task = await client.submit({
      recipe: defineRecipe({ name: 'r', run: () => 1 }),
      [name]: { text },
    } as TaskSpec);
    return ((await task.snapshot())[name] as { text: string }).text;
  };

const reason: Texts = async (t, text) => {
  const client = await clientOf(t);
  const task = await client.submit({ recipe: defineRecipe({ name: 'r', run: () => 1 }), delay: 60 });
  await task.cancel(text);
  for await (const { kind, data } of task.events())
    if (kind === 'cancelled') return (data as { reason: string }).reason;
  return undefined;
};

const thrown: Texts = async (t, text) => {
  const client = await clientOf(t);
  const run = (): never => {
    throw new Error(text);
  };
  const task = await client.submit({ recipe: defineRecipe({ name: 'r', run }) });
  await task.wait(30).catch(() => {});
  return (await task.snapshot()).error?.message;
};

const storePath: Texts = async (t, text) => {
  const verbs = await openVerbs({ store: `./${text}`, cwd: new Project(t).folder, env: {} });
  t.after(() => verbs.close());
  return verbs.store.split('/').at(-1);
};

const recipeName: Texts = async (t, text) => {
  const client = await clientOf(t);
  return (await client.submit({ recipe: text })).name;
};

const filter: Texts = async (t, text) => {
  const client = await clientOf(t);
  await client.list({ sessionId: text });
  return text;
};

const child = defineRecipe({ name: 'child', run: () => 1 });

export const TEXTS: Record<string, Texts> = {
  'path of a store': storePath,
  'name of a recipe': recipeName,
  'name of a recipe in code': async (_, text) => defineRecipe({ name: text, run: () => 1 }).name,
  'name of a task': option('name', 'name'),
  'id of a session': option('sessionId', 'sessionId'),
  'idempotency key': option('idempotencyKey', 'idempotencyKey'),
  'id of a parent': option('parent', 'name'),
  'session that is listed': filter,
  'key of a step': inside((ctx, { text }) => ctx.step(text, () => text)),
  'key of a question': inside((ctx, { text }) => ctx.requestInput({ key: text, message: 'm' })),
  'key of a child': inside((ctx, { text }) => ctx.submit(child, { key: text })),
  'key for a service': inside((ctx, { text }) => ctx.idempotencyKey(text)),
  'key of an answer': respondKey,
  'name of a task of a runner': submitted('name'),
  'session of a runner': submitted('sessionId'),
  'idempotency key of a runner': submitted('idempotencyKey'),
  'key of a step of a runner': inRunner((ctx, text) => ctx.step(text, () => text)),
  'key of a child of a runner': inRunner((ctx, text) => ctx.submit(() => 1, { key: text }).name),
  input: payload('input'),
  config: payload('config'),
  metadata: payload('metadata'),
  'result, and input as the code gets it': inside((_, { text }) => text),
  'result of a step': inside((ctx, { text }) => ctx.step('k', () => text)),
  'content of an answer': answer,
  output: event(
    'output',
    (ctx, { text }) => ctx.output({ text }),
    ({ chunk }) => (chunk as { text: string }).text,
  ),
  'line of the log': event(
    'log',
    (ctx, { text }) => ctx.log(text),
    ({ line }) => line,
  ),
  'message of progress': event(
    'progress',
    (ctx, { text }) => ctx.progress(0.5, text),
    ({ message }) => message,
  ),
  'reason of a cancel': reason,
  'message of an error': thrown,
};
