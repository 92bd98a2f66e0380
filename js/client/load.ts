import { loadReading } from '../recipe/index.ts';
import { loadAnswerCheck } from '../wire/question.ts';
import { loadAnswers } from './family.ts';
import { loadVerbs } from './open.ts';
import { loadCode, loadFolders } from './prepare.ts';
import { loadEnvironment, loadHere, loadRows, loadSpawn } from './workers.ts';

/** Loads what the tasks of a worker may ask of this client later, when the files of this package may be gone. */
export const loadForTasks = (): Promise<unknown> =>
  Promise.all([
    loadVerbs(),
    loadAnswers(),
    loadCode(),
    loadFolders(),
    loadRows(),
    loadHere(),
    loadSpawn(),
    loadEnvironment(),
    loadReading(),
    loadAnswerCheck(),
  ]);
