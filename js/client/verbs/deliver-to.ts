/** Who is told of a task: decided when it is submitted, and stored with it. */
import { invalid } from '../../errors/argument.ts';
import type { RecipeRuntime } from '../../ports/recipe-folder.ts';
import { MEMORY } from '../../store/address.ts';
import type { NewTask } from '../../store/types.ts';
import { addressProblem, type ChannelsConfig, partsOfAddress, SESSION, variablesOf } from '../../wire/channels.ts';
import { checkKey } from '../../wire/check.ts';
import type { Config } from '../../wire/config.ts';
import type { Environment } from '../../wire/globals.ts';
import { type Addressee, NOTIFY_ON, NOTIFY_ON_DEFAULT, type NotifyOn } from '../../wire/notification.ts';
import { type Soon, soon } from '../../wire/soon.ts';
import { readConfigOfStore } from '../config.ts';
import type { VerbContext } from '../verb-context.ts';
import type { SubmitRequest } from '../verbs.ts';

/** What a recipe says of it. */
export type ToldByRecipe = Pick<RecipeRuntime, 'deliverTo' | 'notifyOn' | 'typing'>;

/** Milliseconds after which it is read again: a worker that schedules keep may live for weeks. */
const READ_EVERY = 10_000;

const known = new WeakMap<VerbContext, { config: Soon<Config>; readAt: number }>();

/**
 * The configuration that says who can be told: the one that the store's folder leads to, whoever submits from wherever, since
 * every process that works on the store has to find it.
 */
export function configOfStore(context: VerbContext): Soon<Config> {
  if (context.path === MEMORY) return context.config;
  const now = performance.now();
  const before = known.get(context);
  if (before !== undefined && now < before.readAt + READ_EVERY) return before.config;
  const config = readConfigOfStore(context.path);
  const reading: { config: Soon<Config>; readAt: number } = { config, readAt: now };
  known.set(context, reading);
  config.then(
    (read) => {
      reading.config = read;
    },
    () => known.delete(context), // it may be mended
  );
  return config;
}

const NONE: ChannelsConfig = {};

interface Told {
  recipe?: ToldByRecipe | undefined;
  /** It is of another task, which tells nobody of it unless that is said. */
  isChild: boolean;
  /** The variables of whoever submits it. */
  variables: Environment;
}

/** Adds to a task who is told of it, and what whoever tells it needs. */
export function withTold(context: VerbContext, request: SubmitRequest, task: NewTask, told: Told): Soon<NewTask> {
  checkAsked(request);
  const isAsked = request.deliverTo !== undefined || request.origin !== undefined;
  return soon(configOfStore(context), (config): Soon<NewTask> => {
    const isStandard = told.recipe?.deliverTo !== undefined || config.background?.defaultDeliverTo !== undefined;
    const isToldToNobody = !isAsked && !isStandard && config.channels === undefined; // as most are
    return isToldToNobody ? task : addressed(context, request, task, { ...told, config });
  });
}

async function addressed(
  context: VerbContext,
  request: SubmitRequest,
  task: NewTask,
  { recipe = {}, isChild, variables, config }: Told & { config: Config },
): Promise<NewTask> {
  const { channels = NONE, background = {} } = config;
  const { option, addresses } = await wanted(context, request, {
    recipe: isChild ? undefined : recipe.deliverTo,
    standard: isChild ? undefined : background.defaultDeliverTo,
    knowsSessions: !isChild && Object.keys(channels).length > 0,
  });
  const all = [...new Set(addresses)];
  for (const address of all) checkAddress(option, address, channels);
  const to = all.flatMap((address) => addressee(address, channels, request.notifyOn ?? recipe.notifyOn));
  const { origin } = request;
  if (origin !== undefined) checkAddress('origin', origin, channels);
  const more = origin === undefined || sessionIn(origin) !== undefined ? {} : { origin };
  if (all.length === 0) return { ...task, ...more };
  return {
    ...task,
    ...more,
    needs: withNeeds(task, to, channels, variables),
    spec: { ...task.spec, carried: { ...task.spec.carried, deliver: all } },
    ...(to.length === 0 ? {} : { sequel: { ...task.sequel, deliver: { to, typing: recipe.typing ?? true } } }),
  };
}

