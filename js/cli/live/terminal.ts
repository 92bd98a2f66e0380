import type { IO, Out } from '../io.ts';

/** Whether lines can be redrawn there: a terminal that understands how to move the cursor. */
export const canRedraw = ({ env }: Pick<IO, 'env'>, out: Out): boolean => out.isTTY && env.TERM !== 'dumb';

/** Whether somebody can be asked there: what is typed comes from a terminal, and what is asked goes to one. */
export const canAsk = ({ stdin, stderr }: Pick<IO, 'stdin' | 'stderr'>): boolean => stdin.isTTY && stderr.isTTY;
