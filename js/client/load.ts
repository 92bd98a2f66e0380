import { loadReading } from '../recipe/index.ts';
import { loadJsonSchema } from '../wire/json-schema.ts';

/** Loads what the verbs that tasks of a worker call may need later, when the files of this package may be gone. */
export const loadVerbs = (): Promise<unknown> =>
  Promise.all([
    loadReading(),
    loadJsonSchema(),
    import('./submit.ts'),
    import('./prepare.ts'),
    import('./code.ts'),
    import('./wait.ts'),
    import('./cancel.ts'),
    import('./events.ts'),
    import('./respond.ts'),
    import('./app.ts'),
    import('./spawn.ts'),
  ]);
