import { invalid } from '../../errors/argument.ts';
import { type Recovery, recover as takeAway } from '../../reap/index.ts';
import { LEASE } from '../../store/facts.ts';
import { storeExists } from '../../store/locate.ts';
import type { Recovered } from '../../store/types.ts';
import type { RecoveryJson } from '../../wire/answers.ts';
import { checkKeys, checkObject } from '../../wire/check.ts';
import type { RecoverOptions } from '../../wire/requests.ts';
import { LOOK_EVERY } from '../defaults.ts';
import { ownBinding } from '../staff/environment.ts';
import { provideFor } from '../staff/workers.ts';
import type { VerbContext } from '../verb-context.ts';
import { glance } from './read.ts';

const KEYS: Record<keyof RecoverOptions, true> = { force: true, retry: true, dryRun: true };

/**
 * Takes attempts away, as waiting would later. One whose lease is over by the clock of another machine only is watched for
 * the length of a lease before, as a sweep would. What is due is not decided before: this decides it, and a sweep that
 * came first is seen as such.
 */
export async function recover(
  context: VerbContext,
  which: string | { all: true },
  options: RecoverOptions = {},
): Promise<RecoveryJson[]> {
  checkObject('options', options, KEYS);
  const { force = false, retry = false, dryRun = false } = options;
  if (typeof which !== 'string' && which?.all !== true) throw invalid('id', which, "a task's id, or { all: true }");
  if (typeof which !== 'string') checkKeys(which, { all: true });
  const ids = typeof which === 'string' ? [which] : null;
  if (ids !== null && (await context.run('get', { id: ids[0] as string, payloads: [] })) === null) {
    throw context.notFound(ids[0] as string);
  }
  const by = retry && storeExists(context.path) ? await ownBinding(context) : null;
  const recovered = await watched(context, { ids, force, retry, dryRun, by });
  const again = recovered.filter(({ result, status }) => result === 'applied' && status === 'pending');
  await provideFor(context, await Promise.all(again.map(({ id }) => glance(context, id))));
  return recovered.map(({ id, result, status }) => ({ task_id: id, result, status }));
}

/** Asks again, as long as some are in doubt and time is left, for those alone. */
async function watched(context: VerbContext, args: Recovery): Promise<Recovered[]> {
  const end = performance.now() + LEASE + 2 * LOOK_EVERY;
  const known = new Map<string, Recovered>();
  let left = args;
  for (;;) {
    const answers = await asked(context, left);
    for (const one of answers) known.set(one.id, one);
    const unsure = answers.filter(({ uncertain }) => uncertain).map(({ id }) => id);
    if (unsure.length === 0 || performance.now() >= end) break;
    left = { ...args, ids: unsure };
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
  const all = [...known.values()];
  return args.ids === null ? all.filter(({ result }) => result !== 'skipped_not_recoverable') : all;
}

async function asked(context: VerbContext, recovery: Recovery): Promise<Recovered[]> {
  return context.exists ? context.use((store) => takeAway(store, recovery)) : [];
}
