// Writes a wasm file as a module that has it inside, for bundles, beside which there is no file of the package.
//
//   node scripts/inside.mjs WASM MODULE
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [from, to] = process.argv.slice(2);
const wasm = readFileSync(from);
const params = {
  [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
};
const text = brotliCompressSync(wasm, { params }).toString('base64');
mkdirSync(dirname(to), { recursive: true });
writeFileSync(
  to,
  `/** The wasm of the runner, for bundles: there is no file of the package beside them. Generated. */
import { Buffer } from 'node:buffer';
import { brotliDecompressSync } from 'node:zlib';

const WASM = '${text}';

export const runnerWasm = () => brotliDecompressSync(Buffer.from(WASM, 'base64'));
`,
);
console.error(`inside.mjs: ${wasm.length} bytes of wasm are ${text.length} characters`);
