import { loadReading } from '../../recipe/index.ts';
import { loadAnswerCheck } from '../../wire/question.ts';
import { loadVerbs } from '../open.ts';
import { loadCode, loadFolders } from '../verbs/prepare.ts';
import { loadAnswers } from './family.ts';
import { loadEnvironment, loadHere, loadRows, loadSpawn } from './workers.ts';

const ALL = [
  loadVerbs,
  loadAnswers,
  loadCode,
  loadFolders,
  loadRows,
  loadHere,
  loadSpawn,
  loadEnvironment,
  loadReading,
  loadAnswerCheck,
];

/**
 * Loads what the tasks of a worker may ask of this client later, when the files of this package may be gone. One after the
 * other: Jest's modules cannot be loaded twice at a time.
 */
export async function loadForTasks(): Promise<void> {
  for (const load of ALL) await load();
}
