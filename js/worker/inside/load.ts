/**
 * Loads what runs may need later: the files of this package may be gone by then, or belong to another version. Node finds
 * an import again without a file only for the file that has imported it, so each one loads its own.
 */
import { load as loadCore } from '../../core/index.ts';
import { loadRunnings } from '../../program/kinds.ts';
import { loadRunning } from '../../program/module/run-recipe.ts';
import { loadLeftovers } from './leftovers.ts';
import { loadContext } from './recipe-context.ts';

/** What any run may need. */
export async function loadForRuns(): Promise<void> {
  loadCore();
  await loadRunning(); // one after the other, as an app may do it, too: Jest's modules cannot be loaded twice at a time
  await loadRunnings();
  await loadContext();
  await loadLeftovers();
}
