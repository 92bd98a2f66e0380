/** The source maps that are published: each has the text of its source, and a stack trace says the line of the source. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import posix from 'node:path/posix';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../js/root.ts';
import { files, read, unpacked } from './unpacked.ts';

/** Without those that are made of the wasm: glue, and bytes. */
const modules = files.filter((file) => file.endsWith('.js') && !/^(core\/pkg|platform\/inside)\//.test(file));

test('each module names its map, and the map has the text of its source, at a path inside the package', () => {
  for (const file of modules) {
    assert.ok(
      read(file)
        .trimEnd()
        .endsWith(`\n//# sourceMappingURL=${posix.basename(file)}.map`),
      file,
    );
    const { sources, sourcesContent, sourceRoot } = JSON.parse(read(`${file}.map`));
    const path = posix.join(posix.dirname(file), sources[0]);
    assert.deepEqual([sources.length, sourceRoot, path], [1, undefined, `js/${file.replace(/\.js$/, '.ts')}`]);
    assert.deepEqual(sourcesContent, [readFileSync(join(ROOT, path), 'utf8')]);
  }
  const maps = files.filter((file) => file.endsWith('.map'));
  assert.deepEqual(maps.sort(), modules.map((file) => `${file}.map`).sort());
});

test('with source maps switched on, a stack trace names the line that throws', () => {
  const packages = join(dirname(unpacked), 'node_modules');
  if (!existsSync(packages)) symlinkSync(join(ROOT, 'node_modules'), packages);
  const code = `import { BackgroundRunner } from ${JSON.stringify(pathToFileURL(join(unpacked, 'index.js')).href)};
    new BackgroundRunner({ maxConcurrentTasks: -1 });`;
  const args = ['--enable-source-maps', '--input-type=module', '-e', code];
  const { stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  const [, file = '', line = '0'] = /at .*[(\s](?:file:\/\/)?\S*\/package\/(js\/\S+\.ts):(\d+):\d+/.exec(stderr) ?? [];
  const source = readFileSync(join(ROOT, file), 'utf8').split('\n');
  assert.match(source[Number(line) - 1] ?? '', /throw|new \w*Error/, stderr);
});
