/** A submit, and what this process knows of its tasks from then on. */
import type { Scope } from '../../platform/scope.ts';
import type { NewTask, StoredTask, Submit, Submitted } from '../../store/types.ts';
import type { VerbContext } from '../verb-context.ts';
import { hubOf } from '../watch/hub.ts';

/**
 * Submits; `scope` is remembered of those that may run here. Of those that some worker runs it is known from then on that they live,
 * as far as that can be told.
 */
export function submitHeard(context: VerbContext, asked: Submit, scope: Scope | undefined): Promise<Submitted> {
  const heard = hubOf(context).submits();
  let served: string[] = [];
  const submitted = context.submit(asked, ({ tasks }) => {
    if (scope !== undefined) remember(context, scope, asked.tasks, tasks);
    if (heard !== undefined) served = servedOf(context, asked, tasks);
  });
  return heard === undefined ? submitted : submitted.finally(() => heard(served));
}

const servedOf = (context: VerbContext, { tasks }: Submit, stored: readonly StoredTask[]): string[] =>
  stored.filter((one, index) => isServed(context, one, tasks[index])).map(({ id }) => id);

/** A new task that some living worker runs, and for which none has to be started here. */
const isServed = ({ worker }: VerbContext, { status, runnable, deduplicated }: StoredTask, given?: NewTask): boolean =>
  status === 'pending' && runnable && deduplicated !== true && (worker !== 'app' || given?.code !== null);

/** Recipes in code may run here: before anything can start, their async contexts are known. */
function remember(context: VerbContext, scope: Scope, tasks: readonly NewTask[], stored: readonly StoredTask[]): void {
  stored.forEach(({ id, deduplicated }, index) => {
    if (tasks[index]?.code !== null && deduplicated !== true) context.here.scopes.set(id, scope);
  });
}
