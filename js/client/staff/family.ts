/** What the tasks of a worker ask of the client that it works for: children, and what becomes of them. */

import { only } from '../../wire/only.ts';
import type { Family } from '../../worker/index.ts';
import type { VerbContext } from '../verb-context.ts';
import { cancel } from '../verbs/cancel.ts';
import { events } from '../verbs/events.ts';
import { get } from '../verbs/read.ts';
import { requestOf } from '../verbs/request.ts';
import { submit } from '../verbs/submit.ts';
import type { SubmitRequest } from '../verbs.ts';
import { wait } from '../watch/wait.ts';

/** Loads what an answer to a question needs. */
export const loadAnswers = () => import('../verbs/respond.ts');

export function familyOf(context: VerbContext): Family {
  return {
    submit: async (request, { parent, key, conceal, lineage }) => {
      const child = { ...(key === null ? {} : { childKey: key }), ...(lineage === undefined ? {} : { lineage }) };
      const by = { execution: parent, conceal, ...child };
      const task = only(await submit(context, [requestOf(request as SubmitRequest)], by));
      return { task, deduplicated: task.deduplicated ?? false };
    },
    get: async (id) => only(await get(context, [id])),
    wait: async (id, how) => {
      const { tasks, wait_status } = await wait(context, [id], how);
      return { task: only(tasks), wait_status };
    },
    cancel: async (id, how) => only(await cancel(context, [id], how)).cancelled,
    events: async (id, how) => {
      const found = await events(context, [id], how);
      const { next_after, over } = only(found.tasks);
      return { events: found.events, next_after, over };
    },
    // The answer of a task binds nothing anew: this process' environment is not its own.
    respond: async (id, key, answer, conceal) => {
      const { respond } = await loadAnswers();
      await respond(context, id, key, answer, { conceal, by: null });
    },
  };
}
