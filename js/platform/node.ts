/**
 * What the runner needs of Node, and of what has its interface. `#platform` is this file there; `bundled.ts` in a bundle for
 * Node; `web.ts` everywhere else (`imports` in package.json). A test compares what they have.
 */
import { clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from 'node:timers';
import { Clocks } from './clocks.ts';

export { clearHere, emptyScope, here, inUse, outside, scopeHere } from './scope.ts';
export { moduleAt, nameOfModule, needThreads, openThreads } from './threads.ts';
export { runnerWasm } from './wasm.ts';

/** The clocks and timers of every runner outside of the tests of this package. */
export const clocks = /* @__PURE__ */ new Clocks({
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  defer: setImmediate,
});

/** Warns whoever runs this process. `code` is what tells one kind from another. */
export const warn = (message: string, code: string): void => process.emitWarning(message, { code });
