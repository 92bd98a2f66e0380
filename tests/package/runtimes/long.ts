/** What is promised of Bun and Deno, on both: `npm run runtimes`. They come from the registry into the cache. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { Project } from '../../js/client/project.js';
import { acrossProcesses, app, inOneProcess, said, survivals } from '../../js/platform/scenes.js';
import { cached } from '../cache.js';

const [BUN, DENO] =
  process.arch === 'arm64'
    ? ['@oven/bun-linux-aarch64', '@deno/linux-arm64-glibc']
    : ['@oven/bun-linux-x64', '@deno/linux-x64-glibc'];
const modules = join(cached('runtimes', [`${BUN}@1.4`, `${DENO}@2.9`]), 'node_modules');

const RUNTIMES: Readonly<Record<string, Project['runtime']>> = {
  Bun: [join(modules, BUN ?? '', 'bin', 'bun')],
  Deno: [join(modules, DENO ?? '', 'deno'), 'run', '--quiet', '--allow-all'],
};

for (const [name, runtime] of Object.entries(RUNTIMES)) {
  const make = (t: TestContext): Project => Object.assign(new Project(t), { runtime });

  test(`${name}: it is really that which runs`, async (t) => {
    const ended = await app(t, make(t), `console.log(JSON.stringify(Object.keys(process.versions)));`).ended;
    assert.ok((said(ended) as string[]).includes(name.toLowerCase()));
  });

  test(`${name}: doctor says what is promised there`, async (t) => {
    const { exit, node, platform } = await make(t).json<{
      node: { runtime: string };
      platform: { column: string; promises: { is: string }[] };
    }>('doctor');
    assert.deepEqual([exit, node.runtime, platform.column], [0, name.toLowerCase(), name.toLowerCase()]);
    assert.ok(platform.promises.some(({ is }) => is === 'tested'));
  });

  inOneProcess(name, make);
  acrossProcesses(name, make);
  survivals(name, make);
}
