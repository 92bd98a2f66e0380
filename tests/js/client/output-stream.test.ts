/** What tasks put out as streams of the platform, and as messages of a user interface. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BackgroundRunner,
  type Client,
  defineRecipe,
  openBackground,
  toUIMessageStream,
  toUIMessageStreamResponse,
} from '#offstage';
import { heard, within } from '../../waiting.js';

async function clientFor(t: { after(end: () => unknown): void }): Promise<Client> {
  const client = await openBackground(':memory:');
  t.after(() => client.close());
  return client;
}

const says = defineRecipe({
  name: 'says',
  run(_, { output }) {
    for (const chunk of ['one', { two: 2 }, 'three']) output(chunk);
    return 'said';
  },
});

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of stream) found.push(item);
  return found;
}

test('a stream gives the chunks of a task as they were given, of whichever handle, and closes with it', async (t) => {
  const client = await clientFor(t);
  const task = await client.submit({ recipe: says });
  assert.deepEqual(await all(task.stream()), ['one', { two: 2 }, 'three']);
  assert.deepEqual(await all(client.handle(task.id).stream()), ['one', { two: 2 }, 'three']);
  const runner = new BackgroundRunner();
  t.after(() => runner.stop());
  const own = runner.submit(({ output }) => output('here'));
  const stream = own.stream<string>();
  assert.deepEqual(await all(stream), ['here']);
  const parent = defineRecipe({
    name: 'parent',
    run: async (_, ctx) => all((await ctx.submit({ recipe: says })).stream()),
  });
  assert.deepEqual(await (await client.submit({ recipe: parent })).wait(60), ['one', { two: 2 }, 'three']);
});

test('a stream goes on behind the seq of what was read last, in another reader', async (t) => {
  const client = await clientFor(t);
  const task = await client.submit({ recipe: says });
  await task.wait(60);
  const first = task.stream();
  assert.equal(first.seq, 0);
  const reader = first.getReader();
  assert.deepEqual(await reader.read(), { done: false, value: 'one' });
  await reader.cancel();
  assert.deepEqual(await all(task.stream({ after: first.seq })), [{ two: 2 }, 'three']);
  const last = task.stream();
  await all(last);
  assert.deepEqual(await all(task.stream({ after: last.seq })), [], 'all was read');
});

test('a chunk is there while its task runs, and a reader that leaves ends nothing', async (t) => {
  const client = await clientFor(t);
  const go = new EventTarget();
  const waits = defineRecipe({
    name: 'waits',
    async run(_, { output }) {
      output('begun');
      await heard(go, 'go');
      output('gone on');
    },
  });
  const task = await client.submit({ recipe: waits });
  const stream = task.stream();
  for await (const chunk of stream) {
    assert.equal(chunk, 'begun');
    break;
  }
  assert.equal(await task.status(), 'running');
  const abort = new AbortController();
  const cut = task.stream({ after: stream.seq, signal: abort.signal }).getReader().read();
  abort.abort(new Error('enough'));
  await assert.rejects(within(cut, { what: 'the end of a stream' }), /enough/);
  go.dispatchEvent(new Event('go'));
  assert.deepEqual(await all(task.stream({ after: stream.seq })), ['gone on']);
});

test('a stream of a task that fails or is cancelled ends with the error of its wait, behind its last chunk', async (t) => {
  const client = await clientFor(t);
  const fails = defineRecipe({
    name: 'fails',
    run(_, { output }): void {
      output('half');
      throw new Error('no more');
    },
  });
  const reader = (await client.submit({ recipe: fails })).stream().getReader();
  assert.deepEqual(await reader.read(), { done: false, value: 'half' });
  await assert.rejects(reader.read(), { name: 'RecipeError', code: 'failed', message: /no more/ });
  const idle = defineRecipe({ name: 'idle', run: (_, { signal }) => heard(signal, 'abort') });
  const task = await client.submit({ recipe: idle });
  const cancelled = all(task.stream());
  await task.cancel('not needed');
  await assert.rejects(cancelled, { code: 'cancelled' });
  await assert.rejects(all(task.stream({ after: 1000 })), { code: 'cancelled' }, 'also behind all that there is');
  await assert.rejects(all(client.handle(`task_${'0'.repeat(32)}`).stream()), { code: 'task_not_found' });
});

test('options of a stream are checked where it is asked for', async (t) => {
  const task = (await clientFor(t)).handle(`task_${'0'.repeat(32)}`);
  assert.throws(() => task.stream({ after: -1 }), /after: got -1/);
  assert.throws(() => task.stream({ from: 1 } as object), /unknown option 'from'/);
  assert.throws(() => toUIMessageStream(task, { messageID: 'm' } as object), /did you mean 'messageId'/);
});

test("a task is a message of the AI SDK's stream: texts, data, questions, and its end", async (t) => {
  const client = await clientFor(t);
  const task = await client.submit({ recipe: says });
  const parts = await all(toUIMessageStream(task, { messageId: 'm1' }));
  assert.deepEqual(parts, [
    { type: 'start', messageId: 'm1' },
    { type: 'text-start', id: 'text-1' },
    { type: 'text-delta', id: 'text-1', delta: 'one' },
    { type: 'text-end', id: 'text-1' },
    { type: 'data-output', data: { two: 2 } },
    { type: 'text-start', id: 'text-2' },
    { type: 'text-delta', id: 'text-2', delta: 'three' },
    { type: 'text-end', id: 'text-2' },
    { type: 'finish' },
  ]);
  const asks = defineRecipe({
    name: 'asks',
    async run(_, ctx) {
      ctx.progress(0.5, 'half');
      await ctx.requestInput({ key: 'go', message: 'Go on?' });
      return 'went on';
    },
  });
  const asking = await client.submit({ recipe: asks });
  const seen: unknown[] = [];
  for await (const part of toUIMessageStream(asking)) {
    seen.push(part);
    if (part.type === 'data-input-request') await asking.respond('go', { action: 'accept' });
  }
  assert.deepEqual(seen, [
    { type: 'start', messageId: asking.id },
    { type: 'data-progress', data: { fraction: 0.5, message: 'half' }, transient: true },
    { type: 'data-input-request', id: 'go', data: { taskId: asking.id, key: 'go', message: 'Go on?' } },
    { type: 'text-start', id: 'text-1' },
    { type: 'text-delta', id: 'text-1', delta: 'went on' },
    { type: 'text-end', id: 'text-1' },
    { type: 'finish' },
  ]);
});

test('a further attempt begins a new text, and a failure is told as one', async (t) => {
  const client = await clientFor(t);
  const flaky = defineRecipe({
    name: 'flaky',
    run(_, { output, attempt }): void {
      output(`try ${attempt}`);
      throw new Error(`no ${attempt}`);
    },
  });
  const task = await client.submit({ recipe: flaky, retries: 1, backoff: { initial: 0 } });
  const parts = await all(toUIMessageStream(task));
  assert.deepEqual(
    parts.map((part) => ('delta' in part ? part.delta : part.type)),
    ['start', 'text-start', 'try 1', 'text-end', 'text-start', 'try 2', 'text-end', 'error', 'finish'],
  );
  assert.deepEqual(parts.at(-2), { type: 'error', errorText: 'no 2' });
});

test('as a response it is server-sent events, numbered, which go on from the last number', async (t) => {
  const client = await clientFor(t);
  const task = await client.submit({ recipe: says });
  const response = toUIMessageStreamResponse(task);
  assert.equal(response.headers.get('x-vercel-ai-ui-message-stream'), 'v1');
  const text = await response.text();
  assert.match(text, /^id: 0\ndata: \{"type":"start","messageId":"task_[0-9a-f]{32}"\}\n\n/);
  assert.match(text, /data: \{"type":"finish"\}\n\ndata: \[DONE\]\n\n$/);
  const idOf = (part: string) =>
    Number(new RegExp(`id: (\\d+)\\ndata: \\{"type":"${part}","id":"text-1"`).exec(text)?.[1]);
  const at = idOf('text-delta');
  assert.ok(idOf('text-start') < at, 'a text that has only begun is begun again');
  const rest = await toUIMessageStreamResponse(task, { after: at }).text();
  assert.deepEqual(
    [...rest.matchAll(/"delta":"(\w+)"/g)].map(([, delta]) => delta),
    ['three'],
  );
});
