/** Names and sizes of files: one word names one thing, and a file is cut by verb before it grows long. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { readSources, type Sources } from './floors.ts';
import { ROOT } from './root.ts';

const js = readSources(join(ROOT, 'js'), '.ts');
const rust = readSources(join(ROOT, 'src'), '.rs');

/** Words that say nothing without the thing that they are of: one file may be called so, others say which one they are. */
const BARE = ['run.ts', 'handle.ts', 'context.ts', 'follow.ts'];

/** Those that have the name of another one. Commands are called as people type them. */
function doubles(files: Iterable<string>): string[] {
  const bare = [...files].filter((file) => !file.startsWith('cli/commands/') && BARE.includes(nameOf(file)));
  return bare.filter((file) => bare.some((other) => other !== file && nameOf(other) === nameOf(file))).sort();
}

const nameOf = (file: string): string => file.split('/').at(-1) ?? '';

test('no second file is called run, handle, context or follow', () => {
  assert.ok(js.size > 300, `only ${js.size} files were read`);
  assert.deepEqual(doubles(js.keys()), []);
  assert.deepEqual(doubles(['a/run.ts', 'b/run.ts', 'c/handle.ts', 'cli/commands/x/run.ts']), ['a/run.ts', 'b/run.ts']);
});

const MOST_LINES = 300;

/** Why a file is longer. One that has become short again goes from here when somebody comes by. */
const LONGER: Record<string, string> = {
  'client/client.ts':
    'the public interface of a client and its comments, which one page shows; what it does is elsewhere',
  'json/read.rs': 'one parser: its functions share the place in the text and call each other',
  'store/sqlite/database.ts': 'one connection: what is checked around its transactions is private to it',
  'wire/task.ts': 'the task as it crosses, twice: nearly all of it are the comments of its fields',
};

/** Files that are too long without a reason, and reasons of files that are not there. */
function long(sources: Sources, known: Record<string, string>): string[] {
  const found = [...sources].filter(([, text]) => text.split('\n').length > MOST_LINES + 1).map(([file]) => file);
  const gone = Object.keys(known).filter((file) => !sources.has(file));
  return [...found.filter((file) => !Object.hasOwn(known, file)), ...gone.map((file) => `${file} is not there`)];
}

test('no file has more than 300 lines without its reason', () => {
  assert.deepEqual(long(new Map([...js, ...rust]), LONGER), []);
  const planted = new Map([['a.ts', '\n'.repeat(301)]]);
  assert.deepEqual(long(planted, { 'b.ts': 'why' }), ['a.ts', 'b.ts is not there']);
});
