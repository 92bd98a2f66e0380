/** The Pythons of a run: one a folder, each started when it is first needed. */
import type { RecipeContext } from '../../../ports/recipe.ts';
import { programFolder } from '../../contain.ts';
import { TOOLS_FILE } from '../agents-files.ts';
import type { AgentsSettled } from '../settle.ts';
import { PythonHost } from './host.ts';

export class PythonHosts {
  readonly #context: RecipeContext;
  readonly #settled: AgentsSettled;
  readonly #hosts = new Map<string, PythonHost>();

  constructor(context: RecipeContext, settled: AgentsSettled) {
    this.#context = context;
    this.#settled = settled;
  }

  /** That of the recipe in a folder, a real path. */
  of(root: string): PythonHost {
    const known = this.#hosts.get(root);
    if (known !== undefined) return known;
    const file = programFolder(root, root).inside(TOOLS_FILE);
    if (file === undefined) throw new Error(`there is no ${TOOLS_FILE} in ${root} any more`);
    const { python, folder } = this.#settled;
    const { signal, log } = this.#context;
    const interpreter = (Object.hasOwn(python, root) ? python[root] : undefined) ?? 'python3';
    const host = new PythonHost({ python: interpreter, file, folder, signal, log: (line) => log(line) });
    this.#hosts.set(root, host);
    return host;
  }

  /** Ends all, with what they have started. */
  async close(): Promise<void> {
    for (const host of this.#hosts.values()) await host.close();
  }
}
