/**
 * What stands still while somebody decides must go on should he die before he has: nobody else knows that it was not meant
 * to stand still.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Group } from '../store/types.ts';

/** Reads until whoever started it has ended, or closes its stdin; then the groups that it was given go on. */
const LET_GO_ON = 'read -r _; for group; do kill -s CONT -- "-$group"; done';

/** A process of its own, in a session of its own, that lets groups go on should this process end before `dismiss`. */
export class Guard {
  readonly #process: ChildProcess | undefined;

  /** To be there before the groups are held still; without groups there is nothing to guard. */
  constructor(groups: readonly Pick<Group, 'pgid'>[]) {
    if (groups.length === 0) return;
    const numbers = groups.map(({ pgid }) => String(pgid));
    this.#process = spawn('sh', ['-c', LET_GO_ON, 'sh', ...numbers], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#process.on('error', () => {}); // without a shell they are held as they are: whoever leads them may end them
    this.#process.stdin?.on('error', () => {});
    this.#process.unref();
  }

  /** It has been decided what becomes of them. */
  dismiss(): void {
    this.#process?.kill('SIGKILL');
    this.#process?.stdin?.destroy();
  }
}
