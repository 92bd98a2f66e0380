/** A thread whose core traps at its first call after a statement of its turn; tells what the turn, and what follows, have come to. */
import { parentPort, workerData } from 'node:worker_threads';
import { newTaskId } from '#offstage/core/index.js';
import type { NewTask } from '#offstage/store/index.js';
import { breaking, type Scene } from './torn.js';

const { path, asked, pending, at } = workerData as Scene & { at: number };

interface Wasm {
  Instance: new (module: object, imports: object) => { exports: Record<string, unknown> };
  RuntimeError: new (message: string) => Error;
}
const wasm = (globalThis as unknown as { WebAssembly: Wasm }).WebAssembly;
const { Instance, RuntimeError } = wasm;
let traps = false;

/** Its functions give up as `unreachable` does, when they are told to. */
wasm.Instance = function trapping(module: object, imports: object) {
  const all = Object.entries(new Instance(module, imports).exports).map(([name, exported]) => {
    if (typeof exported !== 'function') return [name, exported];
    return [
      name,
      (...values: unknown[]) => {
        if (traps) throw new RuntimeError('unreachable');
        return exported(...values);
      },
    ];
  });
  return { exports: Object.fromEntries(all) };
} as unknown as Wasm['Instance'];

newTaskId(); // makes the core
const store = await breaking(path, (n) => {
  if (n === at) traps = true;
});

const codeOf = (asking: Promise<unknown>): Promise<string> =>
  asking.then(
    () => 'done',
    (error: { code?: string }) => error.code ?? String(error),
  );

const turn = await codeOf(store.run('turn', asked));
const task = asked.submits.at(-1)?.tasks[0] as NewTask;
const next = await codeOf(store.run('submit', { tasks: [task], start: null }));
// A live task goes when it is named and its record is damaged, which nobody can say any more.
const clear = await codeOf(store.run('clear', { ids: [pending], status: [], olderThan: null, dryRun: false }));
parentPort?.postMessage([turn, next, clear]);
