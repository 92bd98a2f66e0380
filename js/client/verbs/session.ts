import { shownExchange } from '../../store/exchanges.ts';
import type { SessionPage } from '../../wire/answers.ts';
import { checkNumber, checkWhole } from '../../wire/check.ts';
import { MOST_EXCHANGES, messagesOf, type SessionMessage } from '../../wire/conversation.ts';
import { eventJson } from '../../wire/convert.ts';
import type { VerbContext } from '../verb-context.ts';
import { list, MAX_PAGE_SIZE } from './list.ts';

/** How many events are shown where nobody says otherwise. */
const EVENTS = 1_000;

async function conversationOf(context: VerbContext, session: string): Promise<SessionMessage[]> {
  const found = await context.run('conversation', { session, limit: MOST_EXCHANGES });
  return messagesOf(found.map(shownExchange));
}

/** The tasks of a session with their relatives, and the last of its events. A session that nobody used is empty. */
export async function session(
  context: VerbContext,
  id: string,
  { limit = EVENTS }: { limit?: number } = {},
): Promise<SessionPage> {
  checkWhole('session', id);
  checkNumber('limit', limit, 1);
  const { tasks, next, cut } = await list(context, { sessionId: id, relatives: true, pageSize: MAX_PAGE_SIZE });
  const messages = await conversationOf(context, id);
  const last = await context.run('sessionEvents', { session: id, limit: limit + 1 });
  const events = last.slice(-limit).map(({ task, ...event }) => eventJson(task, event));
  const isCut = next !== null || cut === true || last.length > limit;
  return { session_id: id, tasks, messages, events, ...(isCut ? { cut: true as const } : {}) };
}
