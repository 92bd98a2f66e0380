/** Loads what runs may need later: the files of this package may be gone by then, or belong to another version. */
import { load as loadCore } from '../../core/index.ts';
import { loadRunning } from '../../recipe/run.ts';

/** What any run may need. */
export async function loadForRuns(): Promise<void> {
  loadCore();
  await Promise.all([
    loadRunning(),
    import('./questions.ts'),
    import('./submit.ts'),
    import('../../core/options.ts'),
    import('../../store/process.ts'),
  ]);
}

/** What runs of commands need besides; it costs a process some ten milliseconds. */
export const loadForCommands = () => Promise.all([import('./command.ts'), import('./input-files.ts')]);
