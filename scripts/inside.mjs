// Writes a wasm file as modules that have it inside, for what has no file of the package beside it: bundles for Node, and web pages.
//
//   node scripts/inside.mjs WASM FOLDER
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const [from, folder] = process.argv.slice(2);
const wasm = readFileSync(from);
const params = {
  [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
  [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
  [constants.BROTLI_PARAM_SIZE_HINT]: wasm.length,
};
const compressed = brotliCompressSync(wasm, { params }).toString('base64');
const forNode = `/** The wasm of the runner, for bundles: there is no file of the package beside them. Generated. */
import { Buffer } from 'node:buffer';
import { brotliDecompressSync } from 'node:zlib';

const WASM = '${compressed}';

export const runnerWasm = () => brotliDecompressSync(Buffer.from(WASM, 'base64'));
`;

// The web decompresses only asynchronously, and a runner is made at once; what serves the page compresses it. Of two digits a
// byte that leaves a fifth less than of base64.
const forWeb = `/** The wasm of the runner, for the web. Generated. */
const WASM = '${wasm.toString('hex')}';

const digit = (index) => {
  const code = WASM.charCodeAt(index);
  return code - (code < 58 ? 48 : 87);
};

export function runnerWasm() {
  const bytes = new Uint8Array(WASM.length / 2);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = digit(2 * at) * 16 + digit(2 * at + 1);
  return bytes;
}
`;

mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'for-node.js'), forNode);
writeFileSync(join(folder, 'for-web.js'), forWeb);
console.error(
  `inside.mjs: ${wasm.length} bytes of wasm are ${forNode.length} characters for Node, ${forWeb.length} for the web`,
);
