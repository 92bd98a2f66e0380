/** The package may be replaced under a worker: whatever its processes may ever run is loaded before it takes a task. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const DIST = fileURLToPath(new URL('.', import.meta.resolve('#offstage/index.js')));
const files = new Map(
  readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.js') && !file.includes('node_modules'))
    .map((file) => [file, readFileSync(join(DIST, file), 'utf8')]),
);

/**
 * These files have a function that makes their own later imports ahead, and a worker calls each. It has to be the same file:
 * Node finds an import again without looking at the disk only for the file that has imported it.
 */
const LOADERS = [
  'client/open.js',
  'client/verb-context.js', // it has opened its store
  'client/staff/family.js',
  'client/staff/sweeps.js',
  'client/staff/workers.js',
  'client/verbs/prepare.js',
  'program/kinds.js',
  'program/module/run-recipe.js',
  'recipe/input.js',
  'recipe/runtime.js',
  'program/yaml.js',
  'schedule/cron.js',
  'store/sqlite/open.js',
  'store/index.js', // it has opened its store
  'store/ops/index.js',
  'store/sqlite/patience.js',
  'wire/json-schema.js',
  'wire/question.js',
  'worker/inside/recipe-context.js',
  'worker/inside/leftovers.js',
  'worker/inside/load.js',
  'worker/inside/questions.js',
];

/** Verbs that nothing calls in a worker; what a command line's own configuration needs was read before. */
const NEVER = [
  /^client\/open\.js imports (client\/(verbs\/(list|retry|recover|clear)|watch\/(attend|follow)|staff\/work|init-recipe)|store\/sqlite\/(check|backup))\.js$/,
];

const specifiers = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map((match) => match[1] as string);

/** The files, or packages, that a file imports. */
function imports(file: string, how: 'static' | 'dynamic'): string[] {
  const pattern =
    how === 'static' ? /^(?:import|export)\s[^;]*?from '([^']+)'|^import '([^']+)'/gm : /\bimport\('([^']+)'\)/g;
  return specifiers(files.get(file) ?? '', pattern)
    .filter((name) => name !== undefined && !name.startsWith('node:'))
    .map((name) => (name.startsWith('.') ? posix.join(dirname(file), name) : name));
}

/** What is loaded when these files are. */
function closure(roots: readonly string[]): Set<string> {
  const seen = new Set<string>();
  const queue = [...roots];
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    queue.push(...imports(file, 'static'));
  }
  return seen;
}

/** Imports that the process would make later, and nobody has made ahead. */
function late(root: string, loaders: readonly string[]): string[] {
  const seen = closure([root]);
  const found: string[] = [];
  for (const file of seen) {
    for (const target of imports(file, 'dynamic')) {
      const edge = `${file} imports ${target}`;
      if (NEVER.some((one) => one.test(edge))) continue;
      if (!loaders.includes(file)) found.push(edge);
      for (const more of closure([target])) seen.add(more); // a set that grows is gone through to its end
    }
  }
  return found;
}

test('the sources are read as they are meant', () => {
  assert.ok(files.size > 150, `${files.size} files`);
  assert.ok(closure(['client/staff/detached-worker.js']).size > 60);
  assert.ok(imports('client/open.js', 'dynamic').includes('client/verbs/submit.js'));
});

for (const root of [
  'client/staff/detached-worker.js',
  'client/staff/work.js',
  'store/thread-main.js',
  'worker/inside/main.js',
]) {
  test(`${root} imports nothing later that was not loaded ahead`, () => {
    assert.deepEqual(late(root, LOADERS), []);
  });
}

test('what is not loaded ahead is found', () => {
  assert.notDeepEqual(late('client/staff/detached-worker.js', []), []);
  assert.notDeepEqual(late('worker/inside/main.js', []), []);
});
