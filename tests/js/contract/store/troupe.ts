/** Worker processes that act out one scenario after the other. */
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { heard } from '../../../waiting.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export interface Member {
  readonly process: ChildProcess;
  /** When its next timer is due; null for never. */
  next: number | null;
}

export class Troupe {
  readonly members: readonly Member[];

  private constructor(processes: readonly ChildProcess[]) {
    this.members = processes.map((process) => ({ process, next: null }));
  }

  static async start(size: number): Promise<Troupe> {
    const processes = Array.from({ length: size }, () =>
      fork(WORKER, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }),
    );
    await Promise.all(processes.map((process) => heard(process, 'message')));
    return new Troupe(processes);
  }

  async end(): Promise<void> {
    const gone = this.members.map(({ process }) => heard(process, 'exit'));
    for (const { process } of this.members) process.disconnect();
    await Promise.all(gone);
  }
}
