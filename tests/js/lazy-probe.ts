/**
 * Run in a child process as `node lazy-probe.js MODULE`: imports the module with everything hooked that an import
 * could do besides loading code, and prints what was done as a JSON list of lines.
 */
import { createHook } from 'node:async_hooks';
import childProcess from 'node:child_process';
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import workerThreads from 'node:worker_threads';

const seen: string[] = [];
type Any = Record<string, unknown>;

/** Puts a recorder before a function or constructor; the call itself goes on as before. */
function record(owner: object, name: string, label: string, ignore: (first: unknown) => boolean = () => false): void {
  const original = (owner as Any)[name];
  if (typeof original !== 'function') return;
  (owner as Any)[name] = new Proxy(original, {
    apply(target, self, args) {
      if (!ignore(args[0])) seen.push(`${label}.${name}(${String(args[0]).slice(0, 120)})`);
      return Reflect.apply(target, self, args);
    },
    construct(target, args, newTarget) {
      seen.push(`new ${label}.${name}(${String(args[0]).slice(0, 120)})`);
      return Reflect.construct(target, args, newTarget);
    },
  });
}

/** The loader itself reads modules and the package.json files that say what they are. */
function isModuleFile(path: unknown): boolean {
  const text = path instanceof URL ? fileURLToPath(path) : String(path);
  return /\.(js|mjs|cjs)$|[\\/]package\.json$/.test(text);
}

const READS = ['open', 'readFile', 'readdir', 'opendir', 'writeFile', 'appendFile', 'mkdir', 'mkdtemp', 'rm', 'unlink'];
const MORE = ['createReadStream', 'createWriteStream', 'watch', 'watchFile', 'access', 'rename', 'chmod', 'copyFile'];
for (const name of [...READS, ...MORE]) {
  record(fs, name, 'fs', isModuleFile);
  record(fs, `${name}Sync`, 'fs', isModuleFile);
  record(fsPromises, name, 'fs.promises', isModuleFile);
}
for (const name of ['setTimeout', 'setInterval', 'setImmediate']) {
  record(globalThis, name, 'global');
  record(timers, name, 'timers');
  record(timersPromises, name, 'timers.promises');
}
for (const name of [
  'Module',
  'Instance',
  'Memory',
  'compile',
  'compileStreaming',
  'instantiate',
  'instantiateStreaming',
]) {
  record((globalThis as Any).WebAssembly as object, name, 'WebAssembly');
}
for (const name of ['Worker', 'MessageChannel', 'BroadcastChannel']) record(workerThreads, name, 'worker_threads');
for (const name of ['spawn', 'spawnSync', 'fork', 'exec', 'execSync', 'execFile', 'execFileSync']) {
  record(childProcess, name, 'child_process');
}
record(globalThis, 'fetch', 'global');
for (const name of ['on', 'once', 'addListener']) record(process, name, 'process');
record(process, 'dlopen', 'process'); // a native addon, such as a SQLite driver
syncBuiltinESMExports();

// Handles that were dropped or unreferenced again are seen when they are made; what the loader needs is no handle.
const LOADING = /^(PROMISE|FSREQCALLBACK|FSREQPROMISE|FILEHANDLE|FILEHANDLECLOSEREQ|TickObject|Microtask)$/;
const hook = createHook({
  init(_id, type) {
    if (!LOADING.test(type)) seen.push(`handle: ${type}`);
  },
});

const target = process.argv[2] ?? '';
const keysBefore = Reflect.ownKeys(globalThis).length;
// Which resources keep a process alive: the standard streams of this one are there before.
const resourcesBefore = process.getActiveResourcesInfo().sort().join();
hook.enable();
await import(target);
hook.disable();
const resources = process.getActiveResourcesInfo().sort().join();
if (resources !== resourcesBefore) seen.push(`active resources: '${resourcesBefore}' before, '${resources}' after`);
if (Reflect.ownKeys(globalThis).length !== keysBefore) seen.push('a new global name');
fs.writeSync(1, JSON.stringify(seen));
