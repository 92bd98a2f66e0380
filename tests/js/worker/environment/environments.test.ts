import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import type { EnvValue } from '#offstage/store/types.js';
import { bindingOf, type NoSecrets, valuesOf } from '#offstage/worker/environment/binding.js';
import { Environments, type HandedValue } from '#offstage/worker/environment/environments.js';
import { isThere, joinOptions, sortOptions, splitOptions } from '#offstage/worker/environment/node-options.js';

const KEY = Buffer.alloc(32, 1);
const OTHER_KEY = Buffer.alloc(32, 2);
const WORKER = { PATH: '/worker', HOME: '/w', API_KEY: 'of the worker', MORE: 'm', TERM: 'xterm', OFFSTAGE_TOKEN: 't' };
const SUBMITTER = {
  PATH: '/submitter',
  HOME: '/s',
  LC_ALL: 'C',
  API_KEY: 'of the submitter',
  TERM: 'vt',
  npm_command: 'x',
};

const taken = (env: NodeJS.ProcessEnv, names: string[], key = KEY) => {
  const { environment, values } = bindingOf({ env, folder: '/', key });
  const bound = values.filter(({ name }) => names.includes(name));
  return { id: 'task_1', environment: environment.data, bound };
};
const promised = (more = {}) => ({ needs: ['API_KEY'], inherit: false, module: true, ...more });
const handedOf = (bound: readonly EnvValue[], value: string): HandedValue[] => bound.map((one) => ({ ...one, value }));

test('what is stored names no value but those that are no secret', () => {
  const { environment, values } = bindingOf({ env: SUBMITTER, folder: '/', key: KEY });
  const { variables, node, loading } = JSON.parse(environment.data) as NoSecrets;
  assert.deepEqual(variables, { HOME: '/s', LC_ALL: 'C', PATH: '/submitter' });
  assert.deepEqual([node, loading], [{ path: process.execPath, version: process.version }, []]);
  assert.doesNotMatch(JSON.stringify([environment, values]), /of the submitter/);
  assert.deepEqual(valuesOf(SUBMITTER, KEY), values);
  const again = { ...SUBMITTER, TERM: 'other', npm_command: 'y', SHLVL: '9', PWD: '/x', OFFSTAGE_STORE: '/o' };
  const all = (env: NodeJS.ProcessEnv, key = KEY) => valuesOf(env, key).find(({ name }) => name === '*');
  assert.deepEqual(all(again), all(SUBMITTER), 'terminal, npm, shell and what is ours count for nothing');
  assert.notEqual(all({ ...SUBMITTER, MORE: '1' })?.hash, all(SUBMITTER)?.hash);
  assert.notEqual(all(SUBMITTER, OTHER_KEY)?.hash, all(SUBMITTER)?.hash);
});

test('a run has what was handed over, and nothing of the worker', () => {
  const here = new Environments(WORKER, KEY);
  const claimed = taken(SUBMITTER, ['API_KEY']);
  assert.throws(() => here.of(claimed, promised()), /the value of API_KEY that the task is bound to is not here/);
  here.add(handedOf(claimed.bound, 'of the submitter'));
  const { variables, notes } = here.of(claimed, promised());
  assert.deepEqual(variables, { HOME: '/s', LC_ALL: 'C', PATH: '/submitter', API_KEY: 'of the submitter' });
  assert.deepEqual(notes, []);
  assert.deepEqual(here.handed, claimed.bound);
});

test('a value that is not what its hash says is refused', () => {
  const here = new Environments(WORKER, KEY);
  const { bound } = taken(SUBMITTER, ['API_KEY']);
  assert.throws(() => here.add(handedOf(bound, 'forged')), /API_KEY is another than its hash says/);
  assert.deepEqual(here.handed, []);
});

test('its own values need no handing; by names a run has what the worker has', () => {
  const here = new Environments(WORKER, KEY);
  const own = { ...SUBMITTER, API_KEY: WORKER.API_KEY };
  assert.equal(here.of(taken(own, ['API_KEY']), promised()).variables.API_KEY, 'of the worker');
  const { variables, start } = here.of({ id: 'task_1', environment: null, bound: [] }, promised());
  assert.deepEqual(variables, { HOME: '/w', PATH: '/worker', API_KEY: 'of the worker' });
  assert.deepEqual(start, here.start);
  const all = here.of({ id: 'task_1', environment: null, bound: [] }, promised({ inherit: true }));
  assert.deepEqual(all.variables, { ...variables, MORE: 'm' }, 'no token, no terminal');
});

