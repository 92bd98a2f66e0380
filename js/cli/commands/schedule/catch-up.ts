import { invalid } from '../../../errors/argument.ts';
import type { ScheduleCatchUp } from '../../../wire/schedule.ts';

/** `one`, `none`, or a number. */
export function catchUp(text: string): ScheduleCatchUp {
  if (text === 'one' || text === 'none') return text;
  if (/^\d{1,4}$/.test(text) && Number(text) >= 1 && Number(text) <= 1000) return Number(text);
  throw invalid('--catch-up', text, 'one, none, or a number from 1 to 1000');
}
