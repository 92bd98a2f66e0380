/** Input and config of a run as files that only this user can read, and that go with the run. */
import { rmSync } from 'node:fs';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecipeContext } from '../../ports/recipe.ts';

export interface InputFiles {
  inputFile: string;
  configFile: string;
  /** What is in the input's file. */
  input: string;
  /** Removes the files now. */
  remove(): void;
}

/** The files of the run that goes on in this process. */
let folder: string | undefined;

/**
 * Has the work done while the files with that input, and the config, are there: a folder of its own below the system's folder for such things, 0700, the
 * files in it 0600. They stay behind when this process is killed in the middle, for example with its worker.
 */
export async function withInputFiles<T>(
  { config }: Pick<RecipeContext, 'config'>,
  input: string,
  work: (files: InputFiles) => Promise<T>,
): Promise<T> {
  const made = await mkdtemp(join(tmpdir(), 'offstage-input-'));
  folder = made;
  try {
    const files = { inputFile: join(made, 'input.json'), configFile: join(made, 'config.json') };
    await writeFile(files.inputFile, input, { mode: 0o600, flag: 'wx' });
    await writeFile(files.configFile, JSON.stringify(config), { mode: 0o600, flag: 'wx' });
    return await work({ ...files, input, remove: removeInputFiles });
  } finally {
    removeInputFiles();
  }
}

/** Removes the files of the run that goes on, if there are any. Never throws. */
export function removeInputFiles(): void {
  if (folder === undefined) return;
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // what cannot be removed stays, readable by this user only
  }
  folder = undefined;
}
