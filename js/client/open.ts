import type { StoreFile } from '../ports/store-file.ts';
import type { LocalVerbs, ScheduleVerbs } from '../ports/verbs.ts';
import type { Consuming } from '../wire/feed.ts';
import { lazily } from '../wire/lazily.ts';
import { soon } from '../wire/soon.ts';
import { type ClientOptions, VerbContext } from './verb-context.ts';
import { cancellation, get, glances, peekAt, resolve } from './verbs/read.ts';
import type { Verbs } from './verbs.ts';

/**
 * Opens the verbs over a store; the store itself is opened when it is first needed. What nearly every verb needs is
 * imported at once, as one graph, the rest by the verb that needs it: both keep short processes short.
 */
export async function openVerbs(options: ClientOptions = {}): Promise<Verbs> {
  return verbsOf(await openContext(options));
}

/** Opens what the verbs share, with workers in this process where somebody needs them. */
export async function openContext(options: ClientOptions): Promise<VerbContext> {
  const context = await VerbContext.open(options);
  context.staffHere = () => soon(loadStaff(), ({ workersHere }) => workersHere(context));
  return context;
}

/** What each task of an app takes. */
const loadSubmit = lazily(() => import('./verbs/submit.ts'));
const loadDeliveries = lazily(() => import('./verbs/deliveries.ts'));
const loadWait = lazily(() => import('./watch/wait.ts'));
const loadStaff = lazily(() => import('./staff/workers-here.ts'));

/** The verbs over what is open already. */
export function verbsOf(context: VerbContext): Verbs {
  return { ...taskVerbsOf(context), ...localVerbsOf(context) };
}

/** A verb a line; each is a file of its own. */
function taskVerbsOf(context: VerbContext): Omit<Verbs, keyof LocalVerbs> {
  return {
    store: context.path,
    submit: async (requests, how) => (await loadSubmit()).submit(context, requests, how),
    submitBriefly: (requests, how) => soon(loadSubmit(), (verb) => verb.submitBriefly(context, requests, how)),
    check: async (request) => (await loadSubmit()).check(context, request),
    resolve: (reference) => resolve(context, reference),
    get: (ids) => get(context, ids),
    glance: (ids) => glances(context, ids),
    peek: (id) => peekAt(context, id),
    lacks: async (id) => (await import('./verbs/lacks.ts')).lacks(context, id),
    cancellation: (id) => cancellation(context, id),
    list: async (filter, how) => (await import('./verbs/list.ts')).list(context, filter, how),
    session: async (id, how) => (await import('./verbs/session.ts')).session(context, id, how),
    outcome: (id, how) => soon(loadWait(), (verb) => verb.outcome(context, id, how)),
    wait: async (ids, how) => (await loadWait()).wait(context, ids, how),
    cancel: async (ids, how) => (await import('./verbs/cancel.ts')).cancel(context, ids, how),
    events: async (ids, query) => (await import('./verbs/events.ts')).events(context, ids, query),
    async *follow(tasks, how) {
      yield* (await import('./watch/follow.ts')).follow(context, tasks, how);
    },
    async *watch(ids, how) {
      yield* (await import('./watch/watch.ts')).watch(context, ids, how);
    },
    async *changes(how) {
      yield* (await import('./watch/changes.ts')).storeChanges(context, how);
    },
    feed: async (query) => (await import('./verbs/feed.ts')).feed(context, query),
    respond: async (id, key, answer) => (await import('./verbs/respond.ts')).respond(context, id, key, answer),
    retry: async (id, options) => (await import('./verbs/retry.ts')).retry(context, id, options),
    update: async (id, change) => (await import('./verbs/update.ts')).update(context, id, change),
    recover: async (which, how) => (await import('./verbs/recover.ts')).recover(context, which, how),
    clear: async (filter) => (await import('./verbs/clear.ts')).clear(context, filter),
    deliveries: async (query) => (await loadDeliveries()).deliveries(context, query),
    retryDeliveries: async (which) => (await loadDeliveries()).retryDeliveries(context, which),
    summary: async () => (await import('./verbs/list.ts')).summary(context),
    metrics: async () => (await import('./metrics/metrics.ts')).metrics(context),
    schedules: schedulesOf(context),
    close: () => context.close(),
  };
}

/** What manages them is loaded by the first one that asks. */
function schedulesOf(context: VerbContext): ScheduleVerbs {
  const load = async (): Promise<ScheduleVerbs> => (await import('./schedule/manage.ts')).scheduleVerbs(context);
  return {
    add: async (request) => (await load()).add(request),
    list: async () => (await load()).list(),
    get: async (which) => (await load()).get(which),
    update: async (which, change) => (await load()).update(which, change),
    remove: async (which) => (await load()).remove(which),
    pause: async (which) => (await load()).pause(which),
    resume: async (which, options) => (await load()).resume(which, options),
    runNow: async (which) => (await load()).runNow(which),
    runDue: async () => (await load()).runDue(),
    next: async (when, options) => (await load()).next(when, options),
  };
}

function localVerbsOf(context: VerbContext): LocalVerbs {
  return {
    config: context.config,
    file: fileOf(context),
    attend: async (id, attendance) => (await import('./watch/attend.ts')).attend(context, id, attendance),
    consume: (name, how, handler) => consuming(context, name, how, handler),
    thrownBy: (id) => context.here.thrown.get(id),
    abortedWith: (id) => context.here.abortedWith.get(id),
    testChannel: async (address) => (await import('./verbs/notify.ts')).testChannel(context, address),
    tellDue: async (how) => (await import('./verbs/notify.ts')).tellDue(context, how),
    work: async (how) => (await import('./staff/work.ts')).work(context, how),
    startWork: async (how) => (await loadStaff()).startWorker(context, how),
  };
}

/** What reads for a consumer is loaded when the first one begins; what is wrong is told at once. */
function consuming(context: VerbContext, ...[name, how, handler]: Parameters<LocalVerbs['consume']>): Consuming {
  const begun = import('./watch/consume.ts').then(({ consume }) => consume(context, name, how, handler));
  const done = begun.then((consumer) => consumer.done);
  return { done, stop: async () => (await begun).stop() };
}

/** Paths are as this process has them: from its working folder. */
function fileOf({ path }: VerbContext): StoreFile {
  return {
    check: async () => (await import('../store/sqlite/check.ts')).checkWhole(path),
    backup: async (to) => (await import('../store/sqlite/backup.ts')).backUp(path, to),
    restore: async (from, how) => (await import('../store/sqlite/backup.ts')).restore(path, from, how),
    migrate: async (how) => (await import('../store/sqlite/backup.ts')).migrateFile(path, how),
  };
}
