import { cancel } from './cancel.ts';
import { clear } from './clear.ts';
import { type ClientOptions, Context } from './context.ts';
import { get, list, resolve, summary } from './read.ts';
import type { Verbs } from './verbs.ts';
import { wait } from './wait.ts';

/** Opens the verbs over a store. The store itself is opened by the first verb that needs it. */
export async function openVerbs(options: ClientOptions = {}): Promise<Verbs> {
  const context = await Context.open(options);
  return {
    store: context.path,
    submit: async (requests, how) => (await import('./submit.ts')).submit(context, requests, how),
    check: async (request) => void (await (await import('./prepare.ts')).prepareTask(context, request)),
    resolve: (reference) => resolve(context, reference),
    get: (id) => get(context, id),
    list: (filter) => list(context, filter),
    wait: (id, how) => wait(context, id, how),
    cancel: (id, how) => cancel(context, id, how),
    clear: (filter) => clear(context, filter),
    summary: () => summary(context),
    work: async (how) => (await import('./work.ts')).work(context, how),
    close: () => context.close(),
  };
}
