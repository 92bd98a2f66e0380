/** One trace from a request over HTTP to the end of all that it has begun, in an exporter in memory. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext, test } from 'node:test';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { type Client, defineRecipe, type Hooks, type TaskEvent } from '#offstage';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { otel } from '#offstage/otel.js';
import { until } from '../../../waiting.js';
import { keepAlive } from '../../client/drive.js';
import { Project } from '../../client/project.js';
import { idOf, linksOf, named, reset, spans, traceparentOf } from './spans.js';

async function clientOf(t: TestContext, hooks: Hooks = otel()): Promise<{ client: Client; project: Project }> {
  keepAlive(t);
  reset();
  const project = new Project(t);
  const at = { cwd: project.folder, home: project.folder, env: project.env };
  const client = makeClient(await openVerbs({ ...at, worker: 'app', hooks: [hooks] }));
  t.after(() => client.close());
  return { client, project };
}

/** Fails once, and submits a child in its second attempt. */
const PARENT = `export default async (input, ctx) => {
  const { TRACEPARENT, TRACESTATE } = process.env;
  ctx.output({ trace: ctx.trace, env: { TRACEPARENT, TRACESTATE } });
  await ctx.step('first', () => 1);
  if (ctx.attempt === 1) throw new Error('not yet');
  return (await ctx.submit('echo', { input: { value: 2 } })).wait();
};`;

