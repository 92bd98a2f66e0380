import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Driven, Ports, queueMicrotask, whenTrapped } from '#offstage/core/ports.js';
import type { Platform } from '#offstage/platform/types.js';

const trapped: unknown[] = [];
whenTrapped((error) => trapped.push(error));

/** What WebAssembly has, without the types of browsers. */
interface Wasm {
  Module: { new (bytes: Uint8Array): object; imports(module: object): { name: string }[] };
}

const pkg = (file: string): URL => new URL(`pkg/${file}`, import.meta.resolve('#offstage/core/index.js'));

test('the shipped wasm asks for clocks, a timer, a turn and microtasks, and its bindings take microtasks from the ports', () => {
  const { Module } = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
  const imports = Module.imports(new Module(readFileSync(pkg('offstage_runner_bg.wasm'))));
  const asked = imports.map(({ name }) => name.replace(/^__wbg_(.*)_[0-9a-f]{16}$/, '$1'));
  for (const port of ['mono', 'wall', 'perform', 'setAlarm', 'clearAlarm', 'defer', 'queueMicrotask']) {
    assert.ok(asked.includes(port), `${port} in ${asked.join(', ')}`);
  }
  const bindings = readFileSync(pkg('offstage_runner.js'), 'utf8');
  assert.match(bindings, /^import \{ queueMicrotask \} from '\.\.\/ports\.js';\n/);
  assert.match(bindings, /\n +queueMicrotask\(arg0\);\n/);
});

test('a microtask runs once, later, and what it throws is caught', async () => {
  const ran: string[] = [];
  queueMicrotask((): void => {
    ran.push('first');
    throw new Error('a trap');
  });
  assert.equal(ran.length, 0);
  await undefined;
  assert.equal(ran.join(), 'first');
  await new Promise(setImmediate);
  assert.match(String(trapped.pop()), /a trap/);
  queueMicrotask(() => void ran.push('second'));
  await undefined;
  assert.deepEqual(ran, ['first', 'second']);
});

test('no fake queueMicrotask puts it off', async (t) => {
  t.mock.method(globalThis, 'queueMicrotask', () => {});
  let runs = 0;
  queueMicrotask(() => (runs += 1));
  await undefined;
  assert.equal(runs, 1);
});

/** A timer that tests ring. */
function platform() {
  const state = { ring: (): void => {}, turn: (): void => {}, held: true, cleared: false, ms: 0 };
  const made: Platform = {
    mono: () => 1,
    wall: () => 2,
    timer(callback, ms) {
      Object.assign(state, { ring: callback, ms, held: true, cleared: false });
      return {
        clear: () => void Object.assign(state, { cleared: true }),
        ref: () => void Object.assign(state, { held: true }),
        unref: () => void Object.assign(state, { held: false }),
      };
    },
    defer: (turn) => void Object.assign(state, { turn }),
  };
  return { made, state };
}

test('an alarm is loose until something is to be done that keeps the process', () => {
  const { made, state } = platform();
  const called: string[] = [];
  const driven: Driven = {
    perform: (words) => called.push(`perform ${words}`),
    ring: () => called.push('ring'),
    turned: () => called.push('turned'),
    parted: () => called.push('parted'),
  };
  const ports = new Ports(made, driven);
  assert.deepEqual([ports.mono(), ports.wall()], [1, 2]);
  ports.setAlarm(30);
  assert.deepEqual([state.ms, state.held], [30, false]);
  ports.keep(true, true);
  assert.equal(state.held, true);
  ports.keep(true, false);
  assert.equal(state.held, false);
  state.ring();
  ports.clearAlarm();
  assert.equal(state.cleared, false, 'it has rung');
  ports.setAlarm(5);
  ports.clearAlarm();
  assert.equal(state.cleared, true);
  ports.defer();
  state.turn();
  ports.perform(4);
  assert.deepEqual(called, ['ring', 'turned', 'perform 4']);
});

test('a trap in a timer or in a turn is caught', () => {
  const { made, state } = platform();
  const trap = (): never => {
    throw new Error('unreachable');
  };
  const ports = new Ports(made, { perform: trap, ring: trap, turned: trap, parted: trap });
  ports.setAlarm(1);
  state.ring();
  ports.defer();
  state.turn();
  assert.deepEqual(trapped.splice(0).map(String), ['Error: unreachable', 'Error: unreachable']);
});
