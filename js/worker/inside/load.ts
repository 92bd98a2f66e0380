/**
 * Loads what runs may need later: the files of this package may be gone by then, or belong to another version. Node finds
 * an import again without a file only for the file that has imported it, so each one loads its own.
 */
import { load as loadCore } from '../../core/index.ts';
import { loadRunning } from '../../recipe/run-recipe.ts';
import { loadContext } from './context.ts';
import { loadLeftovers } from './leftovers.ts';

/** What any run may need. */
export async function loadForRuns(): Promise<void> {
  loadCore();
  await loadRunning(); // one after the other, as an app may do it, too: Jest's modules cannot be loaded twice at a time
  await loadContext();
  await loadLeftovers();
}

/** What runs of commands need besides; it costs a process some ten milliseconds. */
export const loadForCommands = () => Promise.all([import('./command.ts'), import('./input-files.ts')]);
