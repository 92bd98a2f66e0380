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
  const reader = new FeedReader(verbs, query);
  for (;;) {
    const moments = follow ? verbs.changes({ signal, dropNothing: true }) : [undefined];
    try {
      for await (const _ of moments) yield* reader.all(signal);
      return;
    } catch (error) {
      // told once; what is there then says that it is another store
      if (storeReason(error) !== 'gone') throw error;
    }
  }
}

/** Reads the feed page by page, from its query's cursor on. */
export class FeedReader {
  readonly #verbs: Pick<FeedVerbs, 'feed'>;
  readonly #query: FeedQuery;
  #next: FeedQuery['after'];
  #more = true;

  constructor(verbs: Pick<FeedVerbs, 'feed'>, query: FeedQuery) {
    this.#verbs = verbs;
    this.#query = query;
    this.#next = query.after;
  }

  /** Where it goes on; undefined: at its query's beginning, as nothing was read yet. */
  get next(): FeedQuery['after'] {
    return this.#next;
  }

  /** Whether there was more than what was read last. */
  get more(): boolean {
    return this.#more;
  }

  /** The next page, of `limit` events at most. Throws a `FeedResetError` where the feed does not go on from there. */
  async page(limit = this.#query.limit): Promise<FeedEventJson[]> {
    const { events, next, more, reset } = await this.#verbs.feed({ ...this.#query, limit, after: this.#next });
    if (reset !== undefined) throw new FeedResetError(reset, next);
    this.#next = next;
    this.#more = more;
    return events;
  }

  /** What there is by now, page by page. */
  async *all(signal: AbortSignal | undefined): AsyncGenerator<FeedEventJson, void, undefined> {
    do {
      if (signal?.aborted) return;
      for (const event of await this.page()) {
        yield event;
        if (signal?.aborted) return;
      }
    } while (this.#more);
  }
}