/** Serves one request with `work` in a span of its own, and asks for it. */
async function handled(t: TestContext, work: () => Promise<unknown>): Promise<ReadableSpan> {
  const server = createServer((_, response) => {
    trace.getTracer('app').startActiveSpan('POST /reports', async (span) => {
      await work();
      span.end();
      response.end();
    });
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/reports`);
  assert.equal(response.status, 200);
  return named('POST /reports')[0] as ReadableSpan;
}

test('from an HTTP handler through submit, worker, module, a retry and a child to its end', async (t) => {
  const { client, project } = await clientOf(t);
  project.addRecipe('report', PARENT);
  let id = '';
  const handler = await handled(t, async () => {
    const task = await client.submit({
      recipe: 'report',
      retries: 1,
      backoff: { initial: 0 },
      sessionId: 's1',
      priority: 10,
    });
    id = task.id;
  });
  assert.equal(await client.wait(id, 60), 2);
  await until(() => spans().length === 6, { what: 'the end of six spans' });

  const [send, child] = [named('send report')[0], named('send echo')[0]] as [ReadableSpan, ReadableSpan];
  const [first, second] = named('process report') as [ReadableSpan, ReadableSpan];
  const [last] = named('process echo') as [ReadableSpan];
  assert.equal(send.kind, SpanKind.PRODUCER);
  assert.equal(send.parentSpanContext?.spanId, idOf(handler));
  assert.equal(send.spanContext().traceId, handler.spanContext().traceId);
  assert.deepEqual(send.attributes, {
    'messaging.system': 'offstage',
    'messaging.operation.name': 'send',
    'messaging.operation.type': 'send',
    'messaging.destination.name': 'report',
    'messaging.message.id': id,
    'messaging.message.conversation_id': 's1',
    'offstage.priority': 10,
  });
  assert.equal((await client.get(id))?.trace?.traceparent, traceparentOf(send));

  for (const attempt of [first, second]) {
    assert.equal(attempt.kind, SpanKind.CONSUMER);
    assert.equal(attempt.parentSpanContext, undefined, 'an attempt is a root');
    assert.deepEqual(linksOf(attempt), [idOf(send)]);
  }
  const { 'offstage.queue_ms': queued, 'offstage.worker.id': worker, ...rest } = first.attributes;
  assert.ok(typeof queued === 'number' && queued >= 0 && /^worker_/.test(String(worker)));
  assert.deepEqual(rest, {
    'messaging.system': 'offstage',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'report',
    'messaging.message.id': id,
    'messaging.message.conversation_id': 's1',
    'offstage.priority': 10,
    'offstage.attempt': 1,
    'offstage.outcome': 'retry_scheduled',
    'error.type': 'failed',
  });
  assert.equal(first.status.code, SpanStatusCode.ERROR);
  assert.deepEqual(
    first.events.map(({ name, attributes }) => [name, attributes?.['offstage.key']]),
    [
      ['step', 'first'],
      ['retry_scheduled', undefined],
    ],
  );
  assert.deepEqual(
    [second.attributes['offstage.attempt'], second.attributes['offstage.outcome'], second.status.code],
    [2, 'completed', SpanStatusCode.UNSET],
  );

  assert.equal(child.parentSpanContext?.spanId, idOf(second), 'a child is submitted by the attempt');
  assert.deepEqual([linksOf(last), last.attributes['offstage.outcome']], [[idOf(child)], 'completed']);

  const told = [first, second].map((span) => ({
    trace: { traceparent: traceparentOf(span) },
    env: { TRACEPARENT: traceparentOf(span) },
  }));
  const events: TaskEvent[] = [];
  for await (const event of client.events(id)) events.push(event);
  assert.deepEqual(
    events.flatMap(({ kind, data }) => (kind === 'output' ? [data.chunk] : [])),
    told,
    'the code has the span of its own attempt',
  );
  assert.deepEqual(
    events.flatMap(({ kind, data }) => (kind === 'started' ? [data.trace] : [])),
    told.map(({ trace }) => trace),
    'each start has its own',
  );
});

test("a recipe in code runs in its attempt's span; as a child of the submit, where that is asked for", async (t) => {
  for (const parent of ['link', 'child'] as const) {
    const { client } = await clientOf(t, otel({ parent }));
    const code = defineRecipe({
      name: 'code',
      run: (_: undefined, ctx) => {
        trace.getTracer('app').startSpan('inside').end();
        return ctx.trace?.traceparent;
      },
    });
    const seen = await trace.getTracer('app').startActiveSpan('outside', async (span) => {
      const task = await client.submit({ recipe: code });
      span.end();
      return task.wait(60);
    });
    await until(() => spans().length === 4, { what: 'the end of four spans' });
    const [process, inside, send] = ['process code', 'inside', 'send code'].map((name) => named(name)[0]) as [
      ReadableSpan,
      ReadableSpan,
      ReadableSpan,
    ];
    assert.equal(seen, traceparentOf(process));
    assert.equal(inside.parentSpanContext?.spanId, idOf(process));
    const isChild = parent === 'child';
    assert.equal(process.parentSpanContext?.spanId, isChild ? idOf(send) : undefined);
    assert.equal(process.spanContext().traceId === send.spanContext().traceId, isChild);
    assert.deepEqual(linksOf(process), isChild ? [] : [idOf(send)]);
    await client.close();
  }
});

test('questions and answers are events of the span; a cancelled attempt is no error', async (t) => {
  const { client } = await clientOf(t);
  const asks = defineRecipe({
    name: 'asks',
    run: async (_: undefined, ctx) => (await ctx.requestInput({ key: 'sure', message: 'Really?' })).action,
  });
  const task = await client.submit({ recipe: asks });
  await until(async () => (await task.status()) === 'input_required', { what: 'the question' });
  await task.respond('sure', { action: 'accept', content: 'SECRET' });
  assert.equal(await task.wait(60), 'accept');
  const other = await client.submit({ recipe: asks });
  await until(async () => (await other.status()) === 'input_required', { what: 'the question' });
  await other.cancel('enough', { stopped: true });
  await until(() => named('process asks').length === 2, { what: 'the end of both attempts' });
  const [answered, cancelled] = named('process asks') as [ReadableSpan, ReadableSpan];
  assert.deepEqual(
    answered.events.map(({ name, attributes }) => [name, attributes]),
    [
      ['input_requested', { 'offstage.key': 'sure' }],
      ['input_answered', { 'offstage.key': 'sure', 'offstage.action': 'accept' }],
    ],
  );
  assert.deepEqual(
    [cancelled.attributes['offstage.outcome'], cancelled.status.code, cancelled.attributes['error.type']],
    ['cancelled', SpanStatusCode.UNSET, undefined],
  );
});

test('a submit that is refused is an error of its span; a request that is only checked has none', async (t) => {
  const { client } = await clientOf(t);
  await assert.rejects(client.submit({ recipe: 'absent' }), { code: 'recipe_not_found' });
  const [send] = named('send absent') as [ReadableSpan];
  assert.deepEqual([send.attributes['error.type'], send.status.code], ['recipe_not_found', SpanStatusCode.ERROR]);
  const at = { cwd: process.cwd(), worker: 'none' as const, hooks: [otel()] };
  const verbs = await openVerbs({ ...at, store: ':memory:' });
  await verbs.check({ command: ['true'] });
  assert.equal(spans().length, 1);
  await verbs.close();
});

test('an option that cannot be used is refused', () => {
  assert.throws(() => otel({ parent: 'root' as never }), { code: 'invalid_argument', message: /parent: got "root"/ });
  assert.throws(() => otel({ parnt: 'link' } as never), { code: 'invalid_argument', message: /did you mean 'parent'/ });
});
