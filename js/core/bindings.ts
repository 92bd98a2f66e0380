/** The wasm of the store: importing it instantiates nothing, the first call does, synchronously. */
import { storeWasm } from '../platform/wasm.ts';
import { instance } from './instance.ts';
import * as glue from './pkg/offstage_core.js';

let bytes: Uint8Array | undefined;

/** Reads the wasm, so that the first call needs no file any more. */
export function load(): void {
  bytes ??= storeWasm();
}

/** Every call throws a `TaskError` when the core refuses, with the core's code and message. */
export const call = instance(() => {
  load();
  glue.initSync({ module: bytes as Uint8Array });
  bytes = undefined;
  return glue;
});
