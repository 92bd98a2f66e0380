/** The rows of the table, in its order. */
import { row as drain } from './a-drain.mjs';
import { row as each } from './b-each.mjs';
import { row as deadlines } from './c-deadlines.mjs';
import { row as millisecond } from './d-millisecond.mjs';
import { row as memory } from './e-memory.mjs';
import { row as submit } from './f-submit.mjs';
import { row as cancel } from './g-cancel.mjs';
import { row as start } from './h-start.mjs';
import { row as context } from './i-context.mjs';
import { row as timer } from './j-timer.mjs';

export const ROWS = [drain, each, deadlines, millisecond, memory, submit, cancel, start, context, timer];
