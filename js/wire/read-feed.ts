/** The feed as an iteration, over whatever answers the verbs. */
import { FeedResetError, storeReason } from '../errors/refusal.ts';
import { checkObject } from './check.ts';
import {
  type FeedEvent,
  type FeedEventJson,
  type FeedOptions,
  type FeedPage,
  type FeedQuery,
  feedEventFromJson,
} from './feed.ts';
import type { AbortSignal } from './globals.ts';

/** The verbs that it is read by. */
export interface FeedVerbs {
  feed(query: FeedQuery): Promise<FeedPage>;
  changes(options: { signal?: AbortSignal | undefined; dropNothing: boolean }): AsyncIterable<void>;
}

const KEYS: Record<keyof FeedOptions, true> = {
  after: true,
  limit: true,
  kinds: true,
  task: true,
  recipe: true,
  session: true,
  follow: true,
  signal: true,
};

/** The events as the TypeScript API has them; nothing is read before somebody asks for the first one. */
export async function* feedOf(verbs: FeedVerbs, options: FeedOptions = {}): AsyncGenerator<FeedEvent, void, undefined> {
  for await (const event of feedJson(verbs, options)) yield feedEventFromJson(event);
}

/**
 * The same as on the wire. Throws a `FeedResetError` where the feed does not go on from its cursor. Of what follows a page is
 * read after a commit of any process: of what nobody takes nothing is held but that page.
 */
export async function* feedJson(
  verbs: FeedVerbs,
  options: FeedOptions = {},
): AsyncGenerator<FeedEventJson, void, undefined> {
  checkObject('options', options, KEYS);
  const { follow = false, signal, ...query } = options;
  const reader = new Reader(verbs, query);
  const moments = follow ? verbs.changes({ signal, dropNothing: true }) : [undefined];
  for await (const _ of moments) {
    do {
      if (signal?.aborted) return;
      for (const event of await reader.read()) {
        yield event;
        if (signal?.aborted) return;
      }
    } while (reader.more);
  }
}

class Reader {
  readonly #verbs: FeedVerbs;
  readonly #query: FeedQuery;
  #after: FeedQuery['after'];
  more = false;

  constructor(verbs: FeedVerbs, query: FeedQuery) {
    this.#verbs = verbs;
    this.#query = query;
    this.#after = query.after;
  }

  async read(): Promise<FeedEventJson[]> {
    const { events, next, more, reset } = await this.#page();
    if (reset !== undefined) throw new FeedResetError(reset, next);
    this.#after = next;
    this.more = more;
    return events;
  }

  /** A file that was removed or replaced is told once; what is there then says that it is another one. */
  async #page(): Promise<FeedPage> {
    const query: FeedQuery = { ...this.#query, after: this.#after };
    try {
      return await this.#verbs.feed(query);
    } catch (error) {
      if (storeReason(error) !== 'gone') throw error;
      return this.#verbs.feed(query);
    }
  }
}
