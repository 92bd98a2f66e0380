import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { JS_FLOORS, jsUses, RUST_FLOORS, readSources, rustUses, type Sources, violations } from './floors.ts';
import { ROOT } from './root.ts';

const js = readSources(join(ROOT, 'js'), '.ts');
const rust = readSources(join(ROOT, 'src'), '.rs');
const checkJs = (sources: Sources) => violations(JS_FLOORS, jsUses(sources), sources.keys());
const checkRust = (sources: Sources) => violations(RUST_FLOORS, rustUses(sources), sources.keys());
const planted = (file: string, text: string) => new Map([[file, text]]);

test('js: a file uses lower floors or its own room', () => {
  assert.ok(js.size > 20, `only ${js.size} files were read`);
  assert.ok(jsUses(js).length > 50, 'hardly any import was found');
  assert.deepEqual(checkJs(js), []);
});

test('src: a file uses lower floors or its own room', () => {
  assert.ok(rust.size > 5, `only ${rust.size} files were read`);
  assert.ok(rustUses(rust).length > 20, 'hardly any use was found');
  assert.deepEqual(checkRust(rust), []);
});

test('the picture in docs/ARCHITECTURE.md shows every room, and none that is not there', () => {
  const text = readFileSync(join(ROOT, 'docs', 'ARCHITECTURE.md'), 'utf8');
  const [, inJs = '', inRust = ''] = /```\njs\/([\s\S]*?)═+[^\n]*\nsrc\/([\s\S]*?)```/.exec(text) ?? [];
  assert.deepEqual(pictured(inJs, js), { missing: [], gone: [] });
  assert.deepEqual(pictured(inRust, rust), { missing: [], gone: [] });
  assert.deepEqual(pictured('core/ one', new Map([['cli/offstage.ts', '']])), { missing: ['cli'], gone: ['core'] });
});

/** Rooms that a picture lacks, and folders in it that are not there. */
function pictured(picture: string, sources: Sources): { missing: string[]; gone: string[] } {
  const folders = [...sources.keys()].flatMap((file) => file.split('/').slice(0, -1));
  const rooms = [
    ...new Set([...sources.keys()].filter((file) => file.includes('/')).map((file) => file.split('/')[0] ?? '')),
  ];
  const shown = [...picture.matchAll(/\b([a-z]+)\/(?= )/g)].map(([, room = '']) => room);
  return {
    missing: rooms.filter((room) => !new RegExp(`\\b${room}\\b`).test(picture)),
    gone: shown.filter((room) => !folders.includes(room)),
  };
}

test('js: the command line knows the client, and besides it only errors, the wire, ports and itself', () => {
  const known = new Set(['cli', 'client', 'errors', 'ports', 'wire']);
  const other = jsUses(js).filter(({ from, to }) => from.startsWith('cli/') && !known.has(to.split('/')[0] ?? ''));
  assert.deepEqual(other, []);
});

