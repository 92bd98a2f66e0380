import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ROOT } from '../root.ts';

/** Counts what is compiled, and what is read of .wasm files, at import and at the first calls. */
const PROBE = `
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
let modules = 0;
let reads = 0;
WebAssembly.Module = new Proxy(WebAssembly.Module, { construct(target, args) { modules += 1; return new target(...args); } });
const { readFileSync } = fs;
fs.readFileSync = (path, ...rest) => { if (String(path).endsWith('.wasm')) reads += 1; return readFileSync(path, ...rest); };
syncBuiltinESMExports();
const core = await import(process.argv[1]);
const atImport = [modules, reads];
core.random();
const withoutWasm = [modules, reads];
core.newTaskId();
const atFirstCall = [modules, reads];
core.newSessionId();
core.parseDuration('5s', 'x');
console.log(JSON.stringify({ atImport, withoutWasm, atFirstCall, later: [modules, reads] }));
`;

test('importing the core compiles nothing; the first call does, once', () => {
  const core = pathToFileURL(join(ROOT, 'dist', 'core', 'index.js')).href;
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--input-type=module', '-e', PROBE, core], {
    encoding: 'utf8',
    timeout: 60_000,
  });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout), {
    atImport: [0, 0],
    withoutWasm: [0, 0],
    atFirstCall: [1, 1],
    later: [1, 1],
  });
});
