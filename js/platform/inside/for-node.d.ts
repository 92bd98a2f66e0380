/** Generated (`scripts/inside.mjs`): the wasm of the runner, compressed. */
export declare const runnerWasm: () => Uint8Array;