test('js: only commands for this machine ask for more than the verbs over tasks', () => {
  const local = (sources: Sources) =>
    [...sources].filter(([file, text]) => file.startsWith('cli/commands/') && /\.local\(|LocalVerbs/.test(text));
  assert.deepEqual(
    local(js)
      .map(([file]) => file)
      .sort(),
    [
      'cli/commands/background/worker.ts',
      'cli/commands/notify/run.ts',
      'cli/commands/notify/test.ts',
      'cli/commands/recipe/run.ts', // what the configuration says of waiting
      'cli/commands/store/backup.ts',
      'cli/commands/store/check.ts',
      'cli/commands/store/migrate.ts',
      'cli/commands/store/restore.ts',
    ],
  );
  assert.equal(local(planted('cli/commands/background/x.ts', 'await call.local()')).length, 1);
});

test('js: ports are interfaces only', () => {
  const ports = (sources: Sources) =>
    [...sources].filter(
      ([file, text]) =>
        file.startsWith('ports/') &&
        /^(?:export )?(?:const|let|function|class|async|default)\b|^import (?!type)/m.test(text),
    );
  assert.ok(
    [...js.keys()].some((file) => file.startsWith('ports/')),
    'there are no ports',
  );
  assert.deepEqual(
    ports(js).map(([file]) => file),
    [],
  );
  assert.equal(ports(planted('ports/x.ts', 'export const x = 1;')).length, 1);
});

test('js: the runner knows the core, the platform, the wire, the errors and itself', () => {
  const uses = jsUses(js).filter(({ from }) => from.startsWith('runner/'));
  assert.ok(uses.length > 20, 'hardly any import of the runner was found');
  const known = new Set(['runner', 'core', 'platform', 'wire', 'errors']);
  assert.deepEqual(
    uses.filter(({ to }) => !known.has(to.split('/')[0] ?? '')),
    [],
  );
});

test('js: how a recipe is found, read and run knows neither the store nor the runner', () => {
  const known = (uses: ReturnType<typeof jsUses>) =>
    uses.filter(({ from, to }) => /^(recipe|program)\//.test(from) && /^(store|runner)\//.test(to));
  assert.deepEqual(known(jsUses(js)), []);
  assert.equal(known(jsUses(planted('program/x.ts', "import { trust } from '../store/trust.ts';"))).length, 1);
});

test('js: core alone imports the generated glue', () => {
  const users = jsUses(js).filter(({ to }) => to.startsWith('core/pkg'));
  assert.ok(users.length > 0, 'nobody imports the glue, so its path has changed');
  assert.deepEqual(
    users.filter(({ from }) => !from.startsWith('core/')),
    [],
  );
});

test('js: everything that one room imports of another exists', () => {
  const missing = jsUses(js).filter(({ to }) => !js.has(to) && !/^(core\/pkg|platform\/inside)\//.test(to));
  assert.deepEqual(missing, []);
});

const JS_PLANTS: [string, string, string][] = [
  ['import', 'store/rows/task.ts', "import { work } from '../../worker/index.ts';"],
  ['import type', 'core/index.ts', "import type { Store } from '../store/types.ts';"],
  ['import for effects', 'wire/task.ts', "import '../core/index.ts';"],
  ['export from', 'errors/index.ts', "export * from '../store/types.ts';"],
  ['dynamic import', 'client/open.ts', "const cli = await import('../cli/offstage.ts');"],
  ['dynamic import over lines', 'recipe/run.ts', "const all = await import(\n  '../worker/index.ts'\n);"],
  ['typeof import', 'store/index.ts', "type Worker = typeof import('../worker/index.ts');"],
  ['worker entry', 'store/thread.ts', "new Worker(new URL('../worker/main.js', import.meta.url));"],
  ['computed tail', 'store/thread.ts', 'await import(`../worker/$' + '{name}.ts`);'],
  ['sideways', 'recipe/index.ts', "import { start } from '../agent/index.ts';"],
  ['sideways', 'store/index.ts', "import { start } from '../runner/index.ts';"],
  ['sideways', 'runner/submit.ts', "import { open } from '../store/index.ts';"],
  ['upwards', 'runner/recipe.ts', "import { runRecipe } from '../recipe/run.ts';"],
  ['thread entry', 'platform/threads.ts', "new URL('../runner/run.js', import.meta.url);"],
  ['file of the package', 'store/thread.ts', "new Worker(packageFile('worker/inside/main.js'));"],
  ['sideways', 'platform/system.ts', "import { start } from '../core/index.ts';"],
  ['table of contents', 'client/open.ts', "import { recipe } from '../index.ts';"],
  ['unknown room', 'wire/task.ts', "import { x } from '../helpers/x.ts';"],
];

for (const [how, file, text] of JS_PLANTS) {
  test(`js: a planted violation is seen: ${how} in ${file}`, () => {
    assert.equal(checkJs(planted(file, text)).length, 1);
  });
}

test('js: a file in a room that is on no floor is seen', () => {
  assert.equal(checkJs(planted('helpers/x.ts', '')).length, 1);
});

const RUST_PLANTS: [string, string, string][] = [
  ['use', 'task/decide.rs', 'use crate::rules::retry;'],
  ['path in code', 'rules/retry.rs', 'fn f() { crate::engine::apply() }'],
  ['group', 'task/spec.rs', 'use crate::{error::{Error, Code}, rules::retry};'],
  ['super', 'task/spec.rs', 'use super::super::wasm::convert;'],
  ['super of a room in one file', 'error.rs', 'use super::task::Record;'],
  ['super of a mod.rs', 'task/mod.rs', 'use super::rules::retry;'],
  ['pub use', 'error/mod.rs', 'pub(crate) use crate::task::Record;'],
  ['sideways', 'id.rs', 'use crate::time::Millis;'],
];

for (const [how, file, text] of RUST_PLANTS) {
  test(`src: a planted violation is seen: ${how} in ${file}`, () => {
    assert.equal(checkRust(planted(file, text)).length, 1);
  });
}

test('src: what is allowed is not called a violation', () => {
  const fine = new Map([
    ['wasm/mod.rs', 'use crate::{error::Error, rules::{attention, retry}, task};'],
    ['task/decide.rs', 'use super::{event::Event, state}; use crate::time::Millis; // not crate::wasm\n'],
    ['time.rs', 'use crate::error::Error;'],
    ['rules/retry.rs', 'mod tests { use super::*; }'],
    ['lib.rs', 'pub use task::Record;'],
  ]);
  assert.deepEqual(checkRust(fine), []);
});
