/** One event for a person. */
import type { TaskEventJson } from '../../wire/event.ts';
import { percent } from './duration.ts';
import { type Look, shown, USUAL } from './look.ts';
import { localTime } from './time.ts';

/** An event of a task, or that one has gone. */
type Shown = Pick<TaskEventJson, 'task_id' | 'at' | 'seq'> & { kind: string; data: unknown };

/** `2026-01-31 11:00:00    3 progress 45% step 2 of 4`; of several tasks, by their names, `… [9f1c20ab] name 3 progress …`. */
export function eventLine({ task_id, at, seq, kind, data }: Shown, look: Look = USUAL, name?: string): string {
  const text = told(kind, (data ?? {}) as Record<string, unknown>);
  const whose = name === undefined ? '' : ` [${task_id.replace(/^task_/, '').slice(0, 8)}] ${shown(name, look)}`;
  return `${localTime(at)}${whose} ${String(seq).padStart(4)} ${kind}${text === '' ? '' : ` ${shown(text, look)}`}`;
}

/** What a person wants to read of it; of kinds without a form of their own all that they hold. */
function told(kind: string, data: Record<string, unknown>): string {
  switch (kind) {
    case 'submitted':
      return words(data.name);
    case 'progress':
      return words(typeof data.fraction === 'number' ? percent(data.fraction) : '', data.message, jsonOf(data.data));
    case 'log':
      return words(data.line);
    case 'warning':
      return words(data.message, typeof data.reason === 'string' ? `(${data.reason})` : '');
    case 'tool':
      return words(data.name, data.ok === true ? 'ok' : 'failed', `(${data.ms} ms, ${data.step}:${data.call})`);
    case 'cleared':
      return '';
    case 'output':
      return typeof data.chunk === 'string' ? data.chunk : (JSON.stringify(data.chunk) ?? '');
    default:
      return Object.entries(data)
        .filter(([, value]) => value !== null)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' ');
  }
}

const jsonOf = (value: unknown): string | undefined => JSON.stringify(value);

const words = (...parts: unknown[]): string =>
  parts.filter((part) => typeof part === 'string' && part !== '').join(' ');
