/** A project whose processes believe that they run on another system. */
import { existsSync, readFileSync } from 'node:fs';
import { Project } from '../client/project.js';

/** What makes a process of Node believe it, as `NODE_OPTIONS`. */
export const pretending = (platform: 'darwin' | 'win32'): string =>
  `--import ${new URL('./fake.js', import.meta.url).href}?${platform}`;

export class Faked extends Project {
  readonly #platform: 'darwin' | 'win32';

  constructor(t: ConstructorParameters<typeof Project>[0], platform: 'darwin' | 'win32') {
    super(t);
    this.#platform = platform;
  }

  override get env(): NodeJS.ProcessEnv {
    return { ...super.env, NODE_OPTIONS: pretending(this.#platform) };
  }

  /** The processes that were started on Windows. */
  started(): string[] {
    const file = this.file('started');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }
}
