/**
 * Gives the hooks of workers the events that they want: at least once, in order, in one process at a time. Where they are is
 * kept in the store, under their name, as for a consumer; the lease is for the time of one portion.
 */
import { randomBytes } from 'node:crypto';
import type { HookEvents, Hooks } from '../../ports/hooks.ts';
import type { Sweep } from '../../ports/sweep.ts';
import type { FeedAnswer } from '../../store/types.ts';
import { type FeedEvent, type FeedKind, feedEventFromJson, feedEventJson } from '../../wire/feed.ts';
import type { VerbContext } from '../verb-context.ts';

const PORTION = 100;
/** Events of a task, when these are asked for by their kinds. */
const MOST = 1000;
/** Milliseconds that the hooks may take for one, before another process may begin with the same events. */
const LEASE = 60_000;

/** A sweep for each of the hooks that want events. */
export const hookSweeps = (context: VerbContext, hooks: readonly Hooks[]): Sweep[] =>
  hooks.flatMap(({ name, events }) => (events === undefined ? [] : [new HookSweep(context, name, events)]));

class HookSweep implements Sweep {
  readonly name: string;
  readonly #context: VerbContext;
  readonly #wanted: HookEvents;
  readonly #reader: { name: string; owner: string };
  /** Up to here there is nothing for them; undefined: not looked at yet. */
  #seen: number | undefined;

  constructor(context: VerbContext, name: string, wanted: HookEvents) {
    this.name = `events of hooks '${name}'`;
    this.#context = context;
    this.#wanted = wanted;
    this.#reader = { name: `hooks:${name}`, owner: `hooks_${randomBytes(8).toString('hex')}` };
  }

  /** A look only: most commits bring nothing that they want. */
  async nextAt(now: number): Promise<number | null> {
    if (this.#seen === undefined) return now;
    const page = await this.#page(this.#seen);
    if (page === null || page.events.length > 0) return page && now;
    this.#seen = page.next;
    return page.more ? now : null;
  }

  async run(_now: number): Promise<number> {
    const taken = await this.#context.run('takeOver', { ...this.#reader, from: 'now', lease: LEASE });
    if ('heldFor' in taken) return 0;
    let after: number | null = null;
    try {
      const page = await this.#page(taken.after);
      if (page === null) return 0;
      const events = shown(page);
      if (events.length > 0) await this.#wanted.take(events, (id, kinds) => this.#told(id, kinds));
      after = page.next;
      this.#seen = after;
      return events.length;
    } finally {
      await this.#context.run('holdOn', { ...this.#reader, epoch: taken.epoch, after, lease: 0 });
    }
  }

  #page(n: number) {
    const { kinds } = this.#wanted;
    const query = { limit: PORTION, kinds, task: null, recipe: null, session: null };
    return this.#context.run('feed', { ...query, after: { store: null, n } });
  }

  async #told(task: string, kinds: readonly FeedKind[]): Promise<FeedEvent[]> {
    const query = { limit: MOST, kinds, task, recipe: null, session: null };
    const page = await this.#context.run('feed', { ...query, after: { store: null, n: 0 } });
    return page === null ? [] : shown(page);
  }
}

const shown = ({ store, events }: FeedAnswer): FeedEvent[] =>
  events.map((event) => feedEventFromJson(feedEventJson(store, event)));
