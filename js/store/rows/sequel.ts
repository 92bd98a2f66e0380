/** What is to follow the end of a task, of few tasks: where none has anything no end asks for its own. */
import type { Program } from '../../ports/backend.ts';
import { forget, once } from '../notes.ts';
import type { Context } from '../operation-context.ts';
import { addSequel, copySequel, isAnySequel, sequelOf } from '../sql/sequels.ts';

/** JSON text; undefined where nothing follows. */
export function* readSequel(context: Context, seq: number): Program<string | undefined> {
  const isAny = yield* once(context, 'sequels', hasAny);
  return isAny ? (yield* sequelOf(seq))?.data : undefined;
}

function* hasAny(): Program<boolean> {
  return (yield* isAnySequel()) !== undefined;
}

/** `wakes`: of tasks that wake the same one equal; null where nobody is woken. */
export function* keepSequel(context: Context, seq: number, sequel: object, wakes: string | null): Program<void> {
  yield* addSequel(seq, JSON.stringify(sequel), wakes);
  forget(context, 'sequels');
}

/** What another task has follows this one as well. */
export function* repeatSequel(context: Context, seq: number, of: number): Program<void> {
  yield* copySequel(seq, of);
  forget(context, 'sequels');
}
