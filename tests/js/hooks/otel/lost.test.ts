/** A worker that is killed cannot end the span of its attempt: the next one tells of it. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { SpanStatusCode } from '@opentelemetry/api';
import { makeClient, openVerbs } from '#offstage/client/index.js';
import { otel } from '#offstage/otel.js';
import { until } from '../../../waiting.js';
import { keepAlive } from '../../client/drive.js';
import { Project } from '../../client/project.js';
import { linksOf, named, reset } from './spans.js';

const OTEL = JSON.stringify(import.meta.resolve('#offstage/otel.js'));
const API = JSON.stringify(import.meta.resolve('@opentelemetry/api'));
const SDK = JSON.stringify(import.meta.resolve('@opentelemetry/sdk-trace-base'));

/** The hooks of the worker that is killed; its spans go nowhere. */
const HOOKS = `import api from ${API};
import sdk from ${SDK};
import { otel } from ${OTEL};
api.trace.setGlobalTracerProvider(new sdk.BasicTracerProvider());
export default otel();`;

test('the attempt of a killed worker has one span of no length, linked to the one that never ended', async (t) => {
  keepAlive(t);
  const project = new Project(t);
  writeFileSync(project.file('hooks.mjs'), HOOKS);
  writeFileSync(project.file('offstage.config.json'), '{ "hooks": ["./hooks.mjs"] }');
  const submitted = await project.json<{ task_id: string }>(
    ...['background', 'submit', '--recipe', 'waits', '--input', JSON.stringify({ until: project.file('never') })],
  );
  const at = { cwd: project.folder, home: project.folder, env: project.env };
  const client = makeClient(await openVerbs({ ...at, worker: 'app', hooks: [otel()] }));
  t.after(() => client.close());
  const traces = async (): Promise<string[]> => {
    const found: string[] = [];
    for await (const event of client.events(submitted.task_id)) {
      if (event.kind === 'started' && event.data.trace !== undefined) found.push(event.data.trace.traceparent);
    }
    return found;
  };
  const handle = client.handle(submitted.task_id);
  await until(async () => (await handle.snapshot()).progress > 0 && (await traces()).length === 1, {
    what: 'the span of the attempt',
  });
  reset();
  await client.work(); // its hooks hear of what is lost from now on
  await client.submit({ recipe: 'echo', input: { value: 1 } }).then((task) => task.wait(60));
  for (const pid of project.workers()) process.kill(pid, 'SIGKILL');
  await assert.rejects(handle.wait(60), { code: 'lost' });
  await until(() => named('process waits').length === 1, { what: 'the span of the loss' });
  const [lost] = named('process waits');
  const [traceparent = ''] = await traces();
  assert.ok(lost !== undefined);
  assert.deepEqual(linksOf(lost), [traceparent.split('-')[2]]);
  assert.deepEqual([lost.duration, lost.status.code], [[0, 0], SpanStatusCode.ERROR]);
  assert.deepEqual(
    [lost.attributes['offstage.outcome'], lost.attributes['error.type'], lost.attributes['offstage.attempt']],
    ['lost', 'lost', 1],
  );
  assert.equal(lost.attributes['messaging.message.id'], submitted.task_id);
});
