/** What somebody is told of a task: made in the commit that it tells of, and sent as it is, however late. */
import { cutAtCharacter } from './graphemes.ts';
import type { TaskErrorJson } from './task.ts';
import { byteLength } from './text.ts';

/** Of what one can be told. */
export const NOTIFY_ON = ['input_required', 'completed', 'failed', 'cancelled', 'started', 'retrying'] as const;
export type NotifyOn = (typeof NOTIFY_ON)[number];

/** Of what one is told who has not said of what. */
export const NOTIFY_ON_DEFAULT: readonly NotifyOn[] = ['input_required', 'completed', 'failed', 'cancelled'];

/** Whom a task tells of what. */
export interface Addressee {
  /** A channel's name, with `:` and a target behind it where it has several. */
  address: string;
  on: readonly NotifyOn[];
}

/** What is stored with a task of which somebody is told. */
export interface Delivering {
  to: readonly Addressee[];
  /** Whoever can be shown that somebody is typing is shown it while the task runs. */
  typing: boolean;
}

/** What is told, on the wire and in a webhook's body: at most 20,000 bytes of JSON. */
export interface Notification {
  /** `task.test` of one that is sent to try a channel. */
  type: `task.${NotifyOn | 'test'}`;
  /** When it happened; ISO-8601, UTC. */
  timestamp: string;
  data: NotificationData;
}

/** The task as it was then. */
export interface NotificationData {
  task_id: string;
  name: string;
  /** Empty for commands. */
  recipe: string;
  status: string;
  session_id: string | null;
  /** From 1; 0: it never started. */
  attempt: number;
  /** What a recipe for prompts was asked, its beginning. */
  prompt?: string;
  /** Of a completed one, where it is not too long. */
  result?: unknown;
  /** The beginning of one that is: of its text, else of its JSON. */
  result_truncated?: string;
  error?: Pick<TaskErrorJson, 'code' | 'name' | 'message' | 'retryable'>;
  /** Why it was cancelled. */
  reason?: string;
  /** What it asks, by key. `schema` is left out where it is long. */
  input_requests?: Record<string, { message: string; schema?: unknown; expires_at?: string }>;
}

/** An event that somebody is told of, and its task. */
export interface ToldEvent {
  kind: string;
  /** Milliseconds since the epoch. */
  at: number;
  /** JSON text. */
  data: string;
  task: string;
  recipe: string;
  name: string;
  session: string | null;
  attempt: number;
  /** JSON text of the payloads; null: there is none, or it cannot be read here. */
  input: string | null;
  result: string | null;
  /** A codec keeps the result, so that it cannot be told. */
  isSealed: boolean;
}

/** A body has at most so many bytes of JSON. */
const MOST = 20_000;
/** Of texts that may be long, in UTF-16 code units. */
const LONG = 2_000;
/** Bytes of a schema's JSON. */
const LONGEST_SCHEMA = 4_000;
const LONGEST_PROMPT = 200;

const KINDS: Readonly<Record<string, NotifyOn>> = {
  started: 'started',
  retry_scheduled: 'retrying',
  input_requested: 'input_required',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

const STATUS: Readonly<Record<NotifyOn, string>> = {
  started: 'running',
  retrying: 'pending',
  input_required: 'input_required',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

/** Of what an event of that kind tells; undefined: of nothing that anybody is told of. */
export const notifyOnOf = (kind: string): NotifyOn | undefined => KINDS[kind];

/** What is told of an event; undefined where nobody is told of such a one: that a task goes on after an answer. */
export function notificationOf(event: ToldEvent): { on: NotifyOn; body: Notification } | undefined {
  const on = notifyOnOf(event.kind);
  const data = JSON.parse(event.data) as Record<string, unknown>;
  if (on === undefined || (on === 'started' && data.resume === true)) return undefined;
  const facts: NotificationData = {
    task_id: event.task,
    name: event.name,
    recipe: event.recipe,
    status: STATUS[on],
    session_id: event.session,
    attempt: typeof data.attempt === 'number' ? data.attempt : event.attempt,
    ...promptOf(event.input),
    ...DETAILS[on]?.(data),
  };
  const body: Notification = { type: `task.${on}`, timestamp: new Date(event.at).toISOString(), data: facts };
  return { on, body: on === 'completed' ? withResult(body, event) : body };
}

const DETAILS: { readonly [On in NotifyOn]?: (data: Record<string, unknown>) => Partial<NotificationData> } = {
  failed: ({ error }) => errorOf(error as TaskErrorJson),
  retrying: ({ error }) => errorOf(error as TaskErrorJson),
  cancelled: ({ reason }) => (typeof reason === 'string' ? { reason: cutAtCharacter(reason, LONG) } : {}),
  input_required: ({ key, message, schema, expires_at }) => ({
    input_requests: {
      [String(key)]: {
        message: cutAtCharacter(String(message), LONG),
        ...(schema === undefined || byteLength(JSON.stringify(schema)) > LONGEST_SCHEMA ? {} : { schema }),
        ...(typeof expires_at === 'number' ? { expires_at: new Date(expires_at).toISOString() } : {}),
      },
    },
  }),
};

const errorOf = ({ code, name, message, retryable }: TaskErrorJson): Partial<NotificationData> => ({
  error: { code, name: cutAtCharacter(name, LONGEST_PROMPT), message: cutAtCharacter(message, LONG), retryable },
});

function promptOf(input: string | null): { prompt?: string } {
  const { prompt } = input === null ? {} : ((JSON.parse(input) ?? {}) as { prompt?: unknown });
  return typeof prompt === 'string' && prompt !== '' ? { prompt: cutAtCharacter(prompt, LONGEST_PROMPT) } : {};
}

function withResult(body: Notification, { result, isSealed }: ToldEvent): Notification {
  if (isSealed) return withData(body, { result_truncated: '(kept by a codec)' });
  if (result === null) return withData(body, { result: null });
  const value: unknown = JSON.parse(result);
  const whole = withData(body, { result: value });
  if (byteLength(JSON.stringify(whole)) <= MOST) return whole;
  return withData(body, { result_truncated: cutAtCharacter(typeof value === 'string' ? value : result, LONG) });
}

const withData = (body: Notification, more: Partial<NotificationData>): Notification => ({
  ...body,
  data: { ...body.data, ...more },
});
