/** A page of tasks for a person. */
import pc from 'picocolors';
import type { TaskPage } from '../../client/index.ts';
import type { TaskJson, TaskStatus } from '../../wire/task.ts';
import { box } from './box.ts';
import { percent, shortDuration } from './duration.ts';
import { escaped } from './escape.ts';

const SIGNS: Readonly<Record<TaskStatus, string>> = {
  pending: '⏳',
  running: '🔄',
  input_required: '❓',
  completed: '✅',
  failed: '❌',
  cancelled: '🚫',
};

/** Width when stdout is no terminal, or one that does not know its own. */
const COLUMNS = 80;

export interface Look {
  columns: number | undefined;
  color: boolean;
}

/** The page in a box, one task a line. */
export function pageBox(page: TaskPage, { columns, color }: Look): string {
  const lines = page.tasks.map(taskLine);
  const text = box('Background Tasks', lines, columns || COLUMNS);
  // coloured after it was fitted, so that no cut goes through an escape sequence
  return color ? coloured(text, page.tasks) : text;
}

/** `🔄 [9f1c20ab] name - running (45s) 45%`. */
export function taskLine(task: TaskJson): string {
  const id = task.task_id.replace(/^task_/, '').slice(0, 8);
  return `${SIGNS[task.status] ?? '❓'} [${id}] ${escaped(task.name)} - ${task.status}${more(task)}`;
}

function more(task: TaskJson): string {
  const { kind, signals, needs_attention } = task.task_status;
  switch (task.status) {
    case 'running':
      return [
        task.duration === null ? '' : ` (${shortDuration(task.duration)})`,
        task.progress > 0 ? ` ${percent(task.progress)}` : '',
        needs_attention ? ` ! ${kind}` : '',
      ].join('');
    case 'pending':
      return `${kind === 'queued' ? '' : ` (${kind})`}${signals.includes('no_worker') ? ' ! no worker' : ''}`;
    case 'failed':
      return task.error === null ? '' : `: ${escaped(task.error.message)}`;
    case 'cancelled':
      return signals.includes('stopping') ? ' (stopping)' : '';
    default:
      return '';
  }
}

function coloured(text: string, tasks: readonly TaskJson[]): string {
  const colors = pc.createColors(true);
  const paint: Readonly<Record<TaskStatus, (text: string) => string>> = {
    pending: colors.dim,
    running: colors.cyan,
    input_required: colors.yellow,
    completed: colors.green,
    failed: colors.red,
    cancelled: colors.dim,
  };
  const rows = text.split('\n');
  return rows
    .map((row, index) => {
      const task = tasks[index - 1];
      // its last occurrence in front of what follows it: a name may hold the word too
      const at =
        task === undefined ? -1 : row.indexOf(` - ${task.status}`, row.indexOf('] ') + escaped(task.name).length);
      if (task === undefined || at < 0) return row;
      const end = at + 3 + task.status.length;
      return `${row.slice(0, at + 3)}${paint[task.status](task.status)}${row.slice(end)}`;
    })
    .join('\n');
}
