/** Generated (`scripts/inside.mjs`): the wasm of the runner, as text. */
export declare const runnerWasm: () => Uint8Array;
