/** What a worker has left in its log about its end. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { gistOf } from '../../worker/gist.ts';

/** Bytes and lines that are looked at, from the end. */
const MOST_BYTES = 64 * 1024;
const MOST_LINES = 20;

/** A line of a worker, in any form of it; what is no such line was printed by a process that could not get that far. */
interface Line {
  event?: string;
  worker_id?: string;
  text?: string;
  /** As `OFFSTAGE_LOG=json` has it. */
  msg?: string;
}

/** As `OFFSTAGE_LOG=text` has it: its moment, its level, what it is and of which worker. */
const AS_TEXT = /^\d{4}-\S+Z (?:info|warn|error) (?<event>\w+)(?: (?<worker_id>worker_\w+))?[^:]*: (?<text>.*)$/;

/** What only a worker tells that got to work; the first of them may stand further up than is looked at. */
const READY: readonly string[] = [
  ...['ready', 'started', 'finished', 'stopped'],
  ...['worker_ready', 'attempt_started', 'attempt_ended', 'worker_stopped'],
];

/** What stands in the log behind `from`: whether that worker got to work, and what went wrong. */
export function saidSince(log: string | undefined, from: number, worker: string): { ready: boolean; said: string } {
  const lines = log === undefined ? [] : linesSince(log, from);
  const own = lines.flatMap((line) => eventOf(line) ?? []).filter(({ worker_id }) => worker_id === worker);
  const troubles = own.flatMap(({ event, msg, text = msg }) => (event === 'trouble' && text ? [text] : []));
  const printed = lines.filter((line) => line.trim() !== '' && eventOf(line) === undefined);
  const ready = own.some(({ event = '' }) => READY.includes(event));
  return { ready, said: (troubles.length > 0 ? troubles.slice(-1) : gistOf(printed).slice(-MOST_LINES)).join('\n') };
}

function eventOf(line: string): Line | undefined {
  if (!line.startsWith('{')) return AS_TEXT.exec(line)?.groups;
  try {
    return JSON.parse(line) as Line;
  } catch {
    return undefined;
  }
}

function linesSince(log: string, from: number): string[] {
  try {
    const file = openSync(log, 'r');
    try {
      const { size } = fstatSync(file);
      const first = size < from ? 0 : from; // shorter than before: it was moved aside
      const start = Math.max(first, size - MOST_BYTES);
      const bytes = Buffer.alloc(size - start);
      const lines = bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, start)).split('\n');
      return start === first ? lines : lines.slice(1); // of one that is cut nobody knows whose it is
    } finally {
      closeSync(file);
    }
  } catch {
    return []; // it was removed
  }
}
