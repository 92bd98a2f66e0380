/** The hooks of a client: those that it was given, else those of the configuration. */
import { InvalidArgumentError, invalid } from '../errors/index.ts';
import type { HookEvents, Hooks, Submitting } from '../ports/hooks.ts';
import type { Submitted } from '../wire/answers.ts';
import { checkKinds } from '../wire/feed.ts';
import { messageOf } from '../wire/message.ts';
import { checkHanded } from './handed.ts';
import { defaultOf } from './named-modules.ts';
import type { VerbContext } from './verb-context.ts';
import type { SubmitRequest } from './verbs.ts';

const KEYS: Record<keyof Hooks, true> = { name: true, onSubmit: true, around: true, events: true };

/** `InvalidArgumentError` for what are no hooks; `of` says where they stand. */
export function checkedHooks(given: unknown, of = 'hooks'): readonly Hooks[] {
  if (!Array.isArray(given)) throw invalid(of, given, 'an array of hooks');
  for (const one of given) checkHooks(one, of);
  return given;
}

function checkHooks(given: unknown, of: string): asserts given is Hooks {
  checkHanded(given, KEYS, of, 'objects with a name');
  const { name, onSubmit, around, events } = given as Partial<Hooks>;
  if (typeof name !== 'string' || name === '') throw invalid(`${of}.name`, name, 'a text');
  for (const [key, value] of Object.entries({ onSubmit, around })) {
    if (value !== undefined && typeof value !== 'function') throw invalid(`${of}.${key}`, value, 'a function');
  }
  if (events !== undefined) checkEvents(events, `${of}.events`);
}

const EVENT_KEYS: Record<keyof HookEvents, true> = { kinds: true, take: true };

function checkEvents(given: unknown, of: string): void {
  checkHanded(given, EVENT_KEYS, of, 'an object with kinds and take');
  const { kinds, take } = given as Partial<HookEvents>;
  checkKinds(kinds);
  if (typeof take !== 'function') throw invalid(`${of}.take`, take, 'a function');
}

const loaded = new WeakMap<VerbContext, Promise<readonly Hooks[]>>();

const NONE: readonly Hooks[] = [];

/** The hooks of a client; modules of the configuration are loaded by the first call. Rejects with what they are refused with. */
export function hooksOf(context: VerbContext): readonly Hooks[] | Promise<readonly Hooks[]> {
  const { hooks = NONE, config } = context;
  if (context.hooks !== undefined || config.hooks === undefined) return hooks;
  const known = loaded.get(context) ?? loadHooks(config.hooks);
  loaded.set(context, known);
  return known;
}

/** Loads the hooks of these modules, each a default export of one or a list. */
async function loadHooks(paths: readonly string[]): Promise<readonly Hooks[]> {
  const all: Hooks[] = [];
  for (const path of paths) {
    const found = await defaultOf('hooks', path);
    all.push(...checkedHooks(Array.isArray(found) ? found : [found], `hooks of ${path}`));
  }
  return all;
}

/** What is to be submitted, once all of them have been asked. */
export const onSubmit = (hooks: readonly Hooks[], request: SubmitRequest, submitting?: Submitting): SubmitRequest =>
  hooks.reduce(
    (asked, one) => (one.onSubmit === undefined ? asked : given(one, one.onSubmit(asked, submitting))),
    request,
  );

type Listener = Parameters<Submitting['onStored']>[0];

/** The submits of one call, and who is told of each. */
export class Submits {
  readonly #hooks: readonly Hooks[];
  readonly #listeners: Listener[][] = [];

  constructor(hooks: readonly Hooks[]) {
    this.#hooks = hooks;
  }

  /** What is to be submitted next. */
  next(request: SubmitRequest): SubmitRequest {
    if (this.#hooks.length === 0) return request;
    const told: Listener[] = [];
    this.#listeners.push(told);
    return onSubmit(this.#hooks, request, { onStored: (listener) => void told.push(listener) });
  }

  stored(tasks: readonly Submitted[]): void {
    tasks.forEach(({ task_id, recipe, session_id, priority, deduplicated = false }, index) => {
      const task = { taskId: task_id, recipeName: recipe, sessionId: session_id, priority, deduplicated };
      this.#tell(this.#listeners[index] ?? [], task);
    });
    for (const told of this.#listeners.slice(tasks.length)) this.#tell(told, undefined, undefined); // nothing was to be stored
  }

  failed(error: unknown): void {
    for (const told of this.#listeners) this.#tell(told, undefined, error);
  }

  /** What is stored is stored: a listener that throws changes nothing. */
  #tell(listeners: readonly Listener[], ...told: Parameters<Listener>): void {
    for (const listener of listeners) {
      try {
        listener(...told);
      } catch (error) {
        process.emitWarning(`hooks: a listener of a submit threw: ${messageOf(error)}`, { code: 'OFFSTAGE_HOOKS' });
      }
    }
  }
}

function given({ name }: Hooks, request: unknown): SubmitRequest {
  const isRequest = typeof request === 'object' && request !== null && !('then' in request);
  if (isRequest) return request;
  throw new InvalidArgumentError(`onSubmit of hooks '${name}': got ${kindOf(request)}, expected the request`);
}

const kindOf = (value: unknown): string => (typeof value === 'object' && value !== null ? 'a promise' : String(value));
