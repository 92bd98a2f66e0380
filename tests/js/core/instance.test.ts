import assert from 'node:assert/strict';
import { test } from 'node:test';
import { instance } from '#offstage/core/instance.js';
import { isTaskError, TaskError } from '#offstage/errors/index.js';

/** A wasm module whose only function traps; `(module (func (export "trap") unreachable))`. */
const TRAP = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 7, 8, 1, 4, 116, 114, 97, 112, 0, 0, 10, 5, 1, 3, 0, 0,
  11,
]);

interface Wasm {
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { exports: { trap(): void } };
}
const { Module, Instance } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
const trapping = () => new Instance(new Module(TRAP)).exports;

function dead(error: unknown): boolean {
  assert.ok(isTaskError(error));
  assert.equal(error.code, 'core_dead');
  assert.match(error.message, /core failed and cannot be used any more in this process: unreachable/);
  assert.equal((error.cause as Error).name, 'RuntimeError');
  return true;
}

test('the instance is made at the first call, and once', () => {
  let loads = 0;
  const call = instance(() => {
    loads += 1;
    return { double: (n: number) => n * 2 };
  });
  assert.equal(loads, 0);
  assert.equal(
    call((core) => core.double(4)),
    8,
  );
  assert.equal(
    call((core) => core.double(5)),
    10,
  );
  assert.equal(loads, 1);
});

test('a load that failed is tried again', () => {
  let loads = 0;
  const call = instance(() => {
    loads += 1;
    if (loads === 1) throw new Error('no such file');
    return {};
  });
  assert.throws(() => call(() => 1), /no such file/);
  assert.equal(
    call(() => 1),
    1,
  );
});

test('after a trap every call says so, without calling', () => {
  let calls = 0;
  const call = instance(() => ({ ...trapping(), add: () => (calls += 1) }));
  assert.equal(
    call((core) => core.add()),
    1,
  );
  assert.throws(() => call((core) => core.trap()), dead);
  assert.throws(() => call((core) => core.add()), dead);
  assert.throws(() => call((core) => core.add()), dead);
  assert.equal(calls, 1);
});

test('a stack that ended inside is as deadly', () => {
  const endless = (): number => endless() + 1;
  const call = instance(() => ({ endless }));
  assert.throws(() => call((core) => core.endless()), { code: 'core_dead' });
  assert.throws(() => call(() => 1), { code: 'core_dead' });
});

test('a refusal becomes the error of its code, and the instance lives on', () => {
  const refuse = (code: string, details: unknown) => () => {
    throw JSON.stringify({ code, message: 'no', details });
  };
  const call = instance(() => ({}));
  assert.throws(() => call(refuse('conflict', { status: 'running' })), {
    name: 'ConflictError',
    code: 'conflict',
    message: 'no',
    details: { status: 'running' },
  });
  assert.throws(() => call(refuse('invalid_argument', { option: 'x' })), { name: 'InvalidArgumentError' });
  assert.throws(
    () => call(refuse('unreadable', null)),
    (error) => error instanceof TaskError && error.code === 'unreadable',
  );
  assert.equal(
    call(() => 1),
    1,
  );
});

test('a bug of the caller stays what it is', () => {
  const call = instance(() => ({}));
  const bug = new TypeError('not a function');
  assert.throws(
    () =>
      call(() => {
        throw bug;
      }),
    (error) => error === bug,
  );
  assert.equal(
    call(() => 1),
    1,
  );
});

test('what a call that never returned still holds is a trap as well', () => {
  const call = instance(() => ({
    held: () => {
      throw new Error('recursive use of an object detected which would lead to unsafe aliasing in rust');
    },
    fine: () => 1,
  }));
  const isDead = (error: unknown) => isTaskError(error) && error.code === 'core_dead';
  assert.throws(() => call((core) => core.held()), isDead);
  assert.throws(() => call((core) => core.fine()), isDead);
});
