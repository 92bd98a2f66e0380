/**
 * What the runner needs of a browser, or of whatever else has timers, `performance`, `crypto` and `WebAssembly` of the web.
 *
 * There are no async contexts: user code is called in none. There are no threads that a runner could end. Nothing keeps a page.
 */
import { RecipePolicyError } from '../errors/recipe.ts';
import { Clocks, type Timers } from './clocks.ts';
import type { Scope, Threads } from './types.ts';

export { runnerWasm } from './inside/for-web.js';

let channel: InstanceType<typeof MessageChannel> | undefined;
const deferred: (() => void)[] = [];

/** A message comes when timers and events have had their turn, and not after the 4 ms that a timer takes. */
function defer(callback: () => void): void {
  if (channel === undefined) {
    channel = new MessageChannel();
    (channel.port1 as { onmessage?: () => void }).onmessage = () => deferred.shift()?.();
  }
  deferred.push(callback);
  channel.port2.postMessage(undefined);
}

/** As they were when this was loaded. */
const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis;

/** The clocks and timers of every runner outside of the tests of this package. */
export const clocks = /* @__PURE__ */ new Clocks({
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  defer,
} as Timers);

/** Warns whoever reads the console. `code` is what tells one kind from another. */
export const warn = (message: string, code: string): void => console.warn(`[${code}] ${message}`);

const NONE: Scope = { runInAsyncScope: (fn, thisArg, ...args) => fn.apply(thisArg, args) };

/** There is none. */
export const scopeHere = (): Scope | undefined => undefined;

/** One in which nothing is set: there is no other. */
export const here = (): Scope => NONE;
export const emptyScope = here;
export const outside = here;
export const inUse = (): boolean => false;
export const clearHere = (): void => {};

/** Refuses `what`, which needs threads, with `RecipePolicyError`, reason `platform`. */
export function needThreads(what: string): never {
  throw new RecipePolicyError(
    `${what} is refused: threads that a runner can end are Node's. Submit a function that asks a Web Worker of yours, and ` +
      'ends it when its signal is aborted',
    { details: { reason: 'platform', platform: 'web' } },
  );
}

export const openThreads = (): Threads => needThreads('a thread');
export const moduleAt = (path: string): URL | undefined => needThreads(path);
export const nameOfModule = (url: URL): string => needThreads(url.href);
