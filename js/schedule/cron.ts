/** Cron fields, read by croner: it is loaded when the first ones are met. */
import type { Cron } from 'croner';
import { lazily } from '../wire/lazily.ts';
import { messageOf } from '../wire/message.ts';

export const loadCroner = lazily(() => import('croner'));

const FIELDS = 'five cron fields: minute, hour, day of month, month, day of week';
const NAMES = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'];

/** Where day of month and day of week are both given either of them will do. */
export async function cronOf(fields: string, zone: string): Promise<Cron> {
  const croner = await loadCroner();
  return new croner.Cron(fields, { mode: '5-part', timezone: zone, paused: true });
}

/** The first moment after that one, ms since the epoch; null: none ever comes. */
export async function cronNext(fields: string, zone: string, after: number): Promise<number | null> {
  return (await cronOf(fields, zone)).nextRun(new Date(after))?.getTime() ?? null;
}

/** What is expected in place of what cannot be used. */
export async function fieldsProblem(fields: string, zone: string, now: number): Promise<string | undefined> {
  if (fields.startsWith('@') && !NAMES.includes(fields.toLowerCase()))
    return `one of ${NAMES.join(', ')}, or ${FIELDS}`;
  try {
    return (await cronNext(fields, zone, now)) === null ? 'a moment that comes: this one never does' : undefined;
  } catch (error) {
    return `${FIELDS}; ${messageOf(error).replace(/^CronPattern: /, '')}`;
  }
}
