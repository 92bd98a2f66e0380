/** What channels there are, as the configuration of the store says it now. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { openContext } from '#offstage/client/open.js';
import { optionsOf, removedOptionsOf } from '#offstage/client/staff/tell.js';
import { Project } from '../project.js';

const CHANNELS = { ops: { type: 'command', argv: ['true'] } };

test('a first reading that fails is no reading: nothing is taken for no channels', async (t) => {
  const project = new Project(t);
  const { folder, env } = project;
  const context = await openContext({ cwd: folder, home: folder, env, mount: 'direct', worker: 'none' });
  t.after(() => context.close());
  const file = project.file('offstage.config.json');
  const [{ channels }, { configured }] = [optionsOf(context), removedOptionsOf(context)];
  writeFileSync(file, '{ "channels": ');
  for (const read of [channels, channels, configured, configured]) await assert.rejects(read(), /is not JSON/);
  writeFileSync(file, JSON.stringify({ channels: CHANNELS }));
  assert.deepEqual([await channels(), await configured()], [CHANNELS, CHANNELS]);
  rmSync(file);
  assert.equal(await channels(), await channels(), 'it is read every ten seconds, and the very same till then');
  assert.deepEqual(await removedOptionsOf(context).configured(), undefined, 'none is not the same as no channels');
  assert.deepEqual(await optionsOf(context).channels(), {});
});
