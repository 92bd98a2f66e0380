/** The example of a command recipe, run as a worker's child runs it, on files made here. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CommandProgram } from '#offstage/program/command/reading-command.js';
import { containedSource, findRecipe, prepareInput, sourceOf } from '#offstage/recipe/index.js';
import { resultOf, start } from './commands.js';

const recipe = await findRecipe(join(process.cwd(), 'recipes', 'checksums'), { env: {} });
const { program } = await containedSource(sourceOf(recipe));
assert.equal(program.kind, 'command');
const { file, args, folder: cwd } = program as CommandProgram;

const line = (name: string, text: string): string => `${createHash('sha256').update(text).digest('hex')}  ./${name}\n`;

test('lists every file with its checksum, sorted, and tells how far it is', async (t) => {
  const { folder, run } = await start(t);
  const [path, output] = [join(folder, 'data'), join(folder, 'list.sha256')];
  mkdirSync(join(path, 'sub'), { recursive: true });
  const files = { 'b.txt': 'b', 'sub/a b.txt': 'a', '-x': '', 'ä.txt': 'umlaut' };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  writeFileSync(join(path, 'line\nend'), 'left out');
  const running = run([...args], { file, cwd, input: await prepareInput(recipe, { path, output }) });
  assert.deepEqual(await resultOf(running), { files: 4, left_out: 0, output });
  const lines = Object.entries(files).map(([name, text]) => line(name, text));
  const byName = (a: string, b: string) => Buffer.compare(Buffer.from(a.slice(66)), Buffer.from(b.slice(66)));
  assert.equal(readFileSync(output, 'utf8'), lines.sort(byName).join(''));
  const progress = running.facts().filter(({ kind }) => kind === 'progress');
  assert.deepEqual(progress.at(-1), { kind: 'progress', fraction: 1, message: '4 of 4 files' });
  assert.equal((await running.done).clean, true);
});

test('a cancel leaves nothing behind', async (t) => {
  const { folder, run } = await start(t);
  const [path, output] = [join(folder, 'data'), join(folder, 'list.sha256')];
  mkdirSync(path);
  for (let n = 0; n < 2000; n += 1) writeFileSync(join(path, `f${n}`), String(n));
  const running = run([...args], { file, cwd, input: { path, output } });
  await running.progressed();
  assert.ok(readdirSync(folder).includes('list.sha256.task_1.part'));
  running.abort();
  assert.deepEqual((await running.done).outcome, { kind: 'aborted' });
  assert.deepEqual(readdirSync(folder).sort(), ['data', 'tmp']);
});

test('a folder that is not there fails with what the script said', async (t) => {
  const { folder, run } = await start(t);
  const input = { path: join(folder, 'none'), output: join(folder, 'out') };
  const { outcome } = await run([...args], { file, cwd, input }).done;
  assert.equal(outcome.kind, 'error');
  assert.match(JSON.stringify(outcome), /sh checksums\.sh: exit code 2: .*none/);
  assert.deepEqual(readdirSync(folder), ['tmp']);
});
