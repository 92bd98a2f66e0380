import { type ClientOptions, Context } from './context.ts';
import { get, resolve } from './read.ts';
import type { Verbs } from './verbs.ts';

/**
 * Opens the verbs over a store; the store itself is opened when it is first needed. What nearly every verb needs is
 * imported at once, as one graph, the rest by the verb that needs it: both keep short processes short.
 */
export async function openVerbs(options: ClientOptions = {}): Promise<Verbs> {
  const context = await Context.open(options);
  return {
    store: context.path,
    submit: async (requests, how) => (await import('./submit.ts')).submit(context, requests, how),
    check: async (request) => void (await (await import('./prepare.ts')).prepareTask(context, request)),
    resolve: (reference) => resolve(context, reference),
    get: (id) => get(context, id),
    list: async (filter) => (await import('./list.ts')).list(context, filter),
    wait: async (id, how) => (await import('./wait.ts')).wait(context, id, how),
    cancel: async (id, how) => (await import('./cancel.ts')).cancel(context, id, how),
    clear: async (filter) => (await import('./clear.ts')).clear(context, filter),
    summary: async () => (await import('./list.ts')).summary(context),
    work: async (how) => (await import('./work.ts')).work(context, how),
    close: () => context.close(),
  };
}
