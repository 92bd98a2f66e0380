/** Fresh folders outside of the checkout, in which the packed tarball is used as its users would. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, type TestContext } from 'node:test';
import { until } from '../../waiting.ts';
import { cached } from '../cache.ts';
import { packInto } from '../tarball.ts';

export const MANIFEST = JSON.stringify({ name: 'home', private: true, type: 'module' });

/** Milliseconds that one command may take; the longest installs packages. */
const PATIENCE = 300_000;

/** Node 20 has no SQLite of its own. */
export const NEEDS_DRIVER = process.getBuiltinModule?.('node:sqlite') === undefined;
export const DRIVER = '@photostructure/sqlite@1';

const shared = mkdtempSync(join(tmpdir(), 'offstage-packed-'));
after(() => rmSync(shared, { recursive: true, force: true }));

let packed: string | undefined;

/** The tarball, packed once. */
export function tarball(): string {
  packed ??= packInto(shared);
  return packed;
}

let modules: string | undefined;

/** A `node_modules` with the tarball, installed once by npm; no install script is run. */
function installed(): string {
  if (modules === undefined) {
    writeFileSync(join(shared, 'package.json'), MANIFEST);
    const wanted = [tarball(), ...(NEEDS_DRIVER ? [DRIVER] : [])];
    execFileSync('npm', ['install', ...QUIET, ...wanted], { cwd: shared, stdio: ['ignore', 'ignore', 'inherit'] });
    modules = join(shared, 'node_modules');
  }
  return modules;
}

export const QUIET = ['--ignore-scripts', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];

/** A tool that only these tests need; brought into the cache. Answers the path of a file of it. */
export const tool = (wanted: readonly string[], file: string): string =>
  join(cached('homes', wanted), 'node_modules', file);

/** The registry that npm is set to here: other package managers have settings of their own. */
export const registry = (): string =>
  spawnSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).stdout.trim();

/** What it takes here to reach a registry. */
const REACHES = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => /^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|(https?|no)_proxy)$/i.test(name)),
);

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class Home {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(t: TestContext, files: Readonly<Record<string, string>> = {}) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-home-')));
    this.env = {
      PATH: [join(this.folder, 'node_modules', '.bin'), process.env.PATH ?? ''].join(delimiter),
      HOME: join(this.folder, 'home'),
      LANG: 'C.UTF-8',
      OFFSTAGE_WORKER_IDLE: '2',
      npm_config_registry: registry(),
      ...REACHES,
    };
    this.write({ 'home/.keep': '', ...files });
    t.after(() => this.#remove());
  }

  write(files: Readonly<Record<string, string>>): void {
    for (const [name, text] of Object.entries(files)) {
      const file = join(this.folder, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  copy(from: string, to: string): void {
    cpSync(from, join(this.folder, to), { recursive: true, verbatimSymlinks: true });
  }

  /** Runs a program to its end; `from`: the folder below this one in which it runs. */
  run(command: string, args: readonly string[], { from = '.', env = {} as NodeJS.ProcessEnv } = {}): Ended {
    const { status, stdout, stderr, error } = spawnSync(command, args, {
      cwd: join(this.folder, from),
      env: { ...this.env, ...env },
      encoding: 'utf8',
      timeout: PATIENCE,
      killSignal: 'SIGKILL',
    });
    if (error !== undefined) throw error;
    return { code: status, stdout, stderr };
  }

  /** The same, and it must do what it should. */
  must(command: string, args: readonly string[], options: Parameters<Home['run']>[2] = {}): Ended {
    const ended = this.run(command, args, options);
    if (ended.code === 0) return ended;
    throw new Error(`${[command, ...args].join(' ')} ended with ${ended.code}\n${ended.stdout}\n${ended.stderr}`);
  }

  /** Has what `npm install` of the tarball puts there. */
  install(): void {
    this.copy(installed(), 'node_modules');
  }

  /** The same by npm itself, from what `package.json` names. */
  npmInstall(): void {
    this.must('npm', ['install', ...QUIET], { env: { HOME: process.env.HOME } }); // npm's own cache
  }

  /** Ends what runs a file of this folder, or stands in it. */
  async #remove(): Promise<void> {
    await until(
      () => {
        const left = this.#processes();
        for (const pid of left) kill(pid);
        return left.length === 0;
      },
      { what: `the end of every process of ${this.folder}` },
    );
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  #processes(): number[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return pids.map(Number).filter((pid) => pid !== process.pid && this.#isOurs(pid));
  }

  #isOurs(pid: number): boolean {
    try {
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return false;
      const [line, environ] = ['cmdline', 'environ'].map((file) => readFileSync(`/proc/${pid}/${file}`, 'latin1'));
      return [line, environ, readlinkSync(`/proc/${pid}/cwd`)].some((text) => text?.includes(this.folder));
    } catch {
      return false; // it is gone
    }
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended meanwhile
  }
}

/** A recipe that is a folder, and an app that runs it by a detached worker, and one in code by itself. */
export const RECIPE = {
  'recipes/echo/TEMPLATE.yaml': 'description: gives back what it gets\n',
  'recipes/echo/recipe.mjs': 'export default (input, ctx) => ({ ...input, pid: process.pid, attempt: ctx.attempt });\n',
  'recipes/shout/TEMPLATE.yaml': 'description: a program\ncommand: [tr, a-z, A-Z]\n',
};

export const APP = `import { defineRecipe, openBackground, recipe } from 'offstage';

const folder = await recipe.runBackground('echo', { input: { a: 1 } });
const program = await recipe.runBackground('shout', { input: { a: 1 } });
const double = defineRecipe({ name: 'double', run: async ({ n }, ctx) => ctx.step('once', () => n * 2) });
const client = await openBackground();
const code = await client.submit({ recipe: double, input: { n: 21 } });
const results = await Promise.all([folder, program, code].map((task) => task.wait(60)));
console.log(JSON.stringify({ results, own: process.pid, total: (await client.list()).total }));
await client.close();
process.exit(0);
`;

/** What the app must print. */
export function checkApp({ code, stdout, stderr }: Ended): void {
  const told = `${stdout}\n${stderr}`;
  if (code !== 0) throw new Error(`the app ended with ${code}\n${told}`);
  const { results, own, total } = JSON.parse(stdout.trim().split('\n').at(-1) ?? '');
  const [folder, program, double] = results;
  const wrong = folder.a !== 1 || folder.pid === own || folder.attempt !== 1 || double !== 42 || total !== 3;
  if (wrong || JSON.stringify(program) !== '{"A":1}') throw new Error(`the app printed\n${told}`);
}
