/** What a schedule's text means. */

/** How moments come about. */
export type ScheduleKind = 'interval' | 'once' | 'cron';

/** When something is to happen. Times are milliseconds. */
export type Plan =
  | { kind: 'interval'; every: number }
  /** Since the epoch. */
  | { kind: 'once'; at: number }
  /** Five fields. */
  | { kind: 'cron'; fields: string };

/** Where and when a text is read. */
export interface Reading {
  /** A time zone's name, as `Europe/Berlin`. */
  zone: string;
  /** Milliseconds since the epoch. */
  now: number;
}
