/** Processes that a test talks to while they run. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Project } from '../js/client/project.js';

export const BIN = fileURLToPath(import.meta.resolve('#offstage/cli/bin.js'));

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
  readonly ended: Promise<Ended>;
  #heard: (() => void) | undefined;

  constructor(t: TestContext, child: ChildProcess) {
    this.child = child;
    t.after(() => child.kill('SIGKILL'));
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name]?.setEncoding('utf8').on('data', (text: string) => {
        this[name] += text;
        this.#heard?.();
      });
    }
    this.ended = once(this.child, 'close').then(([code, signal]) => {
      this.#heard?.();
      return { code, signal, stdout: this.stdout, stderr: this.stderr };
    });
  }

  /** Resolves when what was printed satisfies `enough`; rejects when the process ends before that. */
  async prints(enough: (cli: this) => boolean): Promise<void> {
    let over = false;
    void this.ended.then(() => {
      over = true;
    });
    while (!enough(this)) {
      if (over) throw new Error(`it ended before: ${this.stdout}\n${this.stderr}`);
      await new Promise<void>((resolve) => {
        this.#heard = resolve;
      });
    }
  }
}

/** The CLI. */
export class Cli extends Spoken {
  constructor(t: TestContext, project: Project, args: readonly string[], bin = BIN) {
    super(t, spawn(process.execPath, [bin, ...args], { cwd: project.folder, env: project.env }));
  }
}