test('by name, and noted: a hash of another key, and what was taken', () => {
  const here = new Environments(WORKER, KEY);
  const restored = here.of(taken(SUBMITTER, ['API_KEY'], OTHER_KEY), promised());
  assert.equal(restored.variables.API_KEY, 'of the worker');
  assert.match(restored.notes[0] ?? '', /API_KEY is the worker's own, taken by name: .* another key/);
  here.take(['task_1']);
  const claimed = taken(SUBMITTER, ['API_KEY']);
  const { variables, notes } = here.of(claimed, promised());
  assert.equal(variables.PATH, '/submitter', 'what is no secret stays');
  assert.match(notes[0] ?? '', /API_KEY .*--any-env/);
});

test('runs share a process only when all that they have is the same', () => {
  const here = new Environments(WORKER, KEY);
  const keyOf = (env: NodeJS.ProcessEnv) => {
    const claimed = taken(env, ['API_KEY']);
    here.add(handedOf(claimed.bound, env.API_KEY ?? ''));
    return here.of(claimed, promised());
  };
  const one = keyOf(SUBMITTER);
  assert.equal(keyOf({ ...SUBMITTER, TERM: 'y' }).key, one.key);
  for (const more of [{ API_KEY: 'x' }, { PATH: '/y' }, { LC_ALL: 'de' }]) {
    assert.notEqual(keyOf({ ...SUBMITTER, ...more }).key, one.key, JSON.stringify(more));
  }
  assert.equal(
    keyOf({ ...SUBMITTER, API_KEY: 'z', PATH: '/z' }).start.id,
    one.start.id,
    'a spare may serve all of them',
  );
  assert.notEqual(keyOf({ ...SUBMITTER, LC_ALL: 'de' }).start.id, one.start.id, 'Node reads that when it starts');
});

test('what Node reads at its start is there by then: for inherit, and where it is required', () => {
  const env = { ...SUBMITTER, NODE_OPTIONS: '--max-old-space-size=300', NODE_EXTRA_CA_CERTS: '/ca', SECRET: 's' };
  const here = new Environments({ ...env }, KEY);
  const inherit = here.of(taken(env, ['*']), promised({ needs: [], inherit: true }));
  const { NODE_OPTIONS, NODE_EXTRA_CA_CERTS, SECRET } = inherit.start.env;
  assert.deepEqual([NODE_OPTIONS, NODE_EXTRA_CA_CERTS, SECRET], ['--max-old-space-size=300', '/ca', 's']);
  const needs = ['NODE_EXTRA_CA_CERTS', 'SECRET'];
  const required = here.of(taken(env, needs), promised({ needs }));
  assert.deepEqual([required.start.env.NODE_EXTRA_CA_CERTS, required.start.env.SECRET], ['/ca', undefined]);
  const command = here.of(taken(env, ['*']), promised({ needs: [], inherit: true, module: false }));
  assert.equal(command.start.env.NODE_OPTIONS, undefined, 'a program has its own start');
  assert.equal(command.variables.NODE_OPTIONS, '--max-old-space-size=300');
});

test('a Node that is gone is replaced, and that is noted', () => {
  const here = new Environments(WORKER, KEY);
  const claimed = taken(SUBMITTER, []);
  const gone = (version: string) => {
    const set = { ...JSON.parse(claimed.environment), node: { path: `/gone/${version}/node`, version } };
    return here.of({ ...claimed, environment: JSON.stringify(set) }, promised({ needs: [] }));
  };
  for (const version of [`${process.version.split('.')[0]}.0.0`, 'v999.0.0']) {
    const { start, notes } = gone(version);
    assert.equal(start.node, process.execPath);
    assert.match(notes[0] ?? '', new RegExp(`Node of the submit is gone .*${version}.* runs with `));
  }
});

test('tasks of a run are promised what it has, and all only where all is here', () => {
  const here = new Environments(WORKER, KEY);
  const claimed = taken(SUBMITTER, ['API_KEY']);
  here.add(handedOf(claimed.bound, 'of the submitter'));
  const { lineage } = here.of(claimed, promised());
  assert.deepEqual(
    [lineage.whole, lineage.variables.API_KEY, lineage.variables.MORE],
    [false, 'of the submitter', undefined],
  );
  assert.deepEqual(lineage.environment, bindingOf({ env: SUBMITTER, folder: '/', key: KEY }).environment);
  const own = here.of(taken(WORKER, []), promised({ needs: [] })).lineage;
  assert.deepEqual([own.whole, own.variables.MORE], [true, 'm']);
});

test('what no live task needs is forgotten, but not what is handed anew meanwhile', async () => {
  const here = new Environments(WORKER, KEY);
  const handed = handedOf(taken(SUBMITTER, ['API_KEY']).bound, 'of the submitter');
  here.add(handed);
  await here.release(async (values) => {
    here.add(handed.map((one) => ({ ...one })));
    return values;
  });
  assert.equal(here.handed.length, 1);
  await here.release(async (values) => values);
  assert.deepEqual(here.handed, []);
});

test('options of Node are taken apart as Node does, and those that load code are told from the rest', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-options-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, 'a b.cjs'), '');
  const text =
    '--require "./a b.cjs"  --max-old-space-size=30 -r=/x\\y.cjs --import=data:text/javascript, -C dev "--title=\\"q\\""';
  const words = splitOptions(text);
  assert.deepEqual(words.slice(0, 3), ['--require', './a b.cjs', '--max-old-space-size=30']);
  assert.equal(words.at(-1), '--title="q"');
  assert.deepEqual(splitOptions(joinOptions(words)), words);
  const { loading, rest } = sortOptions(words, folder);
  assert.deepEqual(loading, [
    `--require=${join(folder, 'a b.cjs')}`,
    '--require=/x\\y.cjs',
    '--import=data:text/javascript,',
    '--conditions=dev',
  ]);
  assert.deepEqual(rest, ['--max-old-space-size=30', '--title="q"']);
  assert.deepEqual(loading.map(isThere), [true, false, true, true]);
});

