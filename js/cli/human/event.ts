/** One event for a person. */
import type { TaskEventJson } from '../../wire/event.ts';
import { percent } from './duration.ts';
import { escaped } from './escape.ts';

/** `2026-01-31T10:00:00.000Z    3 progress 45% step 2 of 4`; with a label, behind the time. */
export function eventLine({ at, seq, kind, data }: TaskEventJson, label?: string): string {
  const text = told(kind, (data ?? {}) as Record<string, unknown>);
  const whose = label === undefined ? '' : ` ${label}`;
  return `${at}${whose} ${String(seq).padStart(4)} ${kind}${text === '' ? '' : ` ${escaped(text)}`}`;
}

/** What a person wants to read of it; of kinds without a form of their own all that they hold. */
function told(kind: TaskEventJson['kind'], data: Record<string, unknown>): string {
  switch (kind) {
    case 'submitted':
      return words(data.name);
    case 'progress':
      return words(typeof data.fraction === 'number' ? percent(data.fraction) : '', data.message);
    case 'log':
      return words(data.line);
    case 'output':
      return typeof data.chunk === 'string' ? data.chunk : (JSON.stringify(data.chunk) ?? '');
    default:
      return Object.entries(data)
        .filter(([, value]) => value !== null)
        .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
        .join(' ');
  }
}

const words = (...parts: unknown[]): string =>
  parts.filter((part) => typeof part === 'string' && part !== '').join(' ');
