/** What a client holds open of a store that was taken away under it. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { test } from 'node:test';
import { verbsOf } from '#offstage/client/open.js';
import { VerbContext } from '#offstage/client/verb-context.js';
import { openStore, type Store } from '#offstage/store/index.js';
import { Project } from './project.js';

test('a store that has gone and cannot be closed is warned of once, and the next verb opens what is there then', async (t) => {
  const project = new Project(t);
  const opened: Store[] = [];
  const context = await VerbContext.open({
    cwd: project.folder,
    home: project.folder,
    env: project.env,
    worker: 'none',
    async openStore(path) {
      const store = await openStore(path, { mount: 'direct' });
      const { close } = store;
      if (opened.length === 0) {
        store.close = async () => {
          await close.call(store);
          throw new Error('its thread is gone');
        };
      }
      opened.push(store);
      return store;
    },
  });
  t.after(() => context.close());
  const verbs = verbsOf(context);
  await verbs.submit([{ recipe: 'echo' }]);
  const warnings: string[] = [];
  const warn = process.emitWarning;
  process.emitWarning = ((text: string, { code }: { code: string }) =>
    warnings.push(`${code}: ${text}`)) as unknown as typeof process.emitWarning;
  t.after(() => {
    process.emitWarning = warn;
  });
  for (const ending of ['', '-wal', '-shm']) rmSync(`${project.store}${ending}`, { force: true });
  await assert.rejects(verbs.summary(), { code: 'store', details: { reason: 'gone' } });
  assert.deepEqual(warnings, [`OFFSTAGE_STORE_CLOSE: ${project.store} was not closed: its thread is gone`]);
  await verbs.submit([{ recipe: 'echo' }]);
  assert.deepEqual([opened.length, (await verbs.list({})).total, warnings.length], [2, 1, 1]);
});
