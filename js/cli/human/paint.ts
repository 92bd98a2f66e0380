import type { TaskStatus } from '../../wire/task.ts';
import { line, type Part } from './line.ts';
import type { Look } from './look.ts';

/** Each state has its colour, wherever it stands. */
export const PAINT: Readonly<Record<TaskStatus, NonNullable<Part['paint']>>> = {
  pending: 'dim',
  running: 'cyan',
  input_required: 'yellow',
  completed: 'green',
  failed: 'red',
  cancelled: 'dim',
};

export const paintStatus = (status: TaskStatus, { color }: Look): string =>
  line([{ text: status, paint: PAINT[status] }], { width: status.length, color, mark: '' });
