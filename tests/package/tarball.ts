/** The packed package, and projects that have it installed, for the tests of what is published. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { ROOT } from '../js/root.ts';

export const FIXTURES = join(ROOT, 'tests', 'package', 'fixtures');

/** Packs dist/ as it is into a folder; answers the tarball's path. */
export function packInto(folder: string, dist = join(ROOT, 'dist')): string {
  const run = ['pack', dist, '--ignore-scripts', '--json', '--pack-destination', folder];
  const packed = JSON.parse(execFileSync('npm', run, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }));
  // npm 10 and 11 answer a list, later ones an object by name.
  const [first] = Object.values(packed) as { filename: string }[];
  return join(folder, first?.filename ?? '');
}

/** A command's end, as text. */
export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** A fresh folder with a package.json, recipes and offstage installed from the tarball. */
export class Project {
  readonly folder = mkdtempSync(join(tmpdir(), 'offstage-package-'));
  readonly env: NodeJS.ProcessEnv = {
    PATH: [join(this.folder, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
    HOME: join(this.folder, 'home'),
    LANG: 'C.UTF-8',
    OFFSTAGE_WORKER_IDLE: '2', // seconds; a worker that a test started does not stay
  };

  /** `peer: false` leaves the SQLite driver of Node 20 out. */
  constructor(options: { peer?: boolean } = {}) {
    mkdirSync(join(this.folder, 'home'));
    this.write('package.json', JSON.stringify({ name: 'fresh', private: true, type: 'module' }));
    cpSync(join(FIXTURES, 'recipes'), join(this.folder, 'recipes'), { recursive: true });
    const wanted = [packInto(this.folder), '@types/node@20'];
    if (options.peer !== false && !process.getBuiltinModule?.('node:sqlite')) wanted.push('@photostructure/sqlite@1');
    // `--ignore-scripts`: nothing of what is needed may depend on an install script.
    const quiet = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...quiet, ...wanted], { cwd: this.folder, stdio: ['ignore', 'ignore', 'inherit'] });
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text);
  }

  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}, cwd = this.folder): Ended {
    const { status, stdout, stderr } = spawnSync(command, args, {
      cwd,
      env: { ...this.env, ...env },
      encoding: 'utf8',
      timeout: 120_000,
    });
    return { code: status, stdout, stderr };
  }

  /** Ends the workers that this project's tests started, and removes it. */
  remove(): void {
    endAllIn(this.folder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Ends the processes that run a file of a folder which no other test knows, or run in it. */
export function endAllIn(folder: string): void {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  for (const pid of pids.map(Number).filter((pid) => pid !== process.pid && mentions(pid, folder))) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}

function mentions(pid: number, folder: string): boolean {
  try {
    return (
      readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder) ||
      readlinkSync(`/proc/${pid}/cwd`).startsWith(folder)
    );
  } catch {
    return false;
  }
}
