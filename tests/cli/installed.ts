/** A project with a package of its own in `node_modules`, which a test takes away, puts back and changes. */
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Project } from '../js/client/project.js';
import { ROOT } from '../js/root.js';

const DIST = fileURLToPath(new URL('.', import.meta.resolve('#offstage/index.js')));

/** Copies the package into `node_modules` below the folder, beside links to what it needs; answers with its folder. */
export function install(folder: string): string {
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, 'node_modules'))) {
    if (!name.startsWith('.') && name !== 'offstage')
      symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  }
  const home = join(modules, 'offstage');
  cpSync(DIST, home, { recursive: true, filter: (path) => !path.endsWith('.tgz') });
  return home;
}

export class Installed extends Project {
  /** Where the package lies while it is there. */
  readonly home: string;
  readonly #modules: string;

  constructor(t: TestContext) {
    super(t);
    this.#modules = join(this.folder, 'node_modules');
    this.home = install(this.folder);
    this.bin = join(this.home, 'cli', 'offstage.cjs');
  }

  /** As at the beginning of `npm ci`: nothing that was installed is there any more. */
  takeAway(): void {
    renameSync(this.#modules, `${this.#modules}.gone`);
  }

  putBack(): void {
    renameSync(`${this.#modules}.gone`, this.#modules);
  }

  /** Writes a file of the package; answers with what puts it back. */
  change(path: string, change: (text: string) => string): () => void {
    const file = join(this.home, path);
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, change(before));
    return () => writeFileSync(file, before);
  }

  /** The lines of the workers' log. */
  log(): { event: string; reason?: string; text?: string; worker_id: string }[] {
    const lines = readFileSync(join(this.folder, '.offstage', 'worker.log'), 'utf8').split('\n');
    return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
  }
}
