/** Schedules as people read them. */
import type { ScheduleJson } from '../../../wire/schedule.ts';
import { escaped } from '../../human/escape.ts';
import { localTime } from '../../human/time.ts';

/** One, in one line. */
export function scheduleText({ name, when, zone, state, next_at, message, schedule_status }: ScheduleJson): string {
  const next = next_at === null ? state : `next ${localTime(next_at)}`;
  const { signal: known } = schedule_status;
  const signal = known === null || known === state ? '' : `  ${known.replace('_', ' ')}`;
  const told = message === null ? '' : '  message';
  return `${escaped(name)}  ${escaped(when)} (${zone})  ${next}${told}${signal}`;
}

/** One a line, in columns. */
export function scheduleTable(all: readonly ScheduleJson[]): string {
  if (all.length === 0) return 'No schedules';
  const width = (of: (one: ScheduleJson) => string): number => Math.max(...all.map((one) => of(one).length));
  const [names, whens] = [width(({ name }) => escaped(name)), width(({ when }) => escaped(when))];
  return all
    .map((one) => {
      const { name, when, state, next_at, fired, skipped, schedule_status } = one;
      const next = next_at === null ? state : `next ${localTime(next_at)}`;
      const signal = schedule_status.signal === null ? '' : `  ${schedule_status.signal.replace('_', ' ')}`;
      const missed = skipped === 0 ? '' : `, ${skipped} skipped`;
      return `${escaped(name).padEnd(names)}  ${escaped(when).padEnd(whens)}  ${next}  ${fired} fired${missed}${signal}`;
    })
    .join('\n');
}

/** One, a fact a line. */
export function scheduleFacts(one: ScheduleJson): string {
  const facts: [string, string | null][] = [
    ['Id:', one.schedule_id],
    ['State:', one.state],
    ['Next:', one.next_at === null ? null : localTime(one.next_at)],
    ['Last:', one.last_at === null ? null : localTime(one.last_at)],
    ['Task:', one.last_task_id],
    ['Error:', one.last_error],
    ['Fired:', `${one.fired}, ${one.skipped} skipped`],
    ['Missed:', `catch up ${one.catch_up}`],
    ['Overlap:', one.overlap],
    ['Message:', one.message],
    ['Request:', one.request === null ? null : JSON.stringify(one.request)],
  ];
  const shown = facts.flatMap(([what, text]) => (text === null ? [] : [`${what.padEnd(9)}${escaped(text)}`]));
  return [scheduleText(one), ...shown].join('\n');
}