test('what is equal for many runs is made once, and not kept longer than the values that it holds', async () => {
  const here = new Environments(WORKER, KEY);
  const claimed = taken(SUBMITTER, ['API_KEY']);
  here.add(handedOf(claimed.bound, SUBMITTER.API_KEY));
  const first = here.of(claimed, promised());
  assert.equal(here.of({ ...claimed, id: 'task_2' }, promised()).variables, first.variables);
  assert.notEqual(here.of(claimed, promised({ needs: [] })).variables, first.variables);
  assert.equal(first.lineage.variables.API_KEY, 'of the submitter');
  await here.release(async (values) => values);
  assert.throws(() => here.of(claimed, promised()), /is not here/);
});

test('256 of them are remembered, of all environments together; one more, and they are made anew', () => {
  const here = new Environments(WORKER, KEY);
  const environments = Array.from({ length: 16 }, (_, index) => taken({ ...SUBMITTER, PATH: `/${index}` }, []));
  const questions = Array.from({ length: 16 }, (_, index) => promised({ needs: [`X${index}`] }));
  const all = () =>
    environments.flatMap((claimed) => questions.map((question) => here.of(claimed, question).variables));
  const first = all();
  assert.equal(new Set(first).size, 256);
  assert.ok(all().every((one, index) => one === first[index]));
  here.of(taken({ ...SUBMITTER, PATH: '/16' }, []), promised({ needs: [] }));
  assert.ok(all().every((one, index) => one !== first[index]));
});

test('a Node or a loader that comes or goes is noticed at the next run', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'offstage-environments-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const loader = join(folder, 'loader.mjs');
  const here = new Environments(WORKER, KEY);
  const claimed = taken({ ...SUBMITTER, NODE_OPTIONS: `--import=${loader}` }, []);
  const options = () => here.of(claimed, promised({ needs: [] })).start.env.NODE_OPTIONS;
  for (let round = 0; round < 2; round++) {
    assert.equal(options(), undefined);
    writeFileSync(loader, '');
    assert.deepEqual([options(), options()], [`--import=${loader}`, `--import=${loader}`]);
    rmSync(loader);
  }
});
