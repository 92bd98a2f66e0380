/** Processes that a test talks to while they run. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Project } from '../js/client/project.js';
import { until, within } from '../waiting.js';

export const BIN = fileURLToPath(import.meta.resolve('#offstage/cli/offstage.cjs'));

export interface Ended {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** A process that a test reads while it runs. */
export class Spoken {
  readonly child: ChildProcess;
  stdout = '';
  stderr = '';
  readonly #ended: Promise<Ended>;
  #over = false;

  constructor(t: TestContext, child: ChildProcess) {
    this.child = child;
    t.after(() => child.kill('SIGKILL'));
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text;
      });
    }
    this.#ended = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        this.#over = true;
        resolve({ code, signal, stdout: this.stdout, stderr: this.stderr });
      });
    });
  }

  /** Resolves when it has ended; who asks waits no longer than any wait. */
  get ended(): Promise<Ended> {
    return within(this.#ended, { what: `the end of ${this.child.spawnargs.slice(1).join(' ')}` });
  }

  /** Resolves when what was printed satisfies `enough`; rejects when the process ends before that. */
  async prints(enough: (cli: this) => boolean): Promise<void> {
    await until(
      () => {
        if (enough(this)) return true;
        if (this.#over) throw new Error(`it ended before: ${this.stdout}\n${this.stderr}`);
        return false;
      },
      { what: `${this.child.spawnargs.slice(1).join(' ')} to print: ${enough}` },
    );
  }
}

/** The CLI. */
export class Cli extends Spoken {
  constructor(t: TestContext, project: Project, args: readonly string[], bin = BIN) {
    super(t, spawn(process.execPath, [bin, ...args], { cwd: project.folder, env: project.env }));
  }
}
