/** Bytes in use, the wasm's included. To be imported before anything that instantiates wasm. */

const memories = new Set();
const note = (instance) => {
  for (const value of Object.values(instance.exports)) if (value instanceof WebAssembly.Memory) memories.add(value);
  return instance;
};

// Nothing in Node lists the wasm memories of a process, so their makers are watched.
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct: (target, args) => note(Reflect.construct(target, args)),
});
const { instantiate } = WebAssembly;
WebAssembly.instantiate = async (...args) => {
  const made = await instantiate.apply(WebAssembly, args);
  note(made.instance ?? made);
  return made;
};

/** Node versions differ in whether `external` includes wasm memory; so it is tried out. */
const countedAsExternal = (() => {
  const before = process.memoryUsage().external;
  const probe = new WebAssembly.Memory({ initial: 256 });
  return process.memoryUsage().external - before >= probe.buffer.byteLength / 2;
})();

export function wasmBytes() {
  let sum = 0;
  for (const memory of memories) sum += memory.buffer.byteLength;
  return sum;
}

/** After collecting twice with a turn of the event loop between, so that what waits for either is gone. */
export async function bytesInUse() {
  for (let time = 0; time < 2; time++) {
    globalThis.gc();
    await new Promise(setImmediate);
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  const wasm = wasmBytes();
  return { total: heapUsed + external + (countedAsExternal ? 0 : wasm), heap: heapUsed, wasm, rss };
}
