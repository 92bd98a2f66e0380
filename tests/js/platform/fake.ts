/**
 * Makes a process believe that it runs on another system: `node --import fake.js?darwin …`, or `?win32`. Must come before
 * anything else is loaded; its threads, and the processes of Node that it starts, are given the same.
 *
 * The package finds no `/proc`. On Windows it finds no owners, no groups of processes and no ps(1) either, and every
 * process that it starts leaves a line in the file `started` of the home folder. File system, paths and processes stay
 * those of the system that is really there.
 */
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import workerThreads from 'node:worker_threads';

// biome-ignore lint/suspicious/noExplicitAny: what is replaced here has any type
type Any = any;

const SELF = import.meta.url;
const platform = new URL(SELF).search.slice(1);
if (platform !== 'darwin' && platform !== 'win32') throw new Error(`no such platform: '${platform}'`);
// A driver with binaries of its own takes those of the system that is really there.
// Not in threads of users: a binary that is loaded while its thread is terminated takes the process along.
const mayOpenStores = workerThreads.isMainThread || /\/store\/[^/]+$/.test(process.argv[1] ?? '');
if (mayOpenStores && !process.getBuiltinModule('node:sqlite')) createRequire(SELF)('@photostructure/sqlite');
Object.defineProperty(process, 'platform', { value: platform });

/** Test code goes on seeing what is there. */
const isPackage = (): boolean => /\/(dist|node_modules\/offstage)\//.test(new Error('where').stack ?? '');

for (const name of ['readFileSync', 'readdirSync', 'readlinkSync', 'openSync', 'statSync', 'existsSync']) {
  const original = (fs as Any)[name];
  (fs as Any)[name] = (path: unknown, ...rest: unknown[]) => {
    if (!/^\/proc(\/|$)/.test(String(path)) || !isPackage()) return original(path, ...rest);
    if (name === 'existsSync') return false;
    throw Object.assign(new Error(`ENOENT: no such file or directory, '${path}'`), { code: 'ENOENT' });
  };
}

const spawn = childProcess.spawn as Any;
(childProcess as Any).spawn = (file: string, args: string[], options: Any = {}) => {
  started(file, args);
  const env = { NODE_OPTIONS: `--import ${SELF}`, ...(options.env ?? process.env) };
  return spawn(file, args, file === process.execPath ? { ...options, env } : options);
};
for (const name of ['execFileSync', 'spawnSync']) {
  const original = (childProcess as Any)[name];
  (childProcess as Any)[name] = (file: string, ...rest: unknown[]) => {
    started(file, []);
    return original(file, ...rest);
  };
}

function started(file: string, args: readonly string[]): void {
  if (platform === 'win32')
    fs.appendFileSync(join(process.env.HOME ?? '', 'started'), `${[file, ...args].join(' ')}\n`);
}

const { Worker } = workerThreads;
(workerThreads as Any).Worker = class extends Worker {
  constructor(file: string | URL, options: Any = {}) {
    super(file, { ...options, execArgv: [...(options.execArgv ?? []), '--import', SELF] });
  }
};

if (platform === 'win32') {
  for (const name of ['getuid', 'geteuid', 'getgid', 'getegid', 'getgroups']) (process as Any)[name] = undefined;
  const { kill } = process;
  process.kill = (pid, signal) => {
    if (pid < 0) throw Object.assign(new Error('kill ESRCH'), { code: 'ESRCH' });
    return kill.call(process, pid, signal);
  };
}
syncBuiltinESMExports();
