import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { EndSignal } from '#offstage/cli/io.js';
import type { Verbs } from '#offstage/client/index.js';
import { cli, document, ID, OTHER, submit } from './fake.js';

/** Waits as the real one does: until its signal is aborted. */
const aborted = (options?: { signal?: AbortSignal | undefined }): Promise<never> =>
  new Promise((_, reject) => options?.signal?.addEventListener('abort', () => reject(options.signal?.reason)));
const wait: Verbs['wait'] = (_ids, options) => aborted(options);

for (const [signal, exit, code] of [
  ['SIGINT', 130, 'interrupted'],
  ['SIGTERM', 143, 'terminated'],
] as const) {
  const onSignal = (listener: (signal: EndSignal) => void) => setImmediate(() => listener(signal));

  test(`${signal} ends a wait and leaves the task alone`, async () => {
    for (const argv of [
      ['wait', ID],
      ['submit', '--recipe', 'r', '--wait'],
    ]) {
      const verbs = { submit, wait };
      const ran = await cli(['background', ...argv, '--json'], { verbs, onSignal });
      assert.deepEqual(document(ran), {
        ok: false,
        error: `stopped waiting; task ${ID} runs on`,
        code,
        details: { signal, task_id: ID },
      });
      assert.deepEqual([ran.code, ran.closed], [exit, 1]);
    }
  });

  test(`${signal} ends a wait for several, and says how to go on`, async () => {
    const argv = ['background', 'wait', ID, OTHER, '--any'];
    const ran = await cli([...argv, '--json'], { verbs: { wait }, onSignal });
    assert.deepEqual(document(ran), {
      ok: false,
      error: 'stopped waiting; 2 tasks run on',
      code,
      details: { signal, task_ids: [ID, OTHER] },
    });
    const human = await cli(argv, { verbs: { wait }, onSignal });
    assert.ok(human.stderr.endsWith(`Go on: offstage background wait ${ID} ${OTHER} --any\n`), human.stderr);
  });

  test(`${signal} cancels the task that recipe run waits for`, async () => {
    const cancel = async () => [{ task_id: ID, cancelled: true, status: 'cancelled' as const }];
    const ran = await cli(['recipe', 'run', 'r', '--json'], {
      verbs: { submit, wait, cancel },
      onSignal,
    });
    assert.deepEqual([document<{ error: string }>(ran).error, ran.code], [`cancelled task ${ID}`, exit]);
    assert.deepEqual(ran.calls.at(-1), ['cancel', [ID], { reason: signal }]);
  });

  test(`${signal} stops a worker in order`, async () => {
    const work: Verbs['work'] = (options) =>
      new Promise((resolve) => options?.signal?.addEventListener('abort', () => resolve()));
    const ran = await cli(['background', 'worker'], { verbs: { work }, onSignal });
    assert.deepEqual([ran.code, ran.closed], [exit, 1]);
  });
}

test('a second signal ends the drain of a worker at once', async () => {
  let times: number | undefined;
  const skipped: unknown[] = [];
  const work: Verbs['work'] = (options) =>
    new Promise((resolve) =>
      options?.skipDrain?.addEventListener('abort', () => {
        skipped.push(options.signal?.reason, options.skipDrain?.reason);
        resolve();
      }),
    );
  const ran = await cli(['background', 'worker', '--drain', '60'], {
    verbs: { work },
    onSignal(listener, wanted) {
      times = wanted;
      setImmediate(() => {
        listener('SIGTERM');
        listener('SIGINT');
      });
    },
  });
  assert.deepEqual([ran.code, times, skipped], [143, 2, ['SIGTERM', 'SIGINT']]);
});
