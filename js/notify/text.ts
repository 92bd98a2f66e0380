/** What a person reads of what happened to a task. */
import { cutAtCharacter } from '../wire/graphemes.ts';
import type { Notification, NotificationData, NotifyOn } from '../wire/notification.ts';

/** Of a name or prompt, and of what is said of it, in UTF-16 code units. */
const LONGEST_NAME = 50;
const LONGEST_PART = 500;

const VERBS: { readonly [On in NotifyOn | 'test']: string } = {
  completed: 'Background task completed',
  failed: 'Background task failed',
  cancelled: 'Background task cancelled',
  input_required: 'Background task needs an answer',
  started: 'Background task started',
  retrying: 'Background task is tried again',
  test: 'Background task test',
};

const onOf = ({ type }: Notification): NotifyOn | 'test' => type.slice('task.'.length) as NotifyOn | 'test';

/** The first line. */
export const titleOf = (told: Notification): string => `${VERBS[onOf(told)]}: ${nameOf(told.data)}`;

/** All of it, with what cannot be read in one line behind it. */
export const textOf = (told: Notification): string => [titleOf(told), ...detailsOf(told)].join('\n');

/** All but the first line. */
export const restOf = (told: Notification): string => detailsOf(told).join('\n');

/** A name that somebody gave says more than a prompt, and that more than the name of its recipe. */
const nameOf = ({ name, recipe, prompt }: NotificationData): string =>
  oneLine(cutAtCharacter(name === recipe && prompt !== undefined ? prompt : name, LONGEST_NAME));

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

const part = (text: string): string => cutAtCharacter(text, LONGEST_PART);

function detailsOf(told: Notification): string[] {
  const { result, result_truncated: beginning, error, reason, input_requests } = told.data;
  switch (onOf(told)) {
    case 'completed':
      return [`Result: ${part(beginning ?? (typeof result === 'string' ? result : JSON.stringify(result ?? null)))}`];
    case 'failed':
    case 'retrying':
      return [`Error: ${part(error?.message ?? 'unknown')}`];
    case 'cancelled':
      return reason === undefined ? [] : [`Reason: ${part(reason)}`];
    case 'input_required':
      return Object.entries(input_requests ?? {}).flatMap(([key, { message }]) => [
        part(message),
        `Answer: offstage background respond ${told.data.task_id} ${typed(key)} --accept …`,
      ]);
    default:
      return [];
  }
}

/** As a shell takes it. */
const typed = (key: string): string => (/^[\w.:@/-]+$/.test(key) ? key : `'${key.replaceAll("'", `'\\''`)}'`);
