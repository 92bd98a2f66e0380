/** A recipe whose folder is not where it was: who has none gives the task back and leaves it alone; who has one runs it. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { thisPlace } from '#offstage/platform/place.js';
import { Fixture, type Read } from './fixture.js';
import { VirtualClock } from './virtual.js';

const given = ({ events }: Read): number => events.filter(({ kind }) => kind === 'retry_scheduled').length;

test('a folder that is gone: given back uncounted, left alone for 30 s, and run when it is there again', async (t) => {
  const fixture = await Fixture.make(t);
  const root = fixture.recipe('moves', 'export default () => 1;');
  const id = await fixture.submit('moves', {}, { source: { place: thisPlace() } });
  const away = fixture.file('away');
  renameSync(root, away);
  const clock = new VirtualClock(Date.now());
  const { trouble } = await fixture.work({
    clock,
    search: { storeFolder: fixture.store.folder, home: '/nowhere', env: {} },
  });
  const back = await fixture.until(id, (read) => given(read) === 1);
  assert.equal(back.record.status, 'pending');
  assert.equal(back.record.attempt ?? 0, 0);
  assert.match(JSON.stringify(back.events.at(-1)?.data), /recipe 'moves' is not here: .* does not hold it any more/);
  // other work goes on; in 29 s of looks it is not tried again
  fixture.recipe('other', 'export default () => 2;');
  for (let second = 0; second < 29; second++) clock.advance(1000);
  assert.equal((await fixture.until(await fixture.submit('other'))).payloads.result, '2');
  assert.equal(given(await fixture.read(id)), 1);
  renameSync(away, root);
  clock.advance(2000);
  const done = await fixture.until(id);
  assert.deepEqual([done.payloads.result, done.record.attempt], ['1', 1]);
  assert.deepEqual(trouble, []);
});

test('a folder that holds another recipe now is none, and one of that name elsewhere is run', async (t) => {
  const fixture = await Fixture.make(t);
  const root = fixture.recipe('named', 'export default () => "old";');
  const id = await fixture.submit('named');
  writeFileSync(join(root, 'TEMPLATE.yaml'), 'name: another\n');
  const own = join(fixture.folder, 'own', 'recipes', 'named');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'TEMPLATE.yaml'), '');
  writeFileSync(join(own, 'recipe.mjs'), 'export default () => "own";');
  await fixture.work({ search: { storeFolder: join(fixture.folder, 'own', '.offstage'), home: '/nowhere', env: {} } });
  const { payloads, events } = await fixture.until(id);
  assert.equal(payloads.result, '"own"');
  assert.ok(
    events.some(
      ({ kind, data }) => kind === 'log' && /has changed since this task last saw it/.test(String(data.line)),
    ),
  );
});

test("of another place the path is not looked at, only this worker's own folders", async (t) => {
  const fixture = await Fixture.make(t);
  fixture.recipe('far', 'export default () => "path";');
  const id = await fixture.submit('far', {}, { source: { place: 'another machine' } });
  const own = join(fixture.folder, 'own', 'recipes', 'any folder');
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, 'TEMPLATE.yaml'), 'description: x\nname: "far" # found by its name\n');
  writeFileSync(join(own, 'recipe.mjs'), 'export default () => "own";');
  await fixture.work(); // has no folders of its own
  await fixture.work({ search: { configured: [join(fixture.folder, 'own', 'recipes')], home: '/nowhere', env: {} } });
  assert.equal((await fixture.until(id)).payloads.result, '"own"');
});