/** Its worker gets the variables of these channels as well; one that the submitter lacks keeps no task from running. */
function withNeeds(
  { needs, code }: NewTask,
  to: readonly Addressee[],
  channels: ChannelsConfig,
  variables: Environment,
): readonly string[] {
  if (code !== null) return needs;
  const asked = to.flatMap(({ address }) => channels[partsOfAddress(address).channel] ?? []);
  return [...new Set([...needs, ...asked.flatMap(variablesOf).filter((name) => variables[name])])];
}

function checkAsked({ deliverTo, notifyOn, origin }: SubmitRequest): void {
  if (deliverTo !== undefined && (!Array.isArray(deliverTo) || deliverTo.length > MOST)) {
    throw invalid('deliverTo', deliverTo, `a list of ${MOST} addresses at most`);
  }
  for (const address of deliverTo ?? []) checkKey('deliverTo', address);
  if (origin !== undefined) checkKey('origin', origin);
  if (notifyOn === undefined) return;
  if (!Array.isArray(notifyOn)) throw invalid('notifyOn', notifyOn, `a list of ${NOTIFY_ON.join(', ')}`);
  for (const one of notifyOn) if (!NOTIFY_ON.includes(one)) throw invalid('notifyOn', one, NOTIFY_ON.join(', '));
}

const MOST = 20;

interface Wanted {
  /** Where it was said. */
  option: string;
  addresses: readonly string[];
}

/** The first that says anything counts. */
async function wanted(
  context: VerbContext,
  { deliverTo, origin, sessionId }: SubmitRequest,
  standards: { recipe: readonly string[] | undefined; standard: readonly string[] | undefined; knowsSessions: boolean },
): Promise<Wanted> {
  if (deliverTo !== undefined) return { option: 'deliverTo', addresses: deliverTo };
  if (origin !== undefined) return { option: 'origin', addresses: [origin] };
  const last = sessionId === undefined || !standards.knowsSessions ? null : await lastOrigin(context, sessionId);
  if (last !== null) return { option: 'origin of the session', addresses: [last] };
  if (standards.recipe !== undefined) return { option: 'runtime.background.deliver_to', addresses: standards.recipe };
  return { option: 'background.defaultDeliverTo', addresses: standards.standard ?? [] };
}

/** One that cannot be told any more counts as none: nobody has asked for it now. */
async function lastOrigin(context: VerbContext, session: string): Promise<string | null> {
  if (!context.exists) return null;
  const last = await context.run('origin', { session });
  const { channels = {} } = await configOfStore(context);
  return last !== null && addressProblem(last, channels) === undefined ? last : null;
}

function checkAddress(option: string, address: string, channels: ChannelsConfig): void {
  const isOfSubmit = option === 'deliverTo' || option === 'origin';
  if (isOfSubmit && sessionIn(address) !== undefined) return;
  const problem = addressProblem(address, channels);
  if (problem !== undefined) throw invalid(option, address, problem);
}

/** The session that an address is of; undefined: it is a channel's. */
export function sessionIn(address: string): string | undefined {
  const { channel, target } = partsOfAddress(address);
  return channel === SESSION && target !== undefined && target !== '' ? target : undefined;
}

function addressee(address: string, channels: ChannelsConfig, asked: readonly NotifyOn[] | undefined): Addressee[] {
  if (sessionIn(address) !== undefined) return []; // a task tells it, not a message
  const { channel } = partsOfAddress(address);
  return [{ address, on: asked ?? channels[channel]?.on ?? NOTIFY_ON_DEFAULT }];
}
