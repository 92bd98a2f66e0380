/** One task that is waited for, in one line: who it is, what it does, how far it is, since when. */
import stringWidth from 'string-width';
import { isTerminal, type TaskJson } from '../../wire/task.ts';
import { shortDuration } from '../human/duration.ts';
import { fit, line, type Part } from '../human/line.ts';
import { taskParts } from '../human/list.ts';
import { type Look, shown } from '../human/look.ts';

/** Columns of a bar, which takes a quarter of what is left; one of fewer than the least says nothing. */
const BAR = 20;
const LEAST_BAR = 6;
/** The same of a message. */
const LEAST_MESSAGE = 8;

/** `🔄 [9f1c20ab] name - running (45s) 45% █████████▒▒▒▒▒▒▒▒▒▒▒ step 2 of 4`, at most so wide. */
export function liveLine(task: TaskJson, look: Look, width: number, now = Date.now()): string {
  const parts = [...taskParts(task, look, now), since(task, now)];
  const room = width - parts.reduce((sum, { text }) => sum + stringWidth(text), 0);
  return line([...parts, ...howFar(task, look, room)], { width, color: look.color, mark: markOf(look) });
}

const markOf = ({ fancy }: Look): string => (fancy ? '…' : '...');

/** Of one that runs, or that will start by the clock, its line says it already. */
function since({ status, created_at, duration, input_requests, task_status }: TaskJson, now: number): Part {
  if (isTerminal(status)) return { text: duration === null ? '' : ` (${shortDuration(duration)})`, paint: 'dim' };
  if (status !== 'input_required' && task_status.kind !== 'queued') return { text: '' };
  const asked = Object.values(input_requests).map(({ requested_at }) => requested_at);
  const seconds = (now - Date.parse(asked.sort()[0] ?? created_at)) / 1000;
  return { text: ` (${shortDuration(Math.max(0, seconds))})`, paint: 'dim' };
}

/** A bar and what the task says, as far as there is room for them. */
function howFar({ status, progress, progress_message }: TaskJson, look: Look, room: number): Part[] {
  if (status !== 'running') return [];
  const width = Math.min(BAR, room - 1, Math.max(LEAST_BAR, Math.floor(room / 4)));
  const bar = progress > 0 && width >= LEAST_BAR ? ` ${barOf(progress, width, look)}` : '';
  const left = room - stringWidth(bar) - 1;
  const message =
    progress_message === null || left < LEAST_MESSAGE ? '' : fit(shown(progress_message, look), left, markOf(look));
  return [
    { text: bar, paint: 'cyan' },
    { text: message === '' ? '' : ` ${message}`, paint: 'dim' },
  ];
}

/** Full only when all is done. */
function barOf(fraction: number, width: number, { fancy }: Look): string {
  const [full, empty, inner] = fancy ? ['█', '░', width] : ['#', '.', width - 2];
  const done = Math.min(inner, Math.floor(fraction * inner + 1e-9));
  const bar = full.repeat(done) + empty.repeat(inner - done);
  return fancy ? bar : `[${bar}]`;
}
