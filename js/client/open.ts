import type { Serving } from './staff/work.ts';
import { type ClientOptions, VerbContext } from './verb-context.ts';
import { cancellation, get, getAll, resolve } from './verbs/read.ts';
import type { StoreFile, Verbs } from './verbs.ts';

/**
 * Opens the verbs over a store; the store itself is opened when it is first needed. What nearly every verb needs is
 * imported at once, as one graph, the rest by the verb that needs it: both keep short processes short.
 */
export async function openVerbs(options: ClientOptions = {}): Promise<Verbs> {
  return servingOf(await VerbContext.open(options)).verbs;
}

/** The verbs over what is open already: workers serve the calls of their tasks with them. */
export function servingOf(context: VerbContext): Serving {
  const serving: Serving = { verbs: verbsOf(context, () => serving), loadVerbs };
  context.staffHere = async () => (await import('./staff/workers-here.ts')).workersHere(context, serving);
  return serving;
}

function verbsOf(context: VerbContext, serving: () => Serving): Verbs {
  return {
    store: context.path,
    config: context.config,
    submit: async (requests, how) => (await import('./verbs/submit.ts')).submit(context, requests, how),
    attend: async (id, attendance) => (await import('./watch/attend.ts')).attend(context, id, attendance),
    check: async (request) => void (await (await import('./verbs/prepare.ts')).prepareTask(context, request)),
    resolve: (reference) => resolve(context, reference),
    get: (id) => get(context, id),
    getAll: (ids) => getAll(context, ids),
    glanceAll: async (ids) => (await import('./watch/several.ts')).glances(context, ids),
    lacks: async (id) => (await import('./verbs/lacks.ts')).lacks(context, id),
    cancellation: (id) => cancellation(context, id),
    thrownBy: (id) => context.here.thrown.get(id),
    abortedWith: (id) => context.here.abortedWith.get(id),
    list: async (filter, how) => (await import('./verbs/list.ts')).list(context, filter, how),
    session: async (id, how) => (await import('./verbs/session.ts')).session(context, id, how),
    wait: async (id, how) => (await import('./watch/wait.ts')).wait(context, id, how),
    waitAll: async (ids, how) => (await import('./watch/wait-all.ts')).waitAll(context, ids, how),
    cancelAll: async (ids, how) => (await import('./verbs/cancel.ts')).cancelAll(context, ids, how),
    cancel: async (id, how) => (await import('./verbs/cancel.ts')).cancel(context, id, how),
    events: async (id, query) => (await import('./verbs/events.ts')).events(context, id, query),
    async *follow(id, how) {
      yield* (await import('./watch/follow.ts')).follow(context, id, how);
    },
    eventsOfAll: async (ids, query) => (await import('./watch/several.ts')).eventsOfAll(context, ids, query),
    async *followAll(tasks, how) {
      yield* (await import('./watch/several.ts')).followAll(context, tasks, how);
    },
    async *watch(id, how) {
      yield* (await import('./watch/follow.ts')).watch(context, id, how);
    },
    async *watchAll(ids, how) {
      yield* (await import('./watch/several.ts')).watchAll(context, ids, how);
    },
    async *changes(how) {
      yield* (await import('./watch/several.ts')).storeChanges(context, how);
    },
    respond: async (id, key, answer) => (await import('./verbs/respond.ts')).respond(context, id, key, answer),
    retry: async (id) => (await import('./verbs/retry.ts')).retry(context, id),
    update: async (id, change) => (await import('./verbs/update.ts')).update(context, id, change),
    recover: async (which, how) => (await import('./verbs/recover.ts')).recover(context, which, how),
    clear: async (filter) => (await import('./verbs/clear.ts')).clear(context, filter),
    summary: async () => (await import('./verbs/list.ts')).summary(context),
    file: fileOf(context),
    work: async (how) => (await import('./staff/work.ts')).work(context, serving(), how),
    startWork: async (how) => (await import('./staff/workers-here.ts')).startWorker(context, serving(), how),
    close: () => context.close(),
  };
}

/** Loads the verbs that the tasks of a worker call, and what runs children in this process. */
async function loadVerbs(): Promise<void> {
  await import('./verbs/submit.ts');
  await import('./watch/wait.ts');
  await import('./verbs/cancel.ts');
  await import('./verbs/events.ts');
  await import('./verbs/respond.ts');
  await import('./staff/workers-here.ts');
}

/** Paths are as this process has them: from its working folder. */
function fileOf({ path }: VerbContext): StoreFile {
  return {
    check: async () => (await import('../store/check.ts')).checkWhole(path),
    backup: async (to) => (await import('../store/backup.ts')).backUp(path, to),
    restore: async (from, how) => (await import('../store/backup.ts')).restore(path, from, how),
    migrate: async (how) => (await import('../store/backup.ts')).migrateFile(path, how),
  };
}
