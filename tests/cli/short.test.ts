/** What a short command loads: each of Node's modules costs it milliseconds. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { Project } from '../js/client/project.js';
import { BIN } from './process.js';
import type { Doc } from './scene.js';

/** Says at its end on stderr which of Node's public modules were loaded, and what was made of `Intl`. */
const LISTED = `const made = [];
for (const name of ['Segmenter', 'DateTimeFormat', 'Collator', 'NumberFormat', 'RelativeTimeFormat', 'ListFormat']) {
  Intl[name] = new Proxy(Intl[name], { construct: (...call) => (made.push('Intl.' + name), Reflect.construct(...call)) });
}
process.on('exit', () => {
  const names = process.moduleLoadList.filter((name) => /^NativeModule (?!internal)/.test(name)).map((name) => name.slice(13));
  const files = Object.keys(require.cache).map((path) => require('node:path').basename(path));
  require('node:fs').writeSync(2, [...names, ...made, ...files].join('\\n'));
});`;

/** The files of the command line; `index.cjs` is SQLite's on Node 20. */
const filesIn = (lines: readonly string[]): string[] =>
  lines.filter((line) => /\.cjs$/.test(line) && !['listed.cjs', 'index.cjs'].includes(line));

/** Each takes 1 to 5 ms, or brings others that do. */
const COSTLY = ['child_process', 'net', 'perf_hooks', 'timers/promises', 'worker_threads', 'crypto', 'readline', 'tty'];

test('a look at a task loads none of what only other commands need', async (t) => {
  const project = new Project(t);
  const { task_id } = await project.json<Doc>('background', 'submit', '--recipe', 'echo', '--no-worker');
  const hook = project.file('listed.cjs');
  writeFileSync(hook, LISTED);
  const loadedBy = (...args: string[]): string[] => {
    const { stdout, stderr } = spawnSync(process.execPath, ['--require', hook, ...args], {
      cwd: project.folder,
      env: project.env,
      encoding: 'utf8',
    });
    if (args[3] === task_id) assert.equal(JSON.parse(stdout).status, 'pending', stderr);
    return stderr.split('\n');
  };
  const found = loadedBy(BIN, 'background', 'status', task_id, '--json');
  assert.ok(found.includes('fs'), 'the list is read as it is meant');
  assert.deepEqual(
    found.filter((name) => COSTLY.includes(name) || name.startsWith('Intl.')),
    [],
  );
  assert.deepEqual(filesIn(found).sort(), ['look.cjs', 'offstage.cjs']);
  const list = filesIn(loadedBy(BIN, 'background', 'list', '--json'));
  assert.ok(list.includes('look.cjs') && !list.includes('seldom.cjs'), list.join());
  const unknown = filesIn(loadedBy(BIN, 'background', 'status', '0123abcd'));
  assert.ok(unknown.includes('seldom.cjs'), 'an error is seldom needed');
  const planted = loadedBy('-e', "require('node:child_process'); new Intl.Segmenter()");
  assert.ok(planted.includes('child_process') && planted.includes('Intl.Segmenter'), 'what is loaded is seen');
});
