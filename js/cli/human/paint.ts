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

/** A word of ours in its colour, where there are colours. */
export const painted = (text: string, paint: Part['paint'], { color }: Pick<Look, 'color'>): string =>
  line([{ text, paint }], { width: text.length, color, mark: '' });
