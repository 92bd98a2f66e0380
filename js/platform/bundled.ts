/** The same as `node.ts` for a bundle, beside which there is no file of the package: it has the wasm inside. */
export { runnerWasm } from './inside/for-node.js';
export * from './node.ts';
