/** What the tasks of a worker ask of the client that it works for: children, and what becomes of them. */
import type { Family } from '../../worker/index.ts';
import type { VerbContext } from '../verb-context.ts';
import { requestOf } from '../verbs/request.ts';
import type { SubmitRequest, Verbs } from '../verbs.ts';

/** Loads what an answer to a question needs. */
export const loadAnswers = () => import('../verbs/respond.ts');

export function familyOf(context: VerbContext, verbs: Verbs): Family {
  return {
    submit: async (request, { parent, key, conceal, lineage }) => {
      const child = { ...(key === null ? {} : { childKey: key }), ...(lineage === undefined ? {} : { lineage }) };
      const [task] = await verbs.submit([requestOf(request as SubmitRequest)], {
        execution: parent,
        conceal,
        ...child,
      });
      if (task === undefined) throw new Error('a submit of one task answers with one');
      return { task, deduplicated: task.deduplicated ?? false };
    },
    get: (id) => verbs.get(id),
    wait: (id, how) => verbs.wait(id, how),
    cancel: async (id, how) => (await verbs.cancel(id, how)).cancelled,
    events: async (id, how) => {
      const { events, next_after, over } = await verbs.events(id, how);
      return { events, next_after, over };
    },
    // The answer of a task binds nothing anew: this process' environment is not its own.
    respond: async (id, key, answer, conceal) => {
      const { respond } = await loadAnswers();
      await respond(context, id, key, answer, { conceal, by: null });
    },
  };
}
