import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { openVerbs, type Verbs } from '#offstage/client/index.js';
import { until } from '../../waiting.js';

const BIN = fileURLToPath(import.meta.resolve('#offstage/cli/offstage.cjs'));

/** How long a command may take, in milliseconds; some wait for a task. */
const CLI_PATIENCE = 120_000;

/** Recipes that behave in every way that matters, by name. */
export const RECIPES: Record<string, string> = {
  echo: 'export default (input) => input.value;',
  nothing: 'export default () => {};',
  bigint: 'export default () => 10n;',
  cyclic: 'export default () => { const a = {}; a.a = a; return a; };',
  throws: "export default () => { throw Object.assign(new TypeError('model unavailable'), { code: 'E_MODEL' }); };",
  rejects:
    "export default () => { Promise.reject(new Error('nobody caught me')); return new Promise(() => setInterval(() => {}, 1000)); };",
  exits: 'export default () => process.exit(0);',
  waits: `import { existsSync } from 'node:fs';
    export default async (input, ctx) => {
      ctx.progress(0.25, 'waiting');
      while (!existsSync(input.until)) {
        if (ctx.signal.aborted) throw ctx.signal.reason;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      return 'seen';
    };`,
  // ignores its signal and goes on writing to a file
  stubborn: `import { appendFileSync } from 'node:fs';
    export default (input) => new Promise(() => setInterval(() => appendFileSync(input.file, process.pid + '\\n'), 5));`,
  // blocks its thread in a child of its own, which goes on writing to a file
  blocked: `import { execFileSync } from 'node:child_process';
    export default (input) => execFileSync('sh', ['-c', 'while :; do echo $$ >> "$0"; sleep 0.01; done', input.file]);`,
};

/** A folder with a `package.json` and the recipes above; every process started for it is ended with the test. */
export class Project {
  readonly folder: string;
  readonly store: string;
  /** The command line that `run` starts. */
  bin = BIN;
  /** What runs JavaScript, with its arguments. */
  runtime: readonly [string, ...string[]] = [process.execPath];

  constructor(t: TestContext) {
    this.folder = realpathSync(mkdtempSync(join(tmpdir(), 'offstage-project-')));
    this.store = join(this.folder, '.offstage', 'tasks.db');
    writeFileSync(join(this.folder, 'package.json'), '{}');
    for (const [name, source] of Object.entries(RECIPES)) this.addRecipe(name, source);
    t.after(() => this.#remove());
  }

  addRecipe(name: string, source: string, template = `description: ${name}\n`): void {
    mkdirSync(join(this.folder, 'recipes', name), { recursive: true });
    writeFileSync(join(this.folder, 'recipes', name, 'TEMPLATE.yaml'), template);
    writeFileSync(join(this.folder, 'recipes', name, 'recipe.mjs'), source);
  }

  file(name: string): string {
    return join(this.folder, name);
  }

  /** The environment of every process of this project: no store or recipes of the machine reach it. */
  get env(): NodeJS.ProcessEnv {
    return { PATH: process.env.PATH, HOME: this.folder, OFFSTAGE_WORKER_IDLE: '120' };
  }

  verbs(t: TestContext, worker: 'detached' | 'none' = 'detached'): Promise<Verbs> {
    return openVerbs({ cwd: this.folder, home: this.folder, env: this.env, mount: 'direct', worker }).then((verbs) => {
      t.after(() => verbs.close());
      return verbs;
    });
  }

  /** Runs the CLI to its end. */
  run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve, reject) => {
      const options = { cwd: this.folder, env: this.env, timeout: CLI_PATIENCE, killSignal: 'SIGKILL' } as const;
      const [program, ...before] = this.runtime;
      execFile(program, [...before, this.bin, ...args], options, (error, stdout, stderr) => {
        if (error?.killed) {
          reject(
            new Error(`waited ${CLI_PATIENCE / 1000} s for the end of offstage ${args.join(' ')}\n${stdout}${stderr}`),
          );
        }
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0;
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** Runs the CLI with `--json` and gives the document it printed. */
  async json<T = Record<string, unknown>>(
    ...args: string[]
  ): Promise<T & { ok: boolean; code?: string; exit: number }> {
    const end = args.includes('--') ? args.indexOf('--') : args.length; // what stands behind it is a program's
    const { code, stdout, stderr } = await this.run(...args.slice(0, end), '--json', ...args.slice(end));
    try {
      return { ...JSON.parse(stdout), exit: code };
    } catch {
      throw new Error(`not one JSON document (exit ${code}): ${stdout}\n${stderr}`);
    }
  }

  /** Processes that belong to this project's store: those whose environment or command line names its folder. */
  processes(): number[] {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
      .map(Number)
      .filter((pid) => mentions(pid, this.folder) && isLive(pid));
  }

  /** The detached workers among them; a child of one has its command line until it becomes what it was started as. */
  workers(): number[] {
    const pids = this.processes().filter((pid) => readProc(pid, 'cmdline').includes('client/detached.js'));
    return pids.filter((pid) => !pids.includes(parentOf(pid)));
  }

  async #remove(): Promise<void> {
    await until(
      () => {
        for (const pid of this.processes()) kill(pid);
        return this.processes().length === 0;
      },
      { what: `the end of every process of ${this.folder}` },
    );
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

const mentions = (pid: number, text: string): boolean =>
  readProc(pid, 'environ').includes(text) || readProc(pid, 'cmdline').includes(text);

function readProc(pid: number, file: 'environ' | 'cmdline' | 'stat'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return ''; // it is gone
  }
}

const parentOf = (pid: number): number => {
  const stat = readProc(pid, 'stat');
  return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]); // "PID (NAME) STATE PARENT …"
};

function isLive(pid: number): boolean {
  const stat = readProc(pid, 'stat');
  return stat !== '' && !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone already
  }
}

export { until };
