/** Apps that are bundled, with the package inside or beside. */
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { BUNDLERS, type BundleOptions } from './bundlers.ts';
import { APP, checkApp, Home, MANIFEST, RECIPE } from './home.ts';

/** No `await` at the top: a bundle that is no module has none. */
const main = (code: string): string => `${code.replace(/^((?:import .*\n)+)/, '$1\n(async () => {')}})();\n`;

const RUNNER = `import { BackgroundRunner } from 'offstage';
const runner = new BackgroundRunner();
const late = runner.submit(() => new Promise(() => {}), { timeout: 0.05 });
const code = await late.wait().catch((error) => error.code);
console.log(code, await runner.submit(async () => 42).wait());
await runner.stop();
`;

const ERROR = `import { ConflictError, isTaskError } from 'offstage';
const error = new ConflictError('taken');
console.log(isTaskError(error), error.code, error.name, error instanceof ConflictError);
`;

/** What is bundled in one folder and run in another, which has nothing else in it. */
const moved = (from: Home, t: ConstructorParameters<typeof Home>[0], file: string): Home => {
  const home = new Home(t, { 'package.json': MANIFEST, ...RECIPE });
  home.copy(join(from.folder, dirname(file)), dirname(file)); // Vite puts parts beside it
  return home;
};

for (const bundler of BUNDLERS) {
  const { name } = bundler;
  const app = (t: ConstructorParameters<typeof Home>[0], code: string): Home => {
    const home = new Home(t, { 'package.json': MANIFEST, 'app.mjs': main(code), ...RECIPE });
    home.install();
    return home;
  };
  const bundled = (t: ConstructorParameters<typeof Home>[0], code: string, options?: BundleOptions) => {
    const home = app(t, code);
    return { home, file: bundler.bundle(home, options) };
  };

  test(`${name}: the runner works in a bundle that is alone`, (t) => {
    const { home, file } = bundled(t, RUNNER, { minify: true });
    const { code, stdout, stderr } = moved(home, t, file).run('node', [file]);
    assert.deepEqual([stdout, stderr, code], ['timeout 42\n', '', 0]);
  });

  test(`${name}: what needs the files of the package finds it beside the bundle`, (t) => {
    const { home, file } = bundled(t, APP);
    checkApp(home.run('node', [file]));
  });

  test(`${name}: without the package there is one error, which says external`, (t) => {
    const { home, file } = bundled(t, APP);
    const { code, stdout, stderr } = moved(home, t, file).run('node', [file]);
    assert.notEqual(code, 0);
    assert.equal(stdout, '');
    assert.match(stderr, /MissingDependencyError: .*needs the package 'offstage', which is not installed here/);
    assert.match(stderr, /it was bundled .*external.*npm install offstage@\d.*esbuild.*webpack.*Vite/);
  });

  test(`${name}: a package of another version beside the bundle is not taken`, (t) => {
    const { home, file } = bundled(t, APP);
    home.write({
      'node_modules/offstage/package.json': home
        .read('node_modules/offstage/package.json')
        .replace(/"version": "[^"]+"/, '"version": "99.0.0"'),
    });
    const { code, stderr } = home.run('node', [file]);
    assert.notEqual(code, 0);
    assert.match(stderr, /what is installed beside it is version 99\.0\.0/);
  });

  test(`${name}: left out as the documentation says, all of it works`, (t) => {
    const home = app(t, APP);
    const file = bundler.documented(home);
    assert.ok(statSync(join(home.folder, file)).size < 20_000, 'it is inside after all');
    checkApp(home.run('node', [file]));
  });

  test(`${name}: one error class is small, and right`, (t) => {
    const { home, file } = bundled(t, ERROR, { minify: true });
    const { code, stdout, stderr } = moved(home, t, file).run('node', [file]);
    assert.deepEqual([stdout, stderr, code], ['true conflict ConflictError true\n', '', 0]);
    const text = readFileSync(join(home.folder, file), 'utf8');
    t.diagnostic(`${text.length} bytes`);
    assert.ok(text.length < 5_000, `${text.length} bytes`);
    assert.ok(!/wasm|node:/i.test(text), 'it has more inside than an error');
  });
}
