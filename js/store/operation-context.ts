/** What an operation knows besides its arguments. */
import type { Moment } from '../ports/backend.ts';
import type { Sight } from '../ports/sight.ts';
import type { ClockWatch } from './clock-watch.ts';
import type { Live } from './live.ts';
import type { Notes } from './notes.ts';
import type { Tally } from './tally.ts';

export interface Context extends Moment {
  /** How people are told which store this is. */
  readonly store: string;
  /** What this process remembers of its own clocks. */
  readonly clock: ClockWatch;
  /** What it can see of other processes. */
  readonly sight: Sight;
  /** Of the program that writes; one that only reads leaves it empty. */
  readonly tally: Tally;
  /** Of the moment. */
  readonly notes: Notes;
  /** Records that need not be read; absent where none can be held. */
  readonly live: Live | undefined;
  /** Tasks that it has ended, by their `seq`, and what is to follow. */
  readonly sequels: Map<number, string>;
  /** Events that somebody may be told of, by the `seq` of their task and their own. */
  readonly told: { task: number; seq: number }[];
}
