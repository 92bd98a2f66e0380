/** A part of a transaction that can be undone by itself. One at a time. */
import { changes } from './statement.ts';

export const beginPart = changes('part.begin', 'SAVEPOINT part');

export const keepPart = changes('part.keep', 'RELEASE part');

export const undoPart = changes('part.undo', 'ROLLBACK TO part');
