/** The events of all tasks: what there is, or also what comes. */
import { InvalidArgumentError } from '../../errors/argument.ts';
import type { TaskVerbs } from '../../ports/verbs.ts';
import { FEED_KINDS, type FeedEventJson, type FeedKind, type FeedQuery } from '../../wire/feed.ts';
import { FeedReader, feedJson } from '../../wire/read-feed.ts';
import type { Call } from '../command.ts';
import { eventLine } from '../human/event.ts';
import { lookOf } from '../human/look.ts';
import { stoppable } from '../interrupt.ts';
import { someOf, whole } from '../values.ts';

/** Events of a page. */
const PAGE = 1000;

/** The options that it is asked with. */
interface FeedFlags {
  readonly id: readonly string[];
  readonly kind: readonly string[];
  readonly recipe: string | undefined;
  readonly 'session-id': string | undefined;
  readonly after: string | undefined;
  readonly limit: string | undefined;
  readonly follow: boolean;
}

type FeedCall = Call & { flags: FeedFlags };

export async function showFeed(call: FeedCall): Promise<number> {
  const { flags, args } = call;
  if (args.length + flags.id.length > 0) {
    throw new InvalidArgumentError('--all: got it beside an id, expected one of them', { option: '--all' });
  }
  const query = queryOf(flags);
  const limit = flags.limit === undefined ? Number.POSITIVE_INFINITY : whole('--limit', flags.limit, 1);
  const verbs = await call.verbs();
  if (flags.follow) await follow(call, verbs, query, limit);
  else await show(call, verbs, query, limit);
  return 0;
}

function queryOf(flags: FeedFlags): FeedQuery {
  const { recipe, after } = flags;
  const session = flags['session-id'];
  const kinds = someOf<FeedKind>('--kind', flags.kind, FEED_KINDS);
  return {
    ...(kinds.length > 0 ? { kinds } : {}),
    ...(recipe === undefined ? {} : { recipe }),
    ...(session === undefined ? {} : { session }),
    ...(after === undefined ? {} : { after }),
  };
}

/** As a document all that there is; else line by line, a page at a time. */
async function show(call: FeedCall, verbs: TaskVerbs, query: FeedQuery, limit: number): Promise<void> {
  const shown: FeedEventJson[] = [];
  const reader = new FeedReader(verbs, query);
  let count = 0;
  do {
    const events = await reader.page(Math.min(PAGE, limit - count));
    count += events.length;
    if (call.globals.json) shown.push(...events);
    else for (const event of events) tellEvent(call, event);
  } while (reader.more && count < limit && !call.io.stdout.closed);
  if (call.globals.json) call.answer({ ok: true, events: shown, next: reader.next, more: reader.more }, '');
}

async function follow(call: FeedCall, verbs: TaskVerbs, query: FeedQuery, limit: number): Promise<void> {
  const again = call.typed('events', '--all', '--follow', '--after', 'now');
  let count = 0;
  await stoppable(call.io, { doing: 'following', again }, async (signal) => {
    for await (const event of feedJson(verbs, { ...query, limit: PAGE, follow: true, signal })) {
      tellEvent(call, event);
      count += 1;
      if (count >= limit || call.io.stdout.closed) return;
    }
    signal.throwIfAborted();
  });
}

const tellEvent = (call: Call, event: FeedEventJson): void =>
  call.answer({ ...event }, eventLine(event, lookOf(call), event.name));
