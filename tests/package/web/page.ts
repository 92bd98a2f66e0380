/**
 * A page as far as the package can see one, in a thread: a context that has what browsers have, and nothing of Node's. Its
 * timers are numbers and refuse to be called as methods, as those of browsers.
 */
import vm from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';

type Fn = (...args: never[]) => unknown;

/** Browsers refuse a function of the window that is called as a method of something else. */
const bare = (fn: Fn): Fn =>
  function (this: unknown, ...args) {
    if (this !== undefined) throw new TypeError('Illegal invocation');
    return fn(...args);
  };

const timers = new Map<number, NodeJS.Timeout>();
const numbered = (start: (...args: never[]) => NodeJS.Timeout): Fn =>
  bare((...args) => {
    const timer = start(...args);
    timers.set(timers.size + 1, timer);
    return timers.size;
  });
const ended = (end: (timer: NodeJS.Timeout | undefined) => void): Fn => bare((id) => end(timers.get(id)));

const warnings: string[] = [];
const page = vm.createContext({
  AbortController,
  AbortSignal,
  DOMException,
  Event,
  EventTarget,
  MessageChannel,
  TextDecoder,
  TextEncoder,
  URL,
  atob: bare(atob),
  btoa: bare(btoa),
  clearInterval: ended(clearInterval),
  clearTimeout: ended(clearTimeout),
  console: { warn: (text: string) => warnings.push(text) },
  crypto,
  performance,
  queueMicrotask: bare(queueMicrotask),
  setInterval: numbered(setInterval),
  setTimeout: numbered(setTimeout),
  structuredClone: bare(structuredClone),
});

const { bundle, script } = workerData as { bundle: string; script: string };
vm.runInContext(bundle, page);
const seen = await vm.runInContext(`(async () => {${script}})()`, page);
parentPort?.postMessage(JSON.stringify({ seen, warnings }));
