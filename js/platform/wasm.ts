/** The wasm out of the package's files. */
import { readFileSync } from 'node:fs';
import { packageFile } from './package.ts';

export const runnerWasm = (): Uint8Array => readFileSync(packageFile('core/pkg/offstage_runner_bg.wasm'));

export const storeWasm = (): Uint8Array => readFileSync(packageFile('core/pkg/offstage_core_bg.wasm'));
