import { loadReading } from '../../recipe/index.ts';
import { loadAnswerCheck } from '../../wire/question.ts';
import type { VerbContext } from '../verb-context.ts';
import { loadCode, loadFolders } from '../verbs/prepare.ts';
import { loadAnswers } from './family.ts';
import { loadEnvironment, loadRows, loadSpawn } from './workers.ts';

const ALL = [loadAnswers, loadCode, loadFolders, loadRows, loadSpawn, loadEnvironment, loadReading, loadAnswerCheck];

/**
 * Loads what the tasks of a worker may ask of this client later, when the files of this package may be gone. One after the
 * other: Jest's modules cannot be loaded twice at a time.
 */
export async function loadForTasks(context: VerbContext): Promise<void> {
  await context.staffHere();
  for (const load of ALL) await load();
}
