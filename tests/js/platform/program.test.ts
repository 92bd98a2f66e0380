import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MEANT_AS_WORKER, type ownExecutable, whyNoScripts } from '#offstage/platform/program.js';

type Here = NonNullable<Parameters<typeof ownExecutable>[0]>;

const here = (process: Partial<Here['process']>, more: Partial<Here> = {}): Here => ({
  process: { versions: { node: '24.0.0' }, env: {}, ...process },
  ...more,
});

const sea = (isSea: boolean) => ({
  getBuiltinModule: (name: string) => (name === 'node:sea' ? { isSea: () => isSea } : undefined),
});

const APPS: [string, Here, RegExp | undefined][] = [
  ['a plain Node', here(sea(false)), undefined],
  ['an old Node', here({}), undefined],
  ['Bun', here({ versions: { bun: '1.4.0' } }, { Bun: { main: '/app/main.ts' } }), undefined],
  ['Deno', here({ versions: { deno: '2.9.0' } }, { Deno: { build: { standalone: false } } }), undefined],
  ['an old Deno', here({ versions: { deno: '2.0.0' } }, { Deno: {} }), undefined],
  ['a single executable of Node', here(sea(true)), /a single executable of Node/],
  ['Electron', here({ versions: { electron: '40.0.0' } }), /an Electron app.*ELECTRON_RUN_AS_NODE=1/],
  ['Electron as Node', here({ versions: { electron: '40.0.0' }, env: { ELECTRON_RUN_AS_NODE: '1' } }), undefined],
  [
    'Electron, not as Node',
    here({ versions: { electron: '40.0.0' }, env: { ELECTRON_RUN_AS_NODE: '' } }),
    /an Electron app/,
  ],
  ['pkg', here({ pkg: { entrypoint: '/snapshot/app.js' } }), /made by pkg/],
  ['nexe', here({ __nexe: {} }), /made by nexe/],
  ['bun build --compile', here({ versions: { bun: '1.4.0' } }, { Bun: { main: '/$bunfs/own/app' } }), /made by Bun/],
  ['the same on Windows', here({ versions: { bun: '1.4.0' } }, { Bun: { main: 'B:\\~BUN\\own\\app' } }), /made by Bun/],
  ['the same as Bun', here({ env: { BUN_BE_BUN: '1' } }, { Bun: { main: '/$bunfs/own/app' } }), undefined],
  ['deno compile', here({ versions: { deno: '2.9.0' } }, { Deno: { build: { standalone: true } } }), /made by Deno/],
];

for (const [what, surroundings, expected] of APPS) {
  test(`${what} ${expected === undefined ? 'runs scripts' : 'would start itself again, and the ways out are told'}`, () => {
    const why = whyNoScripts(surroundings);
    if (expected === undefined) assert.equal(why, undefined);
    else {
      assert.match(why ?? '', expected);
      assert.match(why ?? '', /npx offstage background worker/);
    }
  });
}

test('what was started to be a worker, and is none, starts no other one', (t) => {
  assert.equal(whyNoScripts(), undefined);
  process.env[MEANT_AS_WORKER] = '1';
  t.after(() => Reflect.deleteProperty(process.env, MEANT_AS_WORKER));
  assert.match(whyNoScripts() ?? '', /this process was started to be a worker and is something else/);
});
