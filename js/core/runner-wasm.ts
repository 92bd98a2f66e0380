/** The wasm of the runner, out of the package's file. Bundlers take one that has it inside (`imports` in package.json). */
import { readFileSync } from 'node:fs';
import { packageFile } from '../platform/package.ts';

export const runnerWasm = (): Uint8Array => readFileSync(packageFile('core/pkg/offstage_runner_bg.wasm'));
