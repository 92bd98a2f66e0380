/**
 * Async contexts: what each `AsyncLocalStorage` of the process holds.
 *
 * A context is an `AsyncResource`, made where it was. Most apps have none set where they submit, and then nothing is kept.
 * Node does not tell what is set, so it is seen by how Node keeps it: as properties of the resource that runs (20, 22), or
 * as one map (24). What is not known for certain to be nothing is kept: that costs memory, and is never wrong.
 *
 * Where contexts hang on resources, nothing comes into one unless hooks are on: an `AsyncLocalStorage` switches them on when
 * it is first used. As long as they never were, one context is as good as another, and none is made or looked at.
 */
import { AsyncLocalStorage, AsyncResource, executionAsyncResource } from 'node:async_hooks';
import type { Scope } from './types.ts';

export type { Scope } from './types.ts';

type Held = AsyncResource & Record<symbol, unknown>;

/** Nobody destroys it, nor is told when it goes. */
const OPTIONS = { requireManualDestroy: true };

/** What Node and its timers keep at a resource beside what is stored, by the names of the symbols. */
const OWN = new Set(['async_id_symbol', 'trigger_async_id_symbol', 'asyncId', 'triggerId', 'refed', 'kHasPrimitive']);

class Context extends AsyncResource {
  /** Who looks for what keeps a process alive, as Jest does, is told that it does not. */
  hasRef(): boolean {
    return false;
  }
}

/** The context that is here, whatever is in it. */
export const here = (): Scope => new Context('offstage.task', OPTIONS);

/** The context that is here; undefined: nothing is set in it. */
export function scopeHere(): Scope | undefined {
  if (!inUse()) return undefined;
  look ??= chooseLook();
  return look();
}

/** Whether anything may be set in any context of this process; once it may, it always may. */
export function inUse(): boolean {
  look ??= chooseLook();
  used ||= hooksAreOn();
  return used;
}

/** Takes out whatever is set in the context that is here. */
export function clearHere(): void {
  clear(executionAsyncResource() as Record<symbol, unknown>);
}

/** A context in which nothing is set, wherever it is asked for. */
export function emptyScope(): Scope {
  const made = here() as Held;
  clear(made);
  return made;
}

/** The same one each time, for code that sets nothing in it. */
export function outside(): Scope {
  empty ??= emptyScope();
  return empty;
}

let look: (() => Scope | undefined) | undefined;
let empty: Scope | undefined;
let used = false;

/** From here on Node need not tell that hooks are on as it does before. */
const UNKNOWN = 24;

/** A resource without a type is refused where a hook would be told of it, and only there. */
function hooksAreOn(): boolean {
  try {
    new AsyncResource('', OPTIONS);
    return false;
  } catch {
    return true;
  }
}

function clear(resource: Record<symbol, unknown>): void {
  for (const symbol of Object.getOwnPropertySymbols(resource)) {
    if (!OWN.has(symbol.description ?? '')) resource[symbol] = undefined;
  }
}

function chooseLook(): () => Scope | undefined {
  // Others have the interface, and keep what is set in ways of their own.
  const isNode = !('bun' in process.versions || 'deno' in process.versions);
  used = !isNode || Number.parseInt(process.versions.node, 10) >= UNKNOWN;
  if (!isNode) return here;
  const frame = Object.getOwnPropertySymbols(here()).find(({ description }) => description === 'context_frame');
  if (frame === undefined || !isUsed(frame)) return lookAtResource;
  used = true;
  return () => lookAtFrame(frame);
}

/** Whether this process keeps contexts as frames, which its flags decide. */
function isUsed(frame: symbol): boolean {
  const probe = new AsyncLocalStorage<boolean>();
  const used = probe.run(true, () => (here() as Held)[frame] !== undefined);
  probe.disable();
  return used;
}

function lookAtFrame(frame: symbol): Scope | undefined {
  const made = here() as Held;
  const stores = made[frame];
  return stores === undefined || isEmpty(stores) ? undefined : made;
}

const { values } = Map.prototype;

/** A map that is none by its prototype. */
function isEmpty(stores: unknown): boolean {
  try {
    for (const value of values.call(stores)) if (value !== undefined) return false;
    return true;
  } catch {
    return false;
  }
}

function lookAtResource(): Scope | undefined {
  const resource = executionAsyncResource() as Record<symbol, unknown>;
  const symbols = Object.getOwnPropertySymbols(resource);
  return symbols.length === 0 || symbols.every((symbol) => isNothing(resource, symbol)) ? undefined : here();
}

const isNothing = (resource: Record<symbol, unknown>, symbol: symbol): boolean =>
  resource[symbol] === undefined || OWN.has(symbol.description ?? '');
